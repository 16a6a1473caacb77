"""Altering an exchange: its JSON, its events, its head, or the whole answer, with the length kept right."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from conformance.exchange import Chunk, Exchange, Headers, Response
from conformance.reference.answers import encode_json
from conformance.reference.errors import Refusal
from conformance.wire import sse


@dataclass(slots=True)
class Answer:
    """A JSON answer to be altered in place, and the JSON body that was sent (empty when there was none)."""

    body: Any
    sent: Any


@dataclass(slots=True)
class Event:
    """One event: its ``event`` field, and its data as parsed JSON (text where it is not JSON: ``[DONE]``)."""

    name: str | None
    data: Any


@dataclass(slots=True)
class Stream:
    """A stream to be altered in place, and the JSON body that was sent."""

    events: list[Event]
    sent: Any

    @property
    def chunks(self) -> list[Any]:
        """The data of the events that hold a JSON object."""
        return [event.data for event in self.events if isinstance(event.data, dict)]


def sent_json(exchange: Exchange) -> Any:
    """The JSON object of the request; empty when it is none."""
    try:
        value = json.loads(exchange.request.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def is_call(exchange: Exchange, path: str, method: str | None = None) -> bool:
    """Whether the request went to ``path``, a glob that ignores the query."""
    asked = exchange.request.path.partition("?")[0]
    return fnmatchcase(asked, path) and method in (None, exchange.request.method)


def is_json(exchange: Exchange) -> bool:
    """Whether the answer is JSON."""
    return exchange.response is not None and exchange.response.media_type == "application/json"


def is_stream(exchange: Exchange) -> bool:
    """Whether the answer is a stream of events."""
    return exchange.response is not None and exchange.response.media_type == "text/event-stream"


def status_of(exchange: Exchange) -> int:
    """The status; 0 without an answer."""
    return exchange.response.status if exchange.response else 0


def edit_json(exchange: Exchange, edit: Callable[[Answer], None]) -> Exchange:
    """The exchange with its JSON body edited; unchanged when the answer is not JSON."""
    if exchange.response is None or not is_json(exchange) or not exchange.response.body:
        return exchange
    answer = Answer(json.loads(exchange.response.body), sent_json(exchange))
    before = encode_json(answer.body)
    edit(answer)
    after = encode_json(answer.body)
    return exchange if after == before else with_body(exchange, after)


def read_events(exchange: Exchange) -> list[Event]:
    """The events of a stream."""
    body = exchange.response.body if exchange.response else b""
    return [Event(event.event_field, _parsed(event.data)) for event in sse.parse(body).events]


def _parsed(data: str) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data


def edit_events(exchange: Exchange, edit: Callable[[Stream], None]) -> Exchange:
    """The exchange with its events edited, one chunk an event; unchanged when the answer is not a stream."""
    if exchange.response is None or not is_stream(exchange):
        return exchange
    stream = Stream(read_events(exchange), sent_json(exchange))
    before = [event_bytes(event) for event in stream.events]
    edit(stream)
    after = [event_bytes(event) for event in stream.events]
    return exchange if after == before else with_chunks(exchange, after)


def event_bytes(event: Event) -> bytes:
    """An event on the wire."""
    data = event.data.encode() if isinstance(event.data, str) else encode_json(event.data)
    name = b"" if event.name is None else b"event: " + event.name.encode() + b"\n"
    return name + b"data: " + data + b"\n\n"


def with_chunks(exchange: Exchange, pieces: list[bytes]) -> Exchange:
    """The exchange with another body, which arrived in ``pieces`` at the times of the former chunks."""
    response = _answered(exchange)
    times = [chunk.at for chunk in response.chunks] or [0.0]
    chunks = tuple(Chunk(times[min(place, len(times) - 1)], data) for place, data in enumerate(pieces))
    headers = _with_length(response.headers, sum(map(len, pieces)))
    return replace(exchange, response=replace(response, chunks=chunks, headers=headers))


def with_body(exchange: Exchange, body: bytes) -> Exchange:
    """The exchange with another body in one chunk."""
    return with_chunks(exchange, [body] if body else [])


def _with_length(headers: Headers, length: int) -> Headers:
    return tuple(
        (name, str(length)) if name.lower() == "content-length" else (name, value) for name, value in headers
    )


def with_header(exchange: Exchange, name: str, *values: str) -> Exchange:
    """The exchange with header ``name`` set to ``values``; none takes it away."""
    response = _answered(exchange)
    others = tuple(pair for pair in response.headers if pair[0].lower() != name.lower())
    added = tuple((name, value) for value in values)
    return replace(exchange, response=replace(response, headers=others + added))


def with_status(exchange: Exchange, status: int) -> Exchange:
    """The exchange with another status."""
    return replace(exchange, response=replace(_answered(exchange), status=status))


def answer_with(
    exchange: Exchange, status: int, body: object, content_type: str = "application/json"
) -> Exchange:
    """The exchange with another answer: JSON, or bytes as they are; the other headers stay."""
    data = body if isinstance(body, bytes) else encode_json(body)
    kept = with_header(with_status(exchange, status), "content-type", content_type)
    for name in ("transfer-encoding", "content-encoding"):
        kept = with_header(kept, name)
    return with_header(with_body(kept, data), "content-length", str(len(data)))


def refuse(exchange: Exchange, refusal: Refusal) -> Exchange:
    """The exchange refused in the documented form."""
    return answer_with(exchange, refusal.status, {"error": refusal.error()})


def _answered(exchange: Exchange) -> Response:
    """The response; a fault on an exchange without one has nothing to alter."""
    return exchange.response or Response(0)
