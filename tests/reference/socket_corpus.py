"""Conversations of every kind that the WebSocket faults lie about, held with the reference target."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.exchange import Exchange, Frame, Headers
from tests.reference.client import Client

UPGRADE: Headers = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOL = {"type": "function", "name": "get_weather", "parameters": PARAMETERS}
SETTINGS = {"type": "realtime", "output_modalities": ["text"], "tools": [TOOL]}
TEXT = {"type": "session.update", "session": SETTINGS}


def held(client: Client, path: str, *messages: Any, headers: Headers = ()) -> Exchange:
    """The exchange of a handshake and a conversation of these messages."""
    exchange = client.exchange("GET", path, headers=(*UPGRADE, *headers))
    session = client.target.connect(exchange.request)
    frames = [*session.opened()]
    for message in messages:
        said = Frame(0.0, "client", "text", json.dumps(message).encode())
        frames += [said, *session.receive(said)]
    return replace(exchange, frames=tuple(frames))


def socket_exchanges(client: Client) -> Iterator[Exchange]:
    """Turns of Responses, and sessions in text, sound and calls."""
    turn = {"type": "response.create", "model": "ref-text", "input": "Say hello."}
    first = client.post("/v1/responses", {"model": "ref-text", "input": "hi"})["id"]
    yield held(client, "/v1/responses", turn, {**turn, "stream_id": "a"}, {"type": "nonsense"})
    yield held(client, "/v1/responses", {**turn, "previous_response_id": first}, {**turn, "generate": False})
    item = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "weather in Paris?"}],
    }
    said = {"type": "conversation.item.create", "item": {**item, "id": "item_mine"}}
    greeting = {**item, "content": [{"type": "input_text", "text": "Say hello."}]}
    greeted = {"type": "conversation.item.create", "item": greeting}
    respond = {"type": "response.create"}
    path, offered = "/v1/realtime?model=ref-realtime", (("Sec-WebSocket-Protocol", "realtime"),)
    yield held(
        client, path, TEXT, said, respond, {"type": "nonsense", "event_id": "mine"}, [], headers=offered
    )
    yield held(client, path, TEXT, greeted, respond)
    yield held(client, path, greeted, respond)
    named = {"item_id": "item_mine"}
    deleted = {"type": "conversation.item.delete", **named}
    yield held(client, path, said, deleted, {"type": "conversation.item.retrieve", **named})
    silence = {"type": "input_audio_buffer.append", "audio": "A" * 6400}
    yield held(client, path, silence, {"type": "input_audio_buffer.commit"})
    yield held(client, path, {"type": "session.update", "session": {"type": "realtime", "model": "other"}})
