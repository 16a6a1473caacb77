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

from conformance.exchange import Request
from conformance.reference import errors
from conformance.reference.app import App, application
from conformance.reference.state import State
from conformance.reference.wire import Receive, Send, head_bytes, play

LARGEST_BODY = 64 * 1024 * 1024
"""Bodies beyond this end the connection: nothing in the contract needs one."""

LARGEST_HEAD = 128 * 1024
"""Clients may send heads of up to 64 KiB."""


class _TransportProtocol(H11Protocol):
    """uvicorn's HTTP protocol, with the transport in reach and our envelope for what is not HTTP."""

    def handle_events(self) -> None:
        super().handle_events()
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            scope.setdefault("extensions", {})["conformance.transport"] = self.transport

    def send_400_response(self, msg: str) -> None:
        refused = errors.malformed(msg).answer()
        head = (*refused.headers, ("x-request-id", f"req_{uuid4().hex}"), ("connection", "close"))
        self.transport.write(head_bytes(replace(refused, headers=head)) + refused.body)
        self.transport.close()


class Asgi:
    """The ASGI face of an application."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        body = await _body(receive)
        transport: asyncio.Transport = scope["extensions"]["conformance.transport"]
        if body is None:
            transport.close()
            return
        await play(self._app(_request(scope, body)), receive, send, transport)


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
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    return Request(scope["method"], path, headers, body)


def _config(app: App, host: str, port: int, level: str) -> uvicorn.Config:
    return uvicorn.Config(
        Asgi(app),
        host=host,
        port=port,
        http=_TransportProtocol,
        ws="websockets-sansio",
        ws_max_size=LARGEST_BODY,
        lifespan="off",
        h11_max_incomplete_event_size=LARGEST_HEAD,
        log_level=level,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,  # seconds; a stream held open on purpose must not delay the end
    )


@contextmanager
def serve(app: App | None = None, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Run the target in a thread; gives its base URL, ``http://127.0.0.1:PORT/v1``."""
    listener = socket.create_server((host, port))
    server = uvicorn.Server(_config(app or application(State()), host, port, "critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{listener.getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def run(app: App, *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Run the target in the foreground until it is interrupted."""
    uvicorn.Server(_config(app, host, port, "info")).run()
