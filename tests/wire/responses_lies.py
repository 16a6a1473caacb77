"""Responses streams that lie once, over HTTP and on a socket, and some that only look as if they did."""

from __future__ import annotations

from typing import Any

from conformance.wire.grammar import DONE
from tests.wire.chat_lies import ERROR, Lies
from tests.wire.legal_streams import Payloads, numbered, response

ITEM = {"type": "message", "id": "msg_1", "status": "in_progress", "role": "assistant", "content": []}
PART = {"type": "output_text", "text": ""}
AT = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
WHOLE = {**PART, "text": "hello"}
GARBLED = {**PART, "text": "x"}
ENDED = {**ITEM, "status": "completed", "content": [WHOLE]}


def message_events() -> dict[str, dict[str, Any]]:
    return {
        "created": {"type": "response.created", "response": response("in_progress", [])},
        "in_progress": {"type": "response.in_progress", "response": response("in_progress", [])},
        "item": {"type": "response.output_item.added", "output_index": 0, "item": ITEM},
        "part": {"type": "response.content_part.added", **AT, "part": PART},
        "he": {"type": "response.output_text.delta", **AT, "delta": "he"},
        "llo": {"type": "response.output_text.delta", **AT, "delta": "llo"},
        "text": {"type": "response.output_text.done", **AT, "text": "hello"},
        "part done": {"type": "response.content_part.done", **AT, "part": WHOLE},
        "item done": {"type": "response.output_item.done", "output_index": 0, "item": ENDED},
        "completed": {"type": "response.completed", "response": response("completed", [ENDED])},
    }


def message(**changes: Any) -> Payloads:
    """The stream with events replaced, or left out where None; ``at_KEY`` inserts before an event."""
    events = message_events()
    changed = {
        key.replace("_", " ") if key != "in_progress" else key: value for key, value in changes.items()
    }
    result: Payloads = []
    for key, event in events.items():
        result += changed.get(f"at {key}", [])
        if changed.get(key, event) is not None:
            result.append(changed.get(key, event))
    return numbered(result + changed.get("end", []))


E = message_events()
INCOMPLETE = {"type": "response.incomplete", "response": response("incomplete", [ENDED])}
FAILED = {"type": "response.failed", "response": response("failed", [])}
NESTED_ERROR = {"type": "error", "error": {"message": "m", "code": "c"}}
PHANTOM = {"item_id": "chatcmpl-1", "output_index": 1, "content_index": 0}
PHANTOM_EVENTS = [
    {"type": "response.output_text.done", **PHANTOM, "text": "x"},
    {"type": "response.content_part.done", **PHANTOM, "part": {**PART, "text": "x"}},
    {"type": "response.output_item.done", "output_index": 1, "item": {**ENDED, "id": "chatcmpl-1"}},
]


def with_response(event: dict[str, Any], **response_fields: Any) -> dict[str, Any]:
    return {**event, "response": {**event["response"], **response_fields}}


def created(**fields: Any) -> dict[str, Any]:
    return with_response(E["created"], **fields)


def completed(**fields: Any) -> dict[str, Any]:
    return with_response(E["completed"], **fields)


def moved(event: dict[str, Any], index: str) -> dict[str, Any]:
    return {**event, index: 1} if index in event else event


RESPONSE_LIES: Lies = {
    "no created": (message(created=None), "first_event"),
    "created twice": (message(at_item=[E["created"]]), "opened_once"),
    "in_progress twice": (message(at_item=[E["in_progress"]]), "lifecycle_order"),
    "queued after in_progress": (
        message(at_item=[{"type": "response.queued", "response": response("queued", [])}]),
        "lifecycle_order",
    ),
    "no terminal": (message(completed=None), "exactly_one_terminal"),
    "terminal twice": (message(end=[E["completed"]]), "exactly_one_terminal"),
    "two terminals": (message(end=[FAILED]), "exactly_one_terminal"),
    "delta after the terminal": (message(end=[E["he"]]), "nothing_after_terminal"),
    "delta after an error": (message(at_text=[NESTED_ERROR], completed=None), "error_position"),
    "item never announced": (message(item=None), "opened_before_use"),
    "part never announced": (message(part=None), "opened_before_use"),
    "phantom item": (message(at_completed=PHANTOM_EVENTS), "opened_before_use"),
    "item announced twice": (message(at_part=[E["item"]]), "opened_once"),
    "part announced twice": (message(at_he=[E["part"]]), "opened_once"),
    "item ended twice": (message(at_completed=[E["item done"]]), "closed_once"),
    "part ended twice": (message(at_item_done=[E["part done"]]), "closed_once"),
    "part after its item": (message(part_done=None, at_completed=[E["part done"]]), "closed_before_parent"),
    "item never ended": (message(item_done=None), "closed_before_terminal"),
    "item left open": (message(item_done=None, completed=INCOMPLETE), "closed_before_incomplete"),
    "delta after its part": (message(at_item_done=[E["llo"]]), "not_after_close"),
    "text never ended": (message(text=None), "done_before_close"),
    "text ended twice": (message(at_part_done=[E["text"]]), "done_once"),
    "delta after its text": (message(at_part_done=[E["llo"]]), "not_after_done"),
    "delta lost": (message(llo=None), "done_equals_deltas"),
    "deltas garbled": (message(he={**E["he"], "delta": "hhee"}), "done_equals_deltas"),
    "no deltas": (message(he=None, llo=None), "done_equals_deltas"),
    "text garbled": (message(text={**E["text"], "text": "hell"}), "done_equals_deltas"),
    "part garbled": (message(part_done={**E["part done"], "part": GARBLED}), "part_equals_done"),
    "item garbled": (
        message(item_done={**E["item done"], "item": {**ENDED, "content": [GARBLED]}}),
        "item_equals_done",
    ),
    "item without its content": (
        message(item_done={**E["item done"], "item": {**ENDED, "content": []}}),
        "item_equals_done",
    ),
    "no output": (message(completed=completed(output=[])), "terminal_output_equals_items"),
    "terminal output differs": (
        message(completed=completed(output=[{**ENDED, "content": [GARBLED]}])),
        "terminal_output_equals_items",
    ),
    "indexes start at 1": (
        numbered([moved(event, "output_index") for event in E.values()]),
        "index_contiguous_from_zero",
    ),
    "parts start at 1": (
        numbered([moved(event, "content_index") for event in E.values()]),
        "index_contiguous_from_zero",
    ),
    "completed though incomplete": (
        message(completed=completed(status="incomplete")),
        "terminal_matches_status",
    ),
    "born complete": (message(created=created(status="completed")), "status_matches_event"),
    "created with output": (message(created=created(output=[ENDED])), "starts_empty"),
    "usage from the start": (
        message(
            created=created(usage={}),
            in_progress=with_response(E["in_progress"], usage={}),
        ),
        "usage_only_at_end",
    ),
    "another response id": (message(completed=completed(id="resp_2")), "stable_id"),
    "another item id": (message(he={**E["he"], "item_id": "msg_2"}), "stable_item_id"),
    "two items share an id": (
        message(
            at_completed=[
                {"type": "response.output_item.added", "output_index": 1, "item": ITEM},
                {"type": "response.output_item.done", "output_index": 1, "item": ENDED},
            ],
            completed=completed(output=[ENDED, ENDED]),
        ),
        "item_ids_unique",
    ),
    "number skipped": (message()[:4] + numbered([{}] * 5 + message()[4:])[5:], "sequence_contiguous"),
    "numbers start at 1": (numbered([{}, *message()])[1:], "sequence_contiguous"),
}  # fmt: skip


def second_turn(**changes: Any) -> Payloads:
    events = message(**changes)
    return [with_response(event, id="resp_2") if "response" in event else event for event in events]


SOCKET_LIES: Lies = {
    "second turn without created": ([*message(), *second_turn(created=None)], "first_event"),
    "first turn never ends": ([*message(completed=None), *second_turn()], "exactly_one_terminal"),
    "numbers go on": ([*message(), *numbered([*message(), *second_turn()])[10:]], "sequence_contiguous"),
    "delta after the end": ([*message(), E["he"]], "nothing_after_terminal"),
}


TOLERATED = {
    "one done marker": [*message(), DONE],
    "no in_progress": message(in_progress=None),
    "queued first": message(
        created=created(status="queued"),
        in_progress=None,
        at_item=[
            {"type": "response.queued", "response": response("queued", [])},
            E["in_progress"],
        ],
    ),
    "error, then failed": message(at_item=[NESTED_ERROR, FAILED])[:4],
    "flat error, then failed": message(at_item=[{"type": "error", "message": "m", "code": None}, FAILED])[:4],
    "error alone": numbered([NESTED_ERROR]),
    "envelope as an error": [*message()[:5], ERROR],
    "failed with open items": message(at_text=[FAILED])[:7],
    "item arrives unbroken": message(part=None, he=None, llo=None, text=None, part_done=None),
    "empty part without deltas": message(
        he=None,
        llo=None,
        text={**E["text"], "text": ""},
        part_done={**E["part done"], "part": PART},
        item_done={**E["item done"], "item": {**ENDED, "content": [PART]}},
        completed=completed(output=[{**ENDED, "content": [PART]}]),
    ),
    "item of an unknown type": message(
        part=None,
        he=None,
        llo=None,
        text=None,
        part_done=None,
        item={**E["item"], "item": {"type": "future_call", "id": "f"}},
        item_done={**E["item done"], "item": {"type": "future_call", "id": "f", "x": 1}},
        completed=completed(output=[{"type": "future_call", "id": "f", "y": 2}]),
    ),
    "obfuscation": message(he={**E["he"], "obfuscation": "xyz"}),
    "cut part of an incomplete item, ended": message(
        item_done={**E["item done"], "item": {**ENDED, "status": "incomplete"}},
        completed=with_response(INCOMPLETE, output=[{**ENDED, "status": "incomplete"}]),
    ),
}  # fmt: skip


QUIET = {
    "no output_index on the item": message(item={k: v for k, v in E["item"].items() if k != "output_index"}),
    "output_index as text": message(he={**E["he"], "output_index": "0"}),
    "no delta": message(he={k: v for k, v in E["he"].items() if k != "delta"}),
    "no text": message(text={k: v for k, v in E["text"].items() if k != "text"}),
    "item null": message(item={**E["item"], "item": None}),
    "response null": message(created={**E["created"], "response": None}),
    "output null": message(completed=completed(output=None)),
    "no numbers": [{k: v for k, v in event.items() if k != "sequence_number"} for event in message()],
    "frame that is no JSON": [*message()[:2], None, *message()[3:]],
    "last frame that is no JSON": [*message()[:-1], None],
}  # fmt: skip
