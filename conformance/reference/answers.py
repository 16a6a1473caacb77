"""Answers of the reference target: JSON, server-sent events and media, ready for the wire."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from conformance.exchange import Chunk, Headers, Response

JsonObject = dict[str, Any]

EVENT_STREAM = "text/event-stream; charset=utf-8"


def encode_json(value: object) -> bytes:
    """``value`` as compact UTF-8 JSON.

    A lone surrogate cannot be UTF-8; ``backslashreplace`` writes it as the JSON escape that it came in as.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def bytes_answer(body: bytes, content_type: str, *, status: int = 200, headers: Headers = ()) -> Response:
    """A whole body of any media type, with its length."""
    head = (("content-type", content_type), ("content-length", str(len(body))), *headers)
    return Response(status, head, (Chunk(0.0, body),) if body else ())


def json_answer(value: object, *, status: int = 200, headers: Headers = ()) -> Response:
    """A JSON body."""
    return bytes_answer(encode_json(value), "application/json", status=status, headers=headers)


def data_event(value: object) -> bytes:
    """One event that has only data, as Chat and Completions streams send them."""
    return b"data: " + encode_json(value) + b"\n\n"


def named_event(value: JsonObject) -> bytes:
    """One event named for its ``type``, as Responses and image streams send them."""
    return b"event: " + str(value["type"]).encode() + b"\n" + data_event(value)


DONE = b"data: [DONE]\n\n"


def stream_answer(events: Iterable[bytes]) -> Response:
    """A stream of server-sent events, one chunk an event."""
    head = (("content-type", EVENT_STREAM), ("cache-control", "no-cache"))
    return Response(200, head, tuple(Chunk(0.0, event) for event in events))
