"""Good requests with members taken away or replaced by odd values: answered or refused, never a fault."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.exchange import Frame
from conformance.reference.realtime import RealtimeSession
from conformance.reference.responses_socket import ResponsesSession
from conformance.reference.sockets import payloads
from conformance.reference.state import State
from tests.reference.client import Client

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "minLength": 3}, "days": {"type": "array", "minItems": 2}},
    "required": ["city"],
}
FUNCTION = {"name": "get_weather", "description": "weather", "parameters": SCHEMA}
TOOL = {"type": "function", **FUNCTION}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
BODIES: dict[str, Any] = {
    "/v1/chat/completions": {
        "model": "ref-text",
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": [{"type": "text", "text": "weather in Paris"}]},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": "18"},
            {"role": "user", "content": "weather"},
        ],
        "tools": [{"type": "function", "function": FUNCTION}],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}},
        "stop": ["a"],
        "n": 2,
        "stream": True,
        "stream_options": {"include_usage": True},
        "logprobs": True,
        "top_logprobs": 3,
        "max_tokens": 5,
    },
    "/v1/completions": {
        "model": "ref-text",
        "prompt": ["a", [1, 2]],
        "best_of": 2,
        "echo": True,
        "logprobs": 2,
    },
    "/v1/responses": {
        "model": "ref-text",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "weather in Paris"}]},
            {"type": "function_call", "call_id": "c", "name": "n", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "o"},
            {"type": "compaction", "encrypted_content": "YWJj"},
        ],
        "tools": [TOOL],
        "tool_choice": {"type": "function", "name": "get_weather"},
        "text": {"format": {"type": "json_schema", "name": "x", "schema": SCHEMA}},
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["message.output_text.logprobs"],
        "max_output_tokens": 20,
    },
    "/v1/embeddings": {
        "model": "ref-embed",
        "input": ["a", "b"],
        "encoding_format": "base64",
        "dimensions": 5,
    },
    "/v1/moderations": {
        "input": [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "u"}}]
    },
    "/v1/images/generations": {
        "prompt": "x",
        "n": 1,
        "output_format": "jpeg",
        "stream": True,
        "partial_images": 1,
    },
    "/v1/images/edits": {"prompt": "x", "images": [{"image_url": "data:image/png;base64,AAAA"}]},
    "/v1/videos": {"model": "ref-video", "prompt": "x", "seconds": "4", "size": "720x1280"},
    "/v1/audio/speech": {
        "model": "ref-tts",
        "input": "x",
        "voice": "alloy",
        "speed": 1,
        "response_format": "wav",
    },
}
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 1e308, 10**30, "", "x", "\ud800", "\x00", "a" * 5000, "auto", "required"),
    *(
        [],
        {},
        [[]],
        [None],
        [{}],
        {"a": None},
        {"type": "text"},
        {"type": "function"},
        {"type": "json_schema"},
    ),
    *(
        {"$ref": "#"},
        {"type": ["string", 3]},
        {"minItems": "x"},
        {"enum": 5},
        {"anyOf": {}},
        {"properties": []},
    ),
    *({"required": "abc"}, {"type": "number", "minimum": "a"}, {"type": "number", "multipleOf": 0}),
)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every member in a JSON value."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, member in members:
        yield (*place, name)
        yield from places(member, (*place, name))


def spoiled(value: Any, chance: random.Random) -> Any:
    """``value`` with one or two members removed or replaced."""
    value = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 2))):
        found = list(places(value))
        if not found:
            return value
        *way, last = chance.choice(found)
        parent = value
        for name in way:
            parent = parent[name]
        if chance.random() < 0.2:
            del parent[last]
        else:
            parent[last] = copy.deepcopy(chance.choice(ODD))
    return value


@pytest.mark.parametrize("path", BODIES)
def test_spoiled_requests_are_answered_or_refused(client: Client, path: str) -> None:
    chance = random.Random(path)
    for _ in range(150):
        body = spoiled(BODIES[path], chance)
        assert client.send("POST", path, body).status in (200, 400, 404), json.dumps(body)


EVENTS: tuple[Any, ...] = (
    {
        "type": "session.update",
        "session": {"type": "realtime", "output_modalities": ["text"], "tools": [TOOL]},
    },
    {
        "type": "conversation.item.create",
        "item": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "weather"}]},
    },
    {"type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": 3},
    {"type": "input_audio_buffer.append", "audio": "AAAA"},
    {"type": "response.create", "response": {"output_modalities": ["text"], "max_output_tokens": 4}},
)


def test_spoiled_events_are_answered_or_refused() -> None:
    chance = random.Random("events")
    session = RealtimeSession(State(), "ref-realtime")
    for _ in range(300):
        event = spoiled(chance.choice(EVENTS), chance)
        for said in payloads(session.receive(Frame(0.0, "client", "text", json.dumps(event).encode()))):
            assert isinstance(said["type"], str)


def test_spoiled_turns_are_answered_or_refused() -> None:
    chance = random.Random("turns")
    session = ResponsesSession(State())
    for _ in range(150):
        message = spoiled({"type": "response.create", "stream_id": "a", **BODIES["/v1/responses"]}, chance)
        said = payloads(session.receive(Frame(0.0, "client", "text", json.dumps(message).encode())))
        assert said[-1]["type"] in ("error", "response.completed", "response.incomplete")
