"""Targets on loopback that are scripted byte by byte, for what no proper server would do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from conformance.exchange import Request
from conformance.probing.http import HttpTransport, tls_context
from conformance.probing.transport import Bounds, Reply

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

QUICK = Bounds(head=0.15, idle=0.15, total=0.6, body=200_000, message=20_000, messages=50)
GET = Request("GET", "/v1/models", (("Accept", "application/json"),))
CONTEXT = tls_context(None)


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


def exchange(handler: Handler, request: Request = GET, bounds: Bounds = QUICK) -> Reply:
    """What one request to ``handler`` brings."""

    async def go() -> Reply:
        async with listening(handler) as origin:
            transport = HttpTransport(origin, bounds, CONTEXT)
            try:
                return await transport.send(request)
            finally:
                await transport.aclose()

    return asyncio.run(go())
