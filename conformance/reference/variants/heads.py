"""Heads, encodings and timing that differ."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from conformance.exchange import Chunk, Exchange
from conformance.reference.editing import (
    is_json,
    is_stream,
    with_body,
    with_header,
)
from conformance.reference.handshake import is_upgrade
from conformance.reference.variants.frame import variant
from conformance.reference.variants.framing import in_pieces


@variant
def compresses_with_gzip(exchange: Exchange) -> Exchange:
    """Answers are compressed for clients that accept it."""
    accepts = "gzip" in (exchange.request.header("accept-encoding") or "")
    whole = exchange.response is not None and exchange.response.body
    return with_header(exchange, "content-encoding", "gzip") if accepts and whole else exchange


@variant
def indents_json(exchange: Exchange) -> Exchange:
    """JSON is indented, and ends with a line end."""
    if not is_json(exchange) or exchange.response is None or not exchange.response.body:
        return exchange
    value = json.loads(exchange.response.body)
    return with_body(exchange, json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n")


@variant
def escapes_all_but_ascii(exchange: Exchange) -> Exchange:
    """JSON is written with escapes instead of UTF-8."""
    if not is_json(exchange) or exchange.response is None or not exchange.response.body:
        return exchange
    text = exchange.response.body.decode()
    return with_body(exchange, re.sub(r"[^\x00-\x7f]", _escaped, text).encode())


def _escaped(found: re.Match[str]) -> str:
    """A character as JSON may write it within a string, the only place where JSON has others than ASCII."""
    return json.dumps(found[0])[1:-1]


@variant
def sends_bodies_in_chunks(exchange: Exchange) -> Exchange:
    """JSON arrives in chunks without a length, cut anywhere."""
    if not is_json(exchange) or exchange.response is None or not exchange.response.body:
        return exchange
    if is_upgrade(exchange.request):  # the server sends the refusal of a handshake in one piece, whatever its head says
        return exchange
    return with_header(with_header(in_pieces(exchange, 40), "content-length"), "transfer-encoding", "chunked")


@variant
def adds_a_charset(exchange: Exchange) -> Exchange:
    """The Content-Type of JSON has a charset, in capitals."""
    return (
        with_header(exchange, "content-type", 'Application/JSON; charset="UTF-8"')
        if is_json(exchange)
        else exchange
    )


@variant
def omits_the_charset_of_streams(exchange: Exchange) -> Exchange:
    """The Content-Type of streams has no charset."""
    return with_header(exchange, "content-type", "text/event-stream") if is_stream(exchange) else exchange


@variant
def writes_headers_in_title_case(exchange: Exchange) -> Exchange:
    """Header names are written in title case."""
    return _headers(exchange, lambda name, value: (name.title(), value))


@variant
def writes_headers_in_capitals(exchange: Exchange) -> Exchange:
    """Header names are written in capitals."""
    return _headers(exchange, lambda name, value: (name.upper(), value))


def _headers(exchange: Exchange, edit: Callable[[str, str], tuple[str, str]]) -> Exchange:
    if exchange.response is None:
        return exchange
    headers = tuple(edit(name, value) for name, value in exchange.response.headers)
    return replace(exchange, response=replace(exchange.response, headers=headers))


@variant
def adds_headers(exchange: Exchange) -> Exchange:
    """Answers have headers of proxies and caches."""
    if exchange.response is None:
        return exchange
    added = with_header(exchange, "set-cookie", "a=1; Path=/", "b=2; Path=/")
    for name, value in (("via", "1.1 edge"), ("cf-ray", "8f00-FRA"), ("vary", "Origin"), ("x-cache", "MISS")):
        added = with_header(added, name, value)
    return added


@variant
def closes_each_connection(exchange: Exchange) -> Exchange:
    """No connection is kept for a second request."""
    kept = exchange.response is None or is_upgrade(exchange.request)
    return exchange if kept else with_header(exchange, "connection", "close")


@variant
def allows_every_origin(exchange: Exchange) -> Exchange:
    """Every answer has CORS headers, asked for or not."""
    if exchange.response is None:
        return exchange
    exposed = "X-Request-Id, Retry-After"
    return with_header(
        with_header(exchange, "access-control-allow-origin", "*"), "access-control-expose-headers", exposed
    )


@variant
def sends_no_headers_of_its_own(exchange: Exchange) -> Exchange:
    """Answers have neither openai- headers nor rate limits."""
    if exchange.response is None:
        return exchange
    own = ("openai-", "x-ratelimit-")
    kept = tuple(pair for pair in exchange.response.headers if not pair[0].lower().startswith(own))
    return replace(exchange, response=replace(exchange.response, headers=kept))


@variant
def answers_slowly(exchange: Exchange) -> Exchange:
    """Answers take their time."""
    if exchange.response is None:
        return exchange
    chunks = tuple(Chunk(chunk.at + 0.05, chunk.data) for chunk in exchange.response.chunks)
    return replace(exchange, response=replace(exchange.response, chunks=chunks))
