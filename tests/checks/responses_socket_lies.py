"""Lies in the order of the events of a turn on a Responses WebSocket, each told once."""

from __future__ import annotations

import itertools
import json
from typing import Any

from tests.checks.socket_answers import (
    Event,
    Lie,
    Told,
    lacking,
    on,
    played,
    renamed,
    setting,
    setting_where,
    without,
)

REFUSED: Event = {
    "type": "error",
    "status": 400,
    "error": {"type": "invalid_request_error", "code": None, "message": "No.", "param": None},
}
USAGE = {
    "input_tokens": 1,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 1,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 2,
}
ANSWERED: Event = played("responses-socket/turn/minimal").messages[0]
"""response.created, as of any turn."""


def numbered(lie: Lie) -> Lie:
    """A lie after which the events of each turn count from 0 again."""
    number = -1

    def counted(event: Event) -> Any:
        nonlocal number
        if event["type"] == "response.created":
            number = -1
        told = lie(event)
        events = [] if told is None else told if isinstance(told, list) else [told]
        numbered_: list[Event] = []
        for one in events:
            number += 1
            numbered_.append({**one, "sequence_number": number} if "sequence_number" in one else one)
        return numbered_

    return counted


def counting_on() -> Lie:
    """Numbers that go on from turn to turn."""
    numbers = itertools.count()
    return lambda event: {**event, "sequence_number": next(numbers)}


def only_the_first_turn() -> Lie:
    """Nothing behind the first turn."""
    turns = 0

    def lie(event: Event) -> Event | None:
        nonlocal turns
        turns += event["type"] == "response.created"
        return event if turns == 1 else None

    return lie


TURNS: dict[str, Told] = {
    "turn is refused": (
        "responses-socket/turn/minimal",
        lambda: {"lie": lambda event: REFUSED if event["type"] == "response.created" else None},
        ["RSOCK-001 at message 0: a response | an error: No."],
    ),
    "second turn is not answered": (
        "responses-socket/turn/two",
        lambda: {"lie": only_the_first_turn()},
        ["RSOCK-001 at message 16: a response for each response.create, 2 i… | 1"],
    ),
    "turn is not announced": (
        "responses-socket/turn/minimal",
        lambda: {"lie": numbered(on("response.created", without))},
        [
            "RSOCK-002 at message 0: the stream starts with the event that op… | response.in_progress while response…"
        ],
    ),
    "second turn is not announced": (
        "responses-socket/turn/two",
        lambda: {"lie": numbered(on("response.created", without, nth=1))},
        [
            "RSOCK-002 at message 17: the stream starts with the event that op… | response.in_progress while respons…"
        ],
    ),
    "turn begins with progress": (
        "responses-socket/turn/minimal",
        lambda: {
            "lie": numbered(
                lambda event: event if event["type"] != "response.in_progress" else [event, event]
            )
        },
        [
            "RSOCK-003 at message 2: lifecycle events come in their order, ea… | response.in_progress while response…"
        ],
    ),
    "turn has no end": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.completed", without)},
        [
            "RSOCK-004 at message 15: the stream ends with exactly one termina… | the end of the stream while respon…"
        ],
    ),
    "turn ends twice": (
        "responses-socket/turn/minimal",
        lambda: {"lie": numbered(on("response.completed", lambda event: [event, event]))},
        [
            "RSOCK-004 at message 17: the stream ends with exactly one termina… | response.completed while response…"
        ],
    ),
    "cut turn is called completed": (
        "responses-socket/turn/limit",
        lambda: {"lie": renamed("response.incomplete", "response.completed")},
        ["RSOCK-005 at message 23 /response/status: 'completed' | 'incomplete'"],
    ),
    "completed turn is called cut": (
        "responses-socket/turn/minimal",
        lambda: {"lie": renamed("response.completed", "response.incomplete")},
        ["RSOCK-005 at message 16 /response/status: 'incomplete' | 'completed'"],
    ),
    "response is announced completed": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.created", setting("/response/status", "completed"))},
        ["RSOCK-006 at message 0 /response/status: 'in_progress' or 'queued' | 'completed'"],
    ),
    "response is announced with usage": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.in_progress", setting("/response/usage", USAGE))},
        [
            "RSOCK-007 at message 1 /response/usage: None | {'input_tokens': 1, 'input_tokens_details': {'cached_tok…"
        ],
    ),
    "sequence from 1": (
        "responses-socket/turn/minimal",
        lambda: {"lie": lambda event: {**event, "sequence_number": event["sequence_number"] + 1}},
        ["RSOCK-009 at message 0 /sequence_number: 0 | 1"],
    ),
    "sequence with a gap": (
        "responses-socket/turn/minimal",
        lambda: {
            "lie": lambda event: {
                **event,
                "sequence_number": event["sequence_number"] + (event["sequence_number"] > 3),
            }
        },
        ["RSOCK-009 at message 4 /sequence_number: 4 | 5"],
    ),
    "sequence goes on with the second turn": (
        "responses-socket/turn/two",
        lambda: {"lie": counting_on()},
        ["RSOCK-009 at message 17 /sequence_number: 0 | 17"],
    ),
    "no sequence": (
        "responses-socket/turn/limit",
        lambda: {"lie": on("response.incomplete", lacking("/sequence_number"))},
        [
            'SOCK-005 at message 23: the member \'sequence_number\' | {"type": "response.incomplete", "response": {"id…'
        ],
    ),
    "id changes at the end": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.completed", setting("/response/id", "resp_9"))},
        ["RSOCK-010 at message 16 /response/id: '…' | 'resp_9'"],
    ),
    "item is not announced": (
        "responses-socket/turn/minimal",
        lambda: {"lie": numbered(on("response.output_item.added", without))},
        [
            "RSOCK-011 at message 2 /output_index: nothing is said about an item or part be… | response.content_part…"
        ],
    ),
    "item is announced twice": (
        "responses-socket/turn/minimal",
        lambda: {"lie": numbered(on("response.output_item.added", lambda event: [event, event]))},
        [
            "RSOCK-011 at message 3 /output_index: an item or part is announced once | response.output_item.added wh…"
        ],
    ),
    "part has no end": (
        "responses-socket/turn/minimal",
        lambda: {"lie": numbered(on("response.content_part.done", without))},
        ["RSOCK-013 at message 14: every part is closed | part 0 0 is open"],
    ),
    "part ends twice": (
        "responses-socket/turn/minimal",
        lambda: {"lie": numbered(on("response.content_part.done", lambda event: [event, event]))},
        [
            "RSOCK-012 at message 15 /content_index: an item or part is ended once | response.content_part.done whil…"
        ],
    ),
    "text has no end": (
        "responses-socket/turn/minimal",
        lambda: {"lie": numbered(on("response.output_text.done", without))},
        ["RSOCK-015 at message 13: text is said | text 0 0 is speaking"],
    ),
    "delta is lost": (
        "responses-socket/turn/minimal",
        lambda: {"lie": numbered(on("response.output_text.delta", without, nth=1))},
        [
            "RSOCK-017 at message 12 /text: 'Hello How can I help you today?' | 'Hello! How can I help you today?'"
        ],
    ),
    "delta comes behind the text": (
        "responses-socket/turn/minimal",
        lambda: {
            "lie": numbered(
                on(
                    "response.output_text.done",
                    lambda event: [event, {**event, "type": "response.output_text.delta", "delta": "!"}],
                )
            )
        },
        [
            "RSOCK-015 at message 14 /content_index: no delta follows the end of its text | response.output_text.del…"
        ],
    ),
    "items are counted from 1": (
        "responses-socket/turn/minimal",
        lambda: {"lie": setting_where("/output_index", 1)},
        ["RSOCK-016 at message 2 /output_index: 0 | 1"],
    ),
    "part says another text": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.content_part.done", setting("/part/text", "?"))},
        ["RSOCK-018 at message 14 /part/text: 'Hello! How can I help you toda'… | '?'"],
    ),
    "output says another text": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.completed", setting("/response/output/0/content/0/text", "?"))},
        [
            "RSOCK-019 at message 16 /response/output/0/content/0/text: 'Hello! How can I help you today?' | '?'"
        ],
    ),
    "item_id changes": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.output_text.done", setting("/item_id", "msg_9"))},
        ["RSOCK-020 at message 13 /item_id: '…' | 'msg_9'"],
    ),
    "error within the turn": (
        "responses-socket/turn/minimal",
        lambda: {
            "lie": numbered(
                on("response.output_text.done", lambda event: [{**REFUSED, "sequence_number": 0}, event])
            )
        },
        [
            "RSOCK-008 at message 14: an error comes directly before the end, … | response.output_text.done while re…",
            'RSOCK-030 at message 13 /type: the answer | {"type": "error", "status": 400, "error": {"type": "invalid…',
        ],
    ),
    "message is announced with content": (
        "responses-socket/turn/minimal",
        lambda: {
            "lie": on(
                "response.output_item.added",
                setting(
                    "/item/content",
                    [{"type": "output_text", "text": "Hi", "annotations": [], "logprobs": []}],
                ),
            )
        },
        [
            'RSOCK-021 at message 2 /item/content: [] | [{"type": "output_text", "text": "Hi", "annotations": [], "l…'
        ],
    ),
    "message is announced completed": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.output_item.added", setting("/item/status", "completed"))},
        ["RSOCK-022 at message 2 /item/status: 'in_progress' | \"completed\""],
    ),
    "message ends in progress": (
        "responses-socket/turn/minimal",
        lambda: {
            "lie": lambda event: json.loads(
                json.dumps(event).replace('"status": "completed", "role"', '"status": "in_progress", "role"')
            )
        },
        ["RSOCK-023 at message 15 /item/status: 'completed' or 'incomplete' | \"in_progress\""],
    ),
    "arguments are not streamed": (
        "responses-socket/tools/required",
        lambda: {"lie": numbered(lambda event: None if "arguments" in event["type"] else event)},
        [
            'RSOCK-052 at message 3 /item: response.function_call_arguments events … | "{\\"city\\": \\"Paris\\"}"'
        ],
    ),
    "model changes between": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.created", setting("/response/model", "ref-text-2"))},
        ['RSOCK-024 at message 0 /response/model: "ref-text", as in the last event | "ref-text-2"'],
    ),
    "id comes again in the next turn": (
        "responses-socket/turn/two",
        lambda: {"lie": setting_where("/response/id", "resp_9")},
        [
            "RSOCK-004 at message 17: nothing follows the terminal event | response.created while response is ended",
            "RSOCK-004 at message 49: the stream ends with exactly one termina… | response.completed while response…",
            "RSOCK-009 at message 17 /sequence_number: 17 | 0",
        ],
    ),
}
