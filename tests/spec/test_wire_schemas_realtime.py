"""The wire schemas of realtime events, and of the error that only the Responses WebSocket sends."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from conformance.datafiles import data_root, load_yaml

HOST = "https://spec.invalid/realtime.yaml"
SESSION = {"type": "realtime", "id": "sess_1", "object": "realtime.session", "output_modalities": ["text"]}
MESSAGE = {
    "id": "item_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Hi."}],
}
RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "realtime.response",
    "status": "in_progress",
    "status_details": None,
    "output": [],
    "usage": None,
}
VALUES: dict[str, Any] = {
    "session": SESSION,
    "conversation": {"id": "conv_1", "object": "realtime.conversation"},
    "item": MESSAGE,
    "response": RESPONSE,
    "part": {"type": "text", "text": ""},
    "usage": {"type": "duration", "seconds": 1.5},
    "rate_limits": [{"name": "tokens", "limit": 100, "remaining": 90, "reset_seconds": 0.5}],
    "error": {
        "type": "invalid_request_error",
        "message": "No.",
        "code": None,
        "param": None,
        "event_id": None,
    },
    "event": "9",
    "delta": "",
}
"""What an event carries under a required key; other keys are ids (text), indexes or milliseconds (0)."""


@functools.cache
def content() -> dict[str, Any]:
    loaded: dict[str, Any] = load_yaml(data_root() / "spec/components/realtime.yaml")
    return loaded


def problems(name: str, document: Any) -> set[str]:
    registry = Registry[Any]().with_resource(HOST, DRAFT202012.create_resource(content()))
    validator = Draft202012Validator({"$ref": f"{HOST}#/{name}"}, registry=registry)
    return {error.json_path for error in validator.iter_errors(document)}


def example(kind: str) -> dict[str, Any]:
    """The smallest event of type ``kind``."""
    schema = content()[content()["x-events"][kind]]
    made = {key: VALUES.get(key, plain(schema["properties"][key])) for key in schema["required"]}
    return {**made, "type": kind}


def plain(schema: dict[str, Any]) -> Any:
    return 0 if schema.get("type") in {"integer", "number"} else "text"


KINDS = list(content()["x-events"])


def test_all_server_events_are_here() -> None:
    assert len(KINDS) == 46


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_is_accepted_with_and_without_unknown_keys(kind: str) -> None:
    name = content()["x-events"][kind]
    assert problems(name, example(kind)) == set()
    assert problems(name, {**example(kind), "obfuscation": "x7"}) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_required_key_is_missed(kind: str) -> None:
    name = content()["x-events"][kind]
    without = ({key: value for key, value in example(kind).items() if key != gone} for gone in example(kind))
    assert [problems(name, document) for document in without] == [{"$"}] * len(example(kind))


def test_only_the_keypad_event_has_no_event_id() -> None:
    assert [kind for kind in KINDS if "event_id" not in example(kind)] == [
        "input_audio_buffer.dtmf_event_received"
    ]


@pytest.mark.parametrize(
    ("name", "document"),
    [
        pytest.param("RealtimeItem", {"type": "hologram", "id": "i"}, id="a-new-item-type"),
        pytest.param("RealtimeItem", {**MESSAGE, "content": []}, id="content-to-come"),
        pytest.param("RealtimeItem", {**MESSAGE, "content": [{"type": "smell"}]}, id="a-new-content-type"),
        pytest.param("RealtimeResponse", {}, id="all-keys-optional"),
        pytest.param("RealtimeResponse", {**RESPONSE, "max_output_tokens": "inf"}, id="no-token-limit"),
        pytest.param("RealtimeResponse", {**RESPONSE, "usage": {"total_tokens": 3}}, id="usage-in-part"),
        pytest.param(
            "RealtimeSession",
            {"type": "transcription", "id": "s", "object": "realtime.transcription_session"},
            id="transcription-session",
        ),
        pytest.param("RealtimeError", {"type": "t", "message": "m"}, id="error-of-two-keys"),
    ],
)
def test_what_must_never_look_red(name: str, document: Any) -> None:
    assert problems(name, document) == set()


@pytest.mark.parametrize(
    ("name", "document", "where"),
    [
        ("RealtimeItem", {**MESSAGE, "role": "tool"}, "$.role"),
        ("RealtimeItem", {**MESSAGE, "content": "Hi."}, "$.content"),
        ("RealtimeItem", {"type": "function_call", "name": "f", "arguments": {}}, "$.arguments"),
        ("RealtimeItem", {"type": "function_call_output", "output": "1"}, "$"),
        ("RealtimeResponse", {**RESPONSE, "status": "done"}, "$.status"),
        ("RealtimeResponse", {**RESPONSE, "output": None}, "$.output"),
        ("RealtimeResponse", {**RESPONSE, "usage": {"total_tokens": "3"}}, "$.usage.total_tokens"),
        ("RealtimeSession", {**SESSION, "output_modalities": ["text", "audio"]}, "$.output_modalities"),
        ("RealtimeSession", {**SESSION, "type": "session"}, "$.type"),
        ("RealtimeError", {"type": "t", "message": ""}, "$.message"),
    ],
)
def test_what_breaks_clients_is_refused_where_it_lies(name: str, document: Any, where: str) -> None:
    assert problems(name, document) == {where}


def test_audio_deltas_are_base64() -> None:
    event = {**example("response.output_audio.delta"), "delta": "UklGRg=="}
    assert problems("RealtimeResponseOutputAudioDeltaEvent", event) == set()
    assert problems("RealtimeResponseOutputAudioDeltaEvent", {**event, "delta": "not base64"}) == {"$.delta"}


def test_an_error_on_the_responses_socket_is_nested() -> None:
    inner = {"code": "previous_response_not_found", "message": "No.", "param": None}
    nested = {"type": "error", "status": 400, "error": {"type": "invalid_request_error", **inner}}
    assert problems("ResponsesWebSocketErrorEvent", nested) == set()
    assert problems("ResponsesWebSocketErrorEvent", {"type": "error", "status": 400, **inner}) == {"$"}
