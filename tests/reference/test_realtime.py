from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from conformance.exchange import Frame
from conformance.reference.realtime import RealtimeSession, RetiredSession
from conformance.reference.sockets import payloads
from conformance.reference.state import Identifiers, State

TOOL = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
TEXT = {"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}}


@pytest.fixture
def session() -> RealtimeSession:
    return RealtimeSession(State(clock=lambda: 1_750_000_000.0, new_id=Identifiers("test")), "ref-realtime")


def say(session: RealtimeSession, message: Any) -> list[Any]:
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return payloads(session.receive(Frame(0.0, "client", "text", data)))


def message(text: str, **more: Any) -> dict[str, Any]:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **more}
    return {"type": "conversation.item.create", "item": item}


def kinds(events: list[Any]) -> list[str]:
    """Types in order, repetitions of deltas folded."""
    names = [event["type"] for event in events]
    return [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]


def test_a_session_begins_with_itself(session: RealtimeSession) -> None:
    (event,) = payloads(session.opened())
    assert event["type"] == "session.created"
    assert event["session"]["object"] == "realtime.session"
    assert event["session"]["output_modalities"] == ["audio"]


def test_an_update_answers_with_the_whole_session(session: RealtimeSession) -> None:
    (before,) = payloads(session.opened())
    voice = {"output": {"voice": "marin"}}
    (event,) = say(session, {"type": "session.update", "session": {"type": "realtime", "audio": voice}})
    assert event["type"] == "session.updated"
    assert event["session"]["audio"]["output"]["voice"] == "marin"
    assert event["session"]["audio"]["input"] == before["session"]["audio"]["input"]
    assert event["session"]["id"] == before["session"]["id"]


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({}, "missing_required_parameter", "session.type"),
        ({"type": "transcription"}, "invalid_value", "session.type"),
        ({"type": "realtime", "model": "other"}, "invalid_value", "session.model"),
        (
            {"type": "realtime", "output_modalities": ["text", "audio"]},
            "invalid_value",
            "session.output_modalities",
        ),
        (
            {"type": "realtime", "max_output_tokens": 0},
            "integer_below_min_value",
            "session.max_output_tokens",
        ),
        ({"type": "realtime", "nonsense": 1}, "unknown_parameter", "session.nonsense"),
    ],
)
def test_a_bad_update_changes_nothing(session: RealtimeSession, change: Any, code: str, param: str) -> None:
    (event,) = say(session, {"type": "session.update", "event_id": "mine", "session": change})
    assert event["type"] == "error"
    assert (event["error"]["code"], event["error"]["param"], event["error"]["event_id"]) == (
        code,
        param,
        "mine",
    )


def test_a_text_response_comes_in_order(session: RealtimeSession) -> None:
    say(session, TEXT)
    added, done = say(session, message("Say hello."))
    assert (added["type"], done["type"]) == ("conversation.item.added", "conversation.item.done")
    events = say(session, {"type": "response.create"})
    assert kinds(events) == [
        "response.created",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    response = events[-2]["response"]
    deltas = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    assert deltas == response["output"][0]["content"][0]["text"] == "Hello! How can I help you today?"
    assert (
        response["usage"]["total_tokens"]
        == response["usage"]["input_tokens"] + response["usage"]["output_tokens"]
    )
    assert events[0]["response"]["id"] == response["id"]
    assert events[2]["previous_item_id"] == added["item"]["id"]


def test_every_event_has_its_own_id(session: RealtimeSession) -> None:
    events = [*payloads(session.opened()), *say(session, TEXT), *say(session, {"type": "response.create"})]
    assert len({event["event_id"] for event in events}) == len(events)


def test_a_spoken_response_has_sound_and_transcript(session: RealtimeSession) -> None:
    say(session, message("Say hello."))
    events = say(session, {"type": "response.create"})
    names = {event["type"] for event in events}
    assert "response.output_text.delta" not in names
    assert {"response.output_audio.done", "response.output_audio_transcript.done"} <= names
    sound = [event["delta"] for event in events if event["type"] == "response.output_audio.delta"]
    assert all(len(base64.b64decode(piece)) % 2 == 0 for piece in sound)
    assert events[-2]["response"]["output"][0]["content"][0]["type"] == "output_audio"


def test_a_function_is_called_and_its_output_taken(session: RealtimeSession) -> None:
    say(session, {"type": "session.update", "session": {**TEXT["session"], "tools": [TOOL]}})
    say(session, message("What is the weather in Paris?"))
    events = say(session, {"type": "response.create"})
    (call,) = events[-2]["response"]["output"]
    assert json.loads(call["arguments"]) == {"city": "Paris"}
    assert "response.function_call_arguments.done" in kinds(events)
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "18 degrees"}
    say(session, {"type": "conversation.item.create", "item": output})
    answer = say(session, {"type": "response.create"})[-2]["response"]["output"][0]
    assert "18 degrees" in answer["content"][0]["text"]


def test_the_limit_makes_a_response_incomplete(session: RealtimeSession) -> None:
    say(session, TEXT)
    say(session, message("Tell a story."))
    response = say(session, {"type": "response.create", "response": {"max_output_tokens": 5}})[-2]["response"]
    assert response["status"] == "incomplete"
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert response["output"][0]["status"] == "incomplete"
    assert response["usage"]["output_tokens"] == 5


def test_a_response_aside_leaves_the_conversation_alone(session: RealtimeSession) -> None:
    say(session, TEXT)
    given = [message("Say hello.")["item"]]
    events = say(session, {"type": "response.create", "response": {"conversation": "none", "input": given}})
    assert "conversation.item.added" not in kinds(events)
    assert events[-2]["response"]["conversation_id"] is None


def test_items_are_retrieved_truncated_and_deleted(session: RealtimeSession) -> None:
    say(session, message("hi", id="item_mine"))
    (retrieved,) = say(session, {"type": "conversation.item.retrieve", "item_id": "item_mine"})
    assert retrieved["item"]["content"][0]["text"] == "hi"
    spoken = say(session, {"type": "response.create"})[-2]["response"]["output"][0]["id"]
    cut = {"type": "conversation.item.truncate", "item_id": spoken, "content_index": 0, "audio_end_ms": 10}
    assert say(session, cut)[0]["type"] == "conversation.item.truncated"
    assert (
        say(session, {"type": "conversation.item.delete", "item_id": "item_mine"})[0]["item_id"]
        == "item_mine"
    )
    (gone,) = say(session, {"type": "conversation.item.retrieve", "item_id": "item_mine"})
    assert gone["error"]["code"] == "invalid_value"


def test_items_are_put_where_they_are_wanted(session: RealtimeSession) -> None:
    say(session, message("one", id="one"))
    say(session, message("three", id="three"))
    (added, _) = say(session, {**message("two", id="two"), "previous_item_id": "one"})
    assert added["previous_item_id"] == "one"
    (first, _) = say(session, {**message("zero", id="zero"), "previous_item_id": "root"})
    assert first["previous_item_id"] is None


def test_committed_audio_becomes_an_item(session: RealtimeSession) -> None:
    sound = base64.b64encode(b"\0" * 4800).decode()
    assert say(session, {"type": "input_audio_buffer.append", "audio": sound}) == []
    events = say(session, {"type": "input_audio_buffer.commit"})
    assert kinds(events) == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    assert events[0]["item_id"] == events[1]["item"]["id"]
    assert say(session, {"type": "input_audio_buffer.clear"})[0]["type"] == "input_audio_buffer.cleared"
    (empty,) = say(session, {"type": "input_audio_buffer.commit"})
    assert empty["error"]["code"] == "input_audio_buffer_commit_empty"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (b"{", "invalid_event"),
        (b"7", "invalid_event"),
        ({}, "missing_required_parameter"),
        ({"type": "nonsense"}, "invalid_value"),
        ({"type": "response.cancel"}, "response_cancel_not_active"),
        ({"type": "conversation.item.create"}, "missing_required_parameter"),
        (message("hi", role="king"), "invalid_value"),
        (
            {"type": "conversation.item.create", "item": {"type": "message", "role": "user"}},
            "missing_required_parameter",
        ),
        ({"type": "input_audio_buffer.append", "audio": "!"}, "invalid_value"),
        ({"type": "response.create", "response": {"nonsense": 1}}, "unknown_parameter"),
        ({"type": "response.create", "response": {"max_output_tokens": 5000}}, "integer_above_max_value"),
        ({"type": "response.create", "event_id": "x" * 513}, "string_above_max_length"),
    ],
)
def test_a_bad_event_is_one_error_and_the_session_lives(
    session: RealtimeSession, event: Any, code: str
) -> None:
    (error,) = say(session, event)
    assert error["type"] == "error"
    assert error["error"]["code"] == code
    assert say(session, TEXT)[0]["type"] == "session.updated"


def test_the_retired_beta_is_told_so_and_closed() -> None:
    error, close = RetiredSession(State()).opened()
    assert json.loads(error.data)["error"]["code"] == "beta_api_shape_disabled"
    assert close.kind == "close"
    assert int.from_bytes(close.data[:2], "big") == 4000
