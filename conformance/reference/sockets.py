"""WebSocket sessions without a network: a client's message in, the frames that answer it out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from conformance.exchange import Frame
from conformance.reference.answers import JsonObject, encode_json
from conformance.reference.bodies import parse_json
from conformance.reference.errors import Refusal, malformed

Reply = tuple[Frame, ...]
"""What the server sends at once: its events, and a close where it ends the conversation."""


@dataclass(frozen=True, slots=True)
class Framing:
    """How messages become frames (RFC 6455 §5.4, RFC 7692); none of it may change what is said.

    ``longest`` is the most bytes of a frame, with a ping between the frames of one message; None sends every
    message whole. ``compresses`` negotiates permessage-deflate with clients that offer it.
    """

    longest: int | None = None
    compresses: bool = False


class Session(Protocol):
    """One open conversation."""

    def opened(self) -> Reply:
        """What is said unasked when the socket opens."""
        ...

    def receive(self, frame: Frame) -> Reply:
        """What a client's text or binary message is answered with."""
        ...


def text_frame(event: object) -> Frame:
    """One event as a text message."""
    return Frame(0.0, "server", "text", encode_json(event))


def close_frame(code: int, reason: str = "") -> Frame:
    """A close (RFC 6455 §5.5.1)."""
    return Frame(0.0, "server", "close", code.to_bytes(2, "big") + reason.encode())


def text_frames(events: Iterable[JsonObject]) -> Reply:
    """Events as text messages."""
    return tuple(text_frame(event) for event in events)


def read_message(frame: Frame) -> JsonObject:
    """The JSON object of a client's message, or the refusal of what is none."""
    if frame.kind != "text":
        raise malformed("Messages are text frames that hold a JSON object.")
    value = parse_json(frame.data)
    if not isinstance(value, dict):
        raise malformed("A message is a JSON object.")
    return value


def message_type(message: JsonObject) -> Any:
    """The ``type`` of a message, or the refusal of one without it."""
    kind = message.get("type")
    if kind is None:
        raise Refusal(
            400, "Missing required parameter: 'type'.", code="missing_required_parameter", param="type"
        )
    return kind


def payloads(reply: Reply) -> list[Any]:
    """The JSON of the text messages of a reply."""
    return [json.loads(frame.data) for frame in reply if frame.kind == "text"]
