from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.exchange import Frame
from conformance.reference.responses_socket import ResponsesSession
from conformance.reference.sockets import payloads
from conformance.reference.state import Identifiers, State


@pytest.fixture
def state() -> State:
    return State(clock=lambda: 1_750_000_000.0, new_id=Identifiers("test"))


@pytest.fixture
def session(state: State) -> ResponsesSession:
    return ResponsesSession(state)


def say(session: ResponsesSession, message: Any) -> list[Any]:
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return payloads(session.receive(Frame(0.0, "client", "text", data)))


def create(text: str, **options: Any) -> dict[str, Any]:
    return {"type": "response.create", "model": "ref-text", "input": text, **options}


def text_of(events: list[Any]) -> str:
    return "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")


def test_the_server_waits_to_be_spoken_to(session: ResponsesSession) -> None:
    assert session.opened() == ()


def test_a_turn_is_a_stream_of_messages(session: ResponsesSession) -> None:
    for _ in range(2):
        events = say(session, create("Say hello."))
        assert [event["sequence_number"] for event in events] == list(range(len(events)))
        assert (events[0]["type"], events[-1]["type"]) == ("response.created", "response.completed")
        assert text_of(events) == "Hello! How can I help you today?"


def test_a_turn_continues_what_was_not_stored(session: ResponsesSession, state: State) -> None:
    first = say(session, create("My name is Ada.", store=False))[-1]["response"]["id"]
    assert first not in state.responses
    assert text_of(say(session, create("What is my name?", previous_response_id=first))) == "It is Ada."


def test_another_socket_cannot_continue_it(session: ResponsesSession, state: State) -> None:
    first = say(session, create("My name is Ada.", store=False))[-1]["response"]["id"]
    (event,) = say(ResponsesSession(state), create("hi", previous_response_id=first))
    assert event["error"]["code"] == "previous_response_not_found"


def test_a_failed_turn_loses_its_parent(session: ResponsesSession) -> None:
    first = say(session, create("My name is Ada.", store=False))[-1]["response"]["id"]
    say(session, create("hi", previous_response_id=first, model="nope"))
    (event,) = say(session, create("What is my name?", previous_response_id=first))
    assert event["error"]["code"] == "previous_response_not_found"


def test_a_warm_up_generates_nothing_and_can_be_continued(session: ResponsesSession) -> None:
    events = say(session, create("My name is Ada.", generate=False))
    assert events[-1]["response"]["output"] == []
    assert events[-1]["response"]["usage"]["output_tokens"] == 0
    first = events[-1]["response"]["id"]
    assert text_of(say(session, create("What is my name?", previous_response_id=first))) == "It is Ada."


def test_a_warm_up_does_not_think_either(session: ResponsesSession, state: State) -> None:
    state.always_reasons = True
    usage = say(session, create("hi", generate=False))[-1]["response"]["usage"]
    assert usage["output_tokens_details"] == {"reasoning_tokens": 0}


def test_a_lane_is_named_in_every_event(session: ResponsesSession) -> None:
    events = say(session, create("hi", stream_id="a.1"))
    assert {event["stream_id"] for event in events} == {"a.1"}
    (event,) = say(session, create("hi", stream_id="a.1", model="nope"))
    assert event["stream_id"] == "a.1"


def test_lanes_are_limited(session: ResponsesSession) -> None:
    for number in range(32):
        say(session, create("hi", stream_id=str(number)))
    (event,) = say(session, create("hi", stream_id="32"))
    assert event["error"]["code"] == "websocket_stream_limit_reached"


@pytest.mark.parametrize(
    ("message", "code", "param"),
    [
        (b"{", None, None),
        (b"[]", None, None),
        (b"\xff", None, None),
        ({}, "missing_required_parameter", "type"),
        ({"type": "response.cancel"}, "invalid_value", "type"),
        ({"type": "response.create"}, "missing_required_parameter", "model"),
        (create("hi", stream_id="a b"), "invalid_stream_id", "stream_id"),
        (create("hi", model="nope"), "model_not_found", "model"),
        (create("hi", background=True), "unsupported_parameter", "background"),
    ],
)
def test_a_bad_message_is_one_error_and_the_socket_lives(
    session: ResponsesSession, message: Any, code: str | None, param: str | None
) -> None:
    (event,) = say(session, message)
    assert event["type"] == "error"
    assert (event["error"]["code"], event["error"]["param"]) == (code, param)
    assert set(event["error"]) == {"type", "code", "message", "param"}
    assert say(session, create("hi"))[-1]["type"] == "response.completed"


def test_a_binary_message_is_an_error(session: ResponsesSession) -> None:
    (event,) = payloads(session.receive(Frame(0.0, "client", "binary", b"{}")))
    assert event["type"] == "error"
