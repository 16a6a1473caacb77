from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire.grammar import DONE, RULES, Tracker
from tests.wire.chat_lies import CHAT, FINISH, FIRST
from tests.wire.legal_streams import STREAMS, Payloads, image_stream, numbered, response
from tests.wire.responses_lies import E, message, second_turn
from tests.wire.streams import GRAMMARS, judge, rules

FEW = settings(max_examples=15, deadline=None)  # of each property, for each grammar


@pytest.mark.parametrize("name", STREAMS)
@FEW
@given(data=st.data())
def test_every_legal_stream_is_accepted(name: str, data: st.DataObject) -> None:
    assert judge(name, data.draw(STREAMS[name])) == []


@pytest.mark.parametrize("name", STREAMS)
@FEW
@given(data=st.data())
def test_a_stream_that_breaks_off_is_not_blamed_for_its_end(name: str, data: st.DataObject) -> None:
    payloads = data.draw(STREAMS[name])
    assert judge(name, payloads[: data.draw(st.integers(0, len(payloads)))], "cut") == []


@pytest.mark.parametrize("name", ["responses", "realtime"])
@FEW
@given(data=st.data())
def test_unknown_events_pass(name: str, data: st.DataObject) -> None:
    payloads = data.draw(STREAMS[name])
    for at in range(len(payloads), -1, -2):
        payloads.insert(at, {"type": "keepalive"})
    assert judge(name, payloads) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 2) | st.sampled_from(["", "x", "stop", DONE]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize("name", STREAMS)
@FEW
@given(data=st.data())
def test_malformed_payloads_never_raise(name: str, data: st.DataObject) -> None:
    payloads = copy.deepcopy(data.draw(STREAMS[name]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payloads) - 1))
        holders = [holder for holder in _holders(payloads[at]) if holder]
        if not holders or data.draw(st.booleans()):
            payloads[at] = data.draw(JSON)
            continue
        holder = data.draw(st.sampled_from(holders))
        where = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder))))
        holder[where] = data.draw(JSON)
    assert {violation.rule for violation in judge(name, payloads)} <= RULES.keys()


def _holders(value: Any) -> list[Any]:
    if not isinstance(value, dict | list):
        return []
    children = value.values() if isinstance(value, dict) else value
    return [value, *(holder for child in children for holder in _holders(child))]


def named(name: str, frames: list[tuple[str | None, Any]]) -> list[str]:
    tracker = Tracker(GRAMMARS[name])
    for index, (event, payload) in enumerate(frames):
        tracker.feed(index, event, payload)
    tracker.close()
    return [violation.rule for violation in tracker.violations]


def test_frames_of_responses_are_named() -> None:
    assert named("responses", [(None, event) for event in message()]) == ["event_named"]


def test_a_frame_is_named_as_its_payload() -> None:
    frames = [(event["type"], event) for event in message()]
    frames[3] = ("response.output_text.delta", frames[3][1])
    assert named("responses", frames) == ["event_name_matches_type"]


def test_chunks_are_not_named() -> None:
    assert named("chat", [("message", payload) for payload in CHAT]) == ["event_unnamed"]


def test_a_named_event_that_is_no_chunk_passes() -> None:
    frames = [(None, FIRST), ("tool.progress", {"tool": "x"}), (None, FINISH), (None, DONE)]
    assert named("chat", frames) == []


@FEW
@given(STREAMS["responses"], st.data())
def test_the_tail_of_a_replay_is_accepted(payloads: Payloads, data: st.DataObject) -> None:
    after = data.draw(st.integers(0, len(payloads) - 2))
    assert judge("responses", payloads[after + 1 :], resumed_after=after) == []


def test_a_replay_starts_behind_the_number_asked_for() -> None:
    assert rules("responses", message()[3:], resumed_after=3) == ["sequence_contiguous"]


@FEW
@given(image_stream("image_generation", 2))
def test_as_many_images_as_were_asked_for(payloads: Payloads) -> None:
    assert judge("image-generation", payloads, repeats=2) == []
    assert rules("image-generation", payloads, repeats=3) == ["one_completed"]
    assert "one_completed" in rules("image-generation", payloads)


def test_partial_images_count_from_zero() -> None:
    payloads = [
        {"type": "image_edit.partial_image", "partial_image_index": 1},
        {"type": "image_edit.completed"},
    ]
    assert rules("image-edit", payloads) == ["partial_index"]


def test_a_finish_for_each_segment_is_one_too_many() -> None:
    payloads = [
        {"type": "transcript.text.delta", "delta": "a"},
        {"type": "transcript.text.done", "text": "a"},
        {"type": "transcript.text.delta", "delta": "b"},
        {"type": "transcript.text.done", "text": "ab"},
    ]
    assert rules("transcription", payloads) == ["nothing_after_terminal", "exactly_one_terminal"]


def test_turns_of_a_socket_are_streams_of_their_own() -> None:
    assert rules("responses-websocket", [*message(), *second_turn()]) == []


def test_progress_images_of_a_tool_count_up() -> None:
    item = {"type": "image_generation_call", "id": "ig_1", "status": "completed"}
    at = {"item_id": "ig_1", "output_index": 0}
    kind = "response.image_generation_call.partial_image"
    payloads = [
        E["created"],
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        *({"type": kind, **at, "partial_image_index": number} for number in (0, 2)),
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": response("completed", [item])},
    ]
    assert rules("responses", numbered(payloads)) == ["partial_index"]


def test_a_json_text_that_reads_done_is_not_the_marker() -> None:
    tracker = Tracker(GRAMMARS["chat"])
    for index, payload in enumerate([FIRST, FINISH, json.loads('"[DONE]"')]):
        tracker.feed(index, None, payload)
    tracker.feed(3, None, FINISH)
    tracker.close()
    assert "exactly_one_terminal" in [violation.rule for violation in tracker.violations]
