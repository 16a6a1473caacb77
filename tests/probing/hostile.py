"""Targets on loopback that are scripted byte by byte, for what no proper server would do."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import hashlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

from conformance.exchange import Request
from conformance.probing.http import HttpTransport, tls_context
from conformance.probing.transport import Bounds, Reply, Script
from conformance.probing.websocket import WebSocketTransport

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

PATIENT = Bounds(connect=5, head=5, idle=5, total=20, body=200_000, chunks=1000, message=20_000, messages=50)
"""For targets that end by themselves, so that a busy machine changes no outcome."""

GET = Request("GET", "/v1/models", (("Accept", "application/json"),))
HANDSHAKE = Request(
    "GET", "/v1/realtime?model=m", (("Host", "h"), ("Authorization", "Bearer k"), ("X-Odd", "1"))
)
CONTEXT = tls_context(None)
TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9  # opcodes
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3


def soon(kind: str | None) -> Bounds:
    """Bounds that end what is expected to fail as ``kind`` soon, and nothing else."""
    short = {"connect": "connect", "no_head": "head", "idle": "idle"}
    if kind == "too_long":
        return dataclasses.replace(PATIENT, total=0.3)
    return dataclasses.replace(PATIENT, **{short[kind]: 0.15}) if kind in short else PATIENT


def sends(*parts: bytes, then: str = "close", pause: float = 0.0) -> Handler:
    """Reads the request's head, writes ``parts`` and then closes, resets or hangs."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        if then == "hang":
            await asyncio.sleep(30)
        if then == "reset":
            writer.transport.abort()

    return handle


@contextlib.asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[str]:
    """The origin at which ``handler`` serves each connection."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.001)  # lets the loop close what was let go


def exchange(handler: Handler, request: Request = GET, bounds: Bounds = PATIENT) -> Reply:
    """What one request to ``handler`` brings."""

    async def go() -> Reply:
        async with listening(handler) as origin:
            transport = HttpTransport(origin, bounds, CONTEXT)
            try:
                return await transport.send(request)
            finally:
                await transport.aclose()

    return asyncio.run(go())


def frame(opcode: int, payload: bytes, *, size: int | None = None) -> bytes:
    """One server frame (RFC 6455 §5.2); ``size`` is the length that it claims."""
    size = len(payload) if size is None else size
    if size < 126:
        return struct.pack("!BB", 0x80 | opcode, size) + payload
    if size < 65536:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload


def event(kind: str) -> bytes:
    """A text frame of a JSON event."""
    return frame(TEXT, b'{"type":"%s"}' % kind.encode())


def accepts(
    *parts: bytes, then: str = "echo-close", pause: float = 0.0, key: bytes | None = None, extra: bytes = b""
) -> Handler:
    """Accepts the handshake, writes ``parts`` and then answers the close, hangs or lets go."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        nonce = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
        digest = hashlib.sha1(nonce.partition(b":")[2].strip() + _GUID).digest()
        accept = key or base64.b64encode(digest)
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\nX-Request-Id: r1\r\n" + extra + b"\r\n"
        )
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        if then == "hang":
            await asyncio.sleep(30)
        elif then == "echo-close":
            await _until_close(reader)
            writer.write(frame(CLOSE, struct.pack("!H", 1000)))

    return handle


async def _until_close(reader: asyncio.StreamReader) -> None:
    while True:
        first, length = await reader.readexactly(2)
        size = length & 0x7F
        if size == 126:
            size = struct.unpack("!H", await reader.readexactly(2))[0]
        await reader.readexactly(4 + size)
        if first & 0x0F == CLOSE:
            return


def converse(
    handler: Handler, script: Script, bounds: Bounds = PATIENT, request: Request = HANDSHAKE
) -> Reply:
    """What one conversation with ``handler`` brings."""

    async def go() -> Reply:
        async with listening(handler) as origin:
            return await WebSocketTransport(origin, bounds, CONTEXT).send(request, script)

    return asyncio.run(go())
