"""An exchange played onto a connection, with the ends that HTTP libraries refuse to produce.

Well-formed answers go through ASGI. What h11 would rightly refuse to write (a length that lies, two lengths,
a length beside chunks) is written to the transport as it is.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from conformance.exchange import Exchange, Headers, Response, header_values

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def play(exchange: Exchange, receive: Receive, send: Send, transport: asyncio.Transport) -> None:
    """Send what the exchange holds, and end the way it ended."""
    response, failure = exchange.response, exchange.failure
    if response is not None and failure is not None and failure.kind == "encoding":
        await _play_undecodable(response, send)
        return
    raw = response is not None and _needs_raw_bytes(response, exchange.request.method)
    if response is not None:
        await (_play_raw(response, transport) if raw else _play_asgi(response, send))
    if failure is None and response is not None and not raw:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    if failure is None or failure.kind not in ("no_head", "idle", "too_long"):
        transport.close()
    await _disconnected(receive)


async def _play_undecodable(response: Response, send: Send) -> None:
    """A recording holds nothing of a body that did not decode; any bytes that do not will do."""
    await send({"type": "http.response.start", "status": response.status, "headers": _raw(response.headers)})
    await send({"type": "http.response.body", "body": b"these bytes were never compressed"})


async def _disconnected(receive: Receive) -> None:
    """Return when the connection is gone: uvicorn would answer for an application that returns earlier."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _play_asgi(response: Response, send: Send) -> None:
    headers = _raw(_wire_headers(response))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    async for data in _paced(response):
        await send({"type": "http.response.body", "body": data, "more_body": True})


async def _paced(response: Response) -> AsyncIterator[bytes]:
    started = 0.0
    compress = _encoder(response)
    for chunk in response.chunks:
        if chunk.at > started:
            await asyncio.sleep(chunk.at - started)
            started = chunk.at
        if data := compress(chunk.data):
            yield data
    if tail := compress(None):
        yield tail


def _raw(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _wire_headers(response: Response) -> Headers:
    """The head as sent; a compressed body has another length than the recorded one, so it goes chunked."""
    if response.header("content-encoding") is None:
        return response.headers
    return tuple(pair for pair in response.headers if pair[0].lower() != "content-length")


def _encoder(response: Response) -> Callable[[bytes | None], bytes]:
    """Content-Encoding, chunk by chunk: each event of a stream is flushed. None ends the body."""
    if (response.header("content-encoding") or "").lower() != "gzip":
        return lambda data: data or b""
    packer = zlib.compressobj(wbits=31)
    return lambda data: (
        packer.flush() if data is None else packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)
    )


def _needs_raw_bytes(response: Response, method: str) -> bool:
    lengths = header_values(response.headers, "content-length")
    chunked = header_values(response.headers, "transfer-encoding")
    if response.http_version != "HTTP/1.1" or len(lengths) > 1 or (lengths and chunked):
        return True
    if not lengths or method == "HEAD" or response.header("content-encoding"):
        return False
    return lengths[0] != str(len(response.body))


async def _play_raw(response: Response, transport: asyncio.Transport) -> None:
    transport.write(head_bytes(response))
    chunked = bool(header_values(response.headers, "transfer-encoding"))
    async for data in _paced(response):
        transport.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
    if chunked:
        transport.write(b"0\r\n\r\n")


def head_bytes(response: Response) -> bytes:
    """The status line and the header lines, nothing added."""
    phrase = HTTPStatus(response.status).phrase if response.status in set(HTTPStatus) else ""
    status = f"{response.http_version} {response.status} {phrase}"
    lines = [status, *(f"{name}: {value}" for name, value in response.headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")
