"""The reference target on a socket: an ASGI application, and uvicorn in a thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from conformance.exchange import Headers, Request
from conformance.reference import errors
from conformance.reference.app import App, Reference, reference
from conformance.reference.handshake import is_upgrade
from conformance.reference.socket_wire import converse, deny
from conformance.reference.state import State
from conformance.reference.wire import Receive, Send, head_bytes, play

LARGEST_BODY = 64 * 1024 * 1024
"""Bodies beyond this end the connection: nothing in the contract needs one."""

LARGEST_HEAD = 128 * 1024
"""Clients may send heads of up to 64 KiB."""

_TRANSPORT = "conformance.transport"
_PROTOCOL = "conformance.protocol"


class _HttpProtocol(H11Protocol):
    """uvicorn's HTTP protocol, with the transport in reach and our envelope for what is not HTTP."""

    def handle_events(self) -> None:
        super().handle_events()
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            scope.setdefault("extensions", {})[_TRANSPORT] = self.transport

    def _should_upgrade(self) -> bool:
        # uvicorn answers a broken handshake in plain text; as HTTP it gets the envelope.
        method = self.scope["method"] if self.scope else ""
        return is_upgrade(Request(method, "", _text(self.headers))) and super()._should_upgrade()

    def send_400_response(self, msg: str) -> None:
        refused = errors.malformed(msg).answer()
        head = (*refused.headers, ("x-request-id", f"req_{uuid4().hex}"), ("connection", "close"))
        self.transport.write(head_bytes(replace(refused, headers=head)) + refused.body)
        self.transport.close()


class _SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, in reach of the application, for frames that ASGI cannot express."""

    async def run_asgi(self) -> None:
        scope: Any = self.scope
        scope["extensions"][_PROTOCOL] = self
        await super().run_asgi()


class Asgi:
    """The ASGI face of a target."""

    def __init__(self, target: Reference) -> None:
        self._target = target

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request, or hold one WebSocket conversation."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)

    async def _http(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body = await _body(receive)
        transport: asyncio.Transport = scope["extensions"][_TRANSPORT]
        if body is None:
            transport.close()
            return
        await play(self._target.answer(_request(scope, body)), receive, send, transport)

    async def _websocket(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        request = _request(scope, b"")
        exchange = self._target.answer(request)
        if exchange.response is None or exchange.response.status != 101:
            await deny(exchange, send, scope["extensions"][_PROTOCOL])
            return
        await converse(
            exchange.response,
            self._target.connect(request),
            self._target.framing,
            receive,
            send,
            scope["extensions"][_PROTOCOL],
        )


async def _body(receive: Receive) -> bytes | None:
    """The whole request body; None when it is too large or breaks off."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _request(scope: dict[str, Any], body: bytes) -> Request:
    query = scope["query_string"]
    path = (scope["raw_path"] + (b"?" + query if query else b"")).decode("latin-1")
    return Request(scope.get("method", "GET"), path, _text(scope["headers"]), body)


def _text(headers: Any) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _config(target: Reference, **settings: Any) -> uvicorn.Config:
    return uvicorn.Config(
        Asgi(target),
        **settings,
        http=_HttpProtocol,
        ws=_SocketProtocol,
        ws_max_size=LARGEST_BODY,
        ws_per_message_deflate=target.framing.compresses,
        lifespan="off",
        h11_max_incomplete_event_size=LARGEST_HEAD,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,  # seconds; a stream held open on purpose must not delay the end
    )


def _whole(app: App | Reference | None) -> Reference:
    if isinstance(app, Reference):
        return app
    conforming = reference(State())
    return conforming if app is None else replace(conforming, answer=app)


@contextmanager
def serve(app: App | Reference | None = None, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Run a target in a thread, the conforming one by default; gives its base URL, ``http://HOST:PORT/v1``."""
    with socket.create_server((host, port)) as listener, serve_on(listener, app):
        yield f"http://{host}:{listener.getsockname()[1]}/v1"


@contextmanager
def serve_on(listener: socket.socket, app: App | Reference | None = None) -> Iterator[None]:
    """Run a target in a thread, the conforming one by default, on a socket that listens already."""
    server = uvicorn.Server(_config(_whole(app), log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def run(app: App | Reference | None = None, *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Run a target in the foreground until it is interrupted."""
    uvicorn.Server(_config(_whole(app), host=host, port=port, log_level="info")).run()
