"""Lies of streams below their chunks: the bytes of server-sent events, and the head they come with."""

from __future__ import annotations

import json
from collections.abc import Callable

from conformance.exchange import Exchange
from conformance.reference.editing import (
    answer_with,
    is_stream,
    status_of,
    with_body,
    with_chunks,
    with_header,
)
from conformance.reference.faults.frame import fault


def _bytes(exchange: Exchange, edit: Callable[[bytes], bytes]) -> Exchange:
    """The exchange with each chunk of a stream edited."""
    if not is_stream(exchange) or status_of(exchange) != 200 or exchange.response is None:
        return exchange
    return with_chunks(exchange, [edit(chunk.data) for chunk in exchange.response.chunks])


def _whole(exchange: Exchange, edit: Callable[[bytes], bytes]) -> Exchange:
    """The exchange with the body of a stream edited as one."""
    if not is_stream(exchange) or status_of(exchange) != 200 or exchange.response is None:
        return exchange
    return with_body(exchange, edit(exchange.response.body))


@fault(defects=("D075",))
def calls_the_stream_ndjson(exchange: Exchange) -> Exchange:
    """The Content-Type of a stream is application/x-ndjson."""
    return with_header(exchange, "content-type", "application/x-ndjson") if is_stream(exchange) else exchange


@fault()
def calls_the_stream_json(exchange: Exchange) -> Exchange:
    """The Content-Type of a stream is application/json."""
    return with_header(exchange, "content-type", "application/json") if is_stream(exchange) else exchange


@fault()
def streams_json_lines(exchange: Exchange) -> Exchange:
    """Chunks come as bare lines of JSON, without data:."""
    return _bytes(exchange, lambda data: data.removeprefix(b"data: "))


@fault()
def ends_the_stream_without_a_blank_line(exchange: Exchange) -> Exchange:
    """The last event is not ended by a blank line, and strict clients drop it."""
    return _whole(exchange, lambda body: body.removesuffix(b"\n"))


@fault()
def begins_the_stream_with_a_byte_order_mark(exchange: Exchange) -> Exchange:
    """A byte order mark comes before the first event, which some clients lose."""
    return _whole(exchange, lambda body: b"\xef\xbb\xbf" + body)


@fault()
def separates_events_by_one_line_end(exchange: Exchange) -> Exchange:
    """Events follow each other without a blank line between them."""
    return _bytes(exchange, lambda data: data.removesuffix(b"\n"))


@fault()
def writes_field_names_in_capitals(exchange: Exchange) -> Exchange:
    """The field is DATA:, which clients ignore."""
    return _bytes(exchange, lambda data: data.replace(b"data: ", b"DATA: ", 1))


@fault()
def streams_broken_utf8(exchange: Exchange) -> Exchange:
    """A character is cut in two, and the bytes are not UTF-8."""
    return _whole(exchange, lambda body: body.replace(b'"}', b'\xc3"}', 1))


@fault()
def streams_json_that_does_not_parse(exchange: Exchange) -> Exchange:
    """The data of an event is not JSON."""
    return _whole(exchange, lambda body: body.replace(b"}\n\n", b"\n\n", 1))


@fault()
def sends_event_ids(exchange: Exchange) -> Exchange:
    """Events have id: and retry: fields, which official clients read as empty events."""
    return _bytes(exchange, lambda data: b"id: 1\nretry: 3000\n\n" + data)


@fault()
def sends_events_without_data(exchange: Exchange) -> Exchange:
    """Named events without data are sent to keep the connection alive."""
    return _bytes(exchange, lambda data: b"event: ping\n\n" + data)


@fault()
def sends_empty_data(exchange: Exchange) -> Exchange:
    """Events with empty data are sent to keep the connection alive."""
    return _bytes(exchange, lambda data: b"data:\n\n" + data)


@fault()
def decorates_the_done_marker(exchange: Exchange) -> Exchange:
    """[DONE] has a space behind it."""
    return _whole(exchange, lambda body: body.replace(b"data: [DONE]\n", b"data: [DONE] \n"))


@fault(defects=("D073",))
def spreads_a_chunk_over_lines(exchange: Exchange) -> Exchange:
    """The JSON of a chunk is spread over several data lines."""
    return _bytes(exchange, _pretty)


def _pretty(data: bytes) -> bytes:
    lines = []
    for line in data.decode().split("\n"):
        pretty = [line]
        if line.startswith("data: {"):
            pretty = json.dumps(json.loads(line[6:]), indent=1, ensure_ascii=False).split("\n")
            pretty = [f"data: {part}" for part in pretty]
        lines += pretty
    return "\n".join(lines).encode()


@fault()
def streams_nothing(exchange: Exchange) -> Exchange:
    """A stream has the right head and an empty body."""
    return _whole(exchange, lambda body: b"")


@fault()
def streams_html(exchange: Exchange) -> Exchange:
    """A stream has the right head and a page of HTML in it."""
    return _whole(exchange, lambda body: b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>\n")


@fault()
def answers_a_stream_request_whole(exchange: Exchange) -> Exchange:
    """stream: true is ignored, and a JSON object comes."""
    if not is_stream(exchange) or status_of(exchange) != 200 or exchange.response is None:
        return exchange
    first = (
        exchange.response.chunks[0].data.partition(b"data: ")[2].strip()
        if exchange.response.chunks
        else b"{}"
    )
    return answer_with(exchange, 200, first)


@fault()
def puts_nul_bytes_between_events(exchange: Exchange) -> Exchange:
    """NUL bytes come between the events, and the event behind them is lost."""
    return _bytes(exchange, lambda data: b"\x00" + data)
