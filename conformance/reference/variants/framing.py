"""Streams framed otherwise: line ends, spaces, comments, pieces."""

from __future__ import annotations

from collections.abc import Callable

from conformance.exchange import Exchange
from conformance.reference.editing import (
    is_stream,
    with_body,
    with_chunks,
)
from conformance.reference.variants.frame import variant


def _events(exchange: Exchange, edit: Callable[[bytes], bytes]) -> Exchange:
    if not is_stream(exchange) or exchange.response is None:
        return exchange
    return with_chunks(exchange, [edit(chunk.data) for chunk in exchange.response.chunks])


@variant
def numbers_events_and_says_when_to_retry(exchange: Exchange) -> Exchange:
    """Events have id and retry fields, which only clients that reconnect look at."""
    return _events(exchange, lambda data: b"id: 7\nretry: 3000\n" + data)


@variant
def keeps_streams_alive_with_comments(exchange: Exchange) -> Exchange:
    """Comments come between the events of a stream."""
    return _events(exchange, lambda data: b": keep-alive\n\n" + data)


@variant
def writes_no_space_after_the_colon(exchange: Exchange) -> Exchange:
    """Fields of a stream have no space after their colon."""
    return _events(exchange, _without_space)


def _without_space(data: bytes) -> bytes:
    lines = data.split(b"\n")
    return b"\n".join(
        line.replace(b": ", b":", 1) if line[:6] in (b"data: ", b"event:") else line for line in lines
    )


@variant
def ends_lines_with_crlf(exchange: Exchange) -> Exchange:
    """The lines of a stream end with CRLF."""
    return _events(exchange, lambda data: data.replace(b"\n", b"\r\n"))


@variant
def ends_lines_with_cr(exchange: Exchange) -> Exchange:
    """The lines of a stream end with CR."""
    return _events(exchange, lambda data: data.replace(b"\n", b"\r"))


@variant
def sends_streams_in_odd_pieces(exchange: Exchange) -> Exchange:
    """A stream arrives in pieces of 23 bytes, which cut characters in two."""
    return in_pieces(exchange, 23) if is_stream(exchange) else exchange


@variant
def sends_streams_at_once(exchange: Exchange) -> Exchange:
    """A stream arrives in one piece."""
    if not is_stream(exchange) or exchange.response is None:
        return exchange
    return with_body(exchange, exchange.response.body)


def in_pieces(exchange: Exchange, size: int) -> Exchange:
    """The exchange with its body in pieces of ``size`` bytes."""
    body = exchange.response.body if exchange.response else b""
    return with_chunks(exchange, [body[start : start + size] for start in range(0, len(body), size)])
