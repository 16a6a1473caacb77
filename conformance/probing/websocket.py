"""One WebSocket conversation: the handshake, a script of messages, and the whole transcript, all bounded."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import struct
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
    SecurityError,
)
from websockets.http11 import Response as HandshakeResponse
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from conformance.exchange import Chunk, Failure, FailureKind, Frame, Request, Response, header_values
from conformance.probing.http import is_loopback
from conformance.probing.transport import DEFLATE, Bounds, Reply, Script
from conformance.text import one_line

_MADE_BY_THE_LIBRARY = frozenset({
    "host", "connection", "upgrade", "content-length", "accept-encoding",
    "sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions", "sec-websocket-protocol",
})  # fmt: skip
_CLOSE_WAIT = 2.0  # seconds of silence at the most before the target's own close; it has little left to say
_NORMAL, _TOO_BIG, _NO_STATUS = 1000, 1009, 1005  # RFC 6455 §7.4.1


class WebSocketTransport:
    """Connects anew for every case; no redirects, no pings of ours, compression where the request offers it."""

    def __init__(self, origin: str, bounds: Bounds, context: ssl.SSLContext) -> None:
        scheme, _, authority = origin.partition("://")
        self._origin = ("wss://" if scheme == "https" else "ws://") + authority
        self._bounds = bounds
        self._context = context if scheme == "https" else None
        host = urlsplit(self._origin).hostname or ""
        self._proxy: Literal[True] | None = None if is_loopback(host) else True

    async def send(self, request: Request, script: Script | None) -> Reply:
        """The handshake's answer and the transcript of ``script``, or the failure that ended it."""
        conversation = _Conversation(self._bounds)
        await conversation.hold(self._connecting(request), script or ())
        return conversation.reply()

    def _connecting(self, request: Request) -> _Connect:
        headers = [pair for pair in request.headers if pair[0].lower() not in _MADE_BY_THE_LIBRARY]
        options: dict[str, Any] = {"ssl": self._context} if self._context else {}
        offered = ",".join(header_values(request.headers, "sec-websocket-protocol"))
        return _Connect(
            self._origin + request.path,
            self._bounds,
            additional_headers=headers,
            subprotocols=[Subprotocol(name.strip()) for name in offered.split(",") if name.strip()] or None,
            user_agent_header=None,
            compression="deflate" if request.header("sec-websocket-extensions") == DEFLATE else None,
            open_timeout=None,  # bounded by the conversation, which knows how far it came
            ping_interval=None,
            close_timeout=None,  # bounded by the connection, which knows whether the target still speaks
            max_size=self._bounds.message,
            proxy=self._proxy,
            create_connection=_Connection,
            **options,
        )


class _Connection(ClientConnection):
    """Lets go once all is quiet behind a close frame; the library would give the target a fixed time to say the rest."""

    when_connected: Callable[[], None] = staticmethod(lambda: None)
    quiet = _CLOSE_WAIT
    _letting_go: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.when_connected()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.protocol.close_expected():
            self.let_go_when_quiet()

    def let_go_when_quiet(self) -> None:
        """End the connection unless more is heard; what is heard starts the wait anew."""
        if self._letting_go is not None:
            self._letting_go.cancel()
        self._letting_go = self.loop.call_later(self.quiet, self.transport.abort)


class _Connect(connect):
    """The library's connector; keeps the connection, so that a broken handshake can be looked at."""

    def __init__(self, uri: str, bounds: Bounds, **options: Any) -> None:
        super().__init__(uri, **options)
        self.head = bounds.head
        self.idle = bounds.idle
        self.made: ClientConnection | None = None
        self.is_connected = False
        self.deadline = asyncio.timeout(None)
        self._make = self.factory
        self.factory = self._remember

    def _remember(self, uri: WebSocketURI) -> ClientConnection:
        self.made = self._make(uri)
        if isinstance(self.made, _Connection):
            self.made.when_connected = self._note_connection
            self.made.quiet = min(_CLOSE_WAIT, self.idle / 2)  # its end is noticed before silence is
        return self.made

    def _note_connection(self) -> None:
        self.is_connected = True
        self.deadline.reschedule(asyncio.get_running_loop().time() + self.head)

    def process_redirect(self, exc: Exception) -> Exception | str:
        """A redirect is an answer like any other; following it would carry the key elsewhere."""
        return exc


class _Conversation:
    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._began = time.perf_counter()
        self._response: Response | None = None
        self._frames: list[Frame] = []
        self._failure: Failure | None = None
        self._messages = self._bytes = 0  # of the target

    def reply(self) -> Reply:
        return Reply(self._response, tuple(self._frames), self._failure)

    async def hold(self, connecting: _Connect, script: Script) -> None:
        connection = await self._open(connecting)
        if connection is None:
            return
        try:
            async with asyncio.timeout(self._bounds.total):
                await self._converse(connection, script)
        except TimeoutError:
            self._fail("too_long", f"the conversation had not ended after {self._bounds.total:g} s")
        except _EndError as end:
            self._failure = end.failure
        finally:
            connection.transport.abort()

    async def _converse(self, connection: _Connection, script: Script) -> None:
        """The script, our close, and whatever the target has said until its end."""
        try:
            for step in script:
                await self._play(connection, step)
            self._keep("client", "close", struct.pack("!H", _NORMAL))
        except ConnectionClosed:
            pass  # what came before the end is still to be read
        closing = asyncio.create_task(connection.close(_NORMAL))
        connection.let_go_when_quiet()
        latest = connection.loop.call_later(self._bounds.idle, connection.transport.abort)
        try:  # reads on: what is not read keeps the target's own close from arriving
            while True:
                self._receive(await connection.recv())
        except ConnectionClosed as closed:
            self._note_end(closed)
        finally:
            latest.cancel()
            closing.cancel()
            await asyncio.wait([closing])

    async def _open(self, connecting: _Connect) -> _Connection | None:
        try:
            async with asyncio.timeout(self._bounds.connect) as connecting.deadline:
                connection = await connecting
        except InvalidStatus as refused:
            self._response = self._answered(refused.response)
        except TimeoutError:
            self._note_no_head(connecting)
        except InvalidHandshake as error:
            self._note_bad_handshake(error, connecting.made)
        except (OSError, InvalidURI, InvalidProxy, UnicodeError) as error:
            self._fail("connect", str(error) or type(error).__name__)
        else:
            if connection.response is not None:
                self._response = self._answered(connection.response)
            return cast(_Connection, connection)  # the one that create_connection names
        return None

    def _answered(self, response: HandshakeResponse) -> Response:
        headers = tuple(response.headers.raw_items())
        body = bytes(response.body or b"")
        return Response(response.status_code, headers, (Chunk(self._now(), body),) if body else ())

    def _note_no_head(self, connecting: _Connect) -> None:
        if connecting.is_connected:
            self._fail("no_head", f"no complete answer to the handshake within {self._bounds.head:g} s")
        else:
            self._fail("connect", f"no connection within {self._bounds.connect:g} s")

    def _note_bad_handshake(self, error: InvalidHandshake, made: ClientConnection | None) -> None:
        """An answer that is no HTTP, or a 101 that breaks RFC 6455 §4.2.2."""
        cause = error.__cause__
        text = f"{error}: {cause}" if cause else str(error)
        if made is not None and made.response is not None:
            self._response = self._answered(made.response)
        if isinstance(error, ProxyError):
            self._fail("connect", text)
        elif isinstance(error, InvalidMessage) and isinstance(cause, EOFError):
            self._fail("cut", text)
        elif isinstance(error, SecurityError) or isinstance(cause, SecurityError):
            self._fail("too_large", text)
        else:
            self._fail("protocol", text)

    async def _play(self, connection: ClientConnection, step: Mapping[str, Any]) -> None:
        if "send" in step:
            await self._send(connection, json.dumps(step["send"], ensure_ascii=False, separators=(",", ":")))
        if "send_text" in step:
            await self._send(connection, step["send_text"])
        if "until" in step:
            await self._listen(connection, frozenset(step["until"]) | {"error"})

    async def _send(self, connection: ClientConnection, text: str) -> None:
        async with self._patience("nothing was read"):
            await connection.send(text)
        self._keep("client", "text", text.encode())

    async def _listen(self, connection: ClientConnection, types: frozenset[str]) -> None:
        while True:
            async with self._patience("no message"):
                message = await connection.recv()
            if _type_of(self._receive(message)) in types:
                return

    @contextlib.asynccontextmanager
    async def _patience(self, what: str) -> AsyncIterator[None]:
        waiting = asyncio.timeout(self._bounds.idle)
        try:
            async with waiting:
                yield
        except TimeoutError:
            text = f"{what} for {self._bounds.idle:g} s, and left open"
            raise _EndError(Failure("idle", text)) from None

    def _receive(self, message: str | bytes) -> str | bytes:
        data = message.encode() if isinstance(message, str) else message
        self._keep("server", "text" if isinstance(message, str) else "binary", data)
        self._messages += 1
        self._bytes += len(data)
        if self._messages > self._bounds.messages:
            raise _EndError(Failure("too_large", f"more than {self._bounds.messages} messages"))
        if self._bytes > self._bounds.body:
            raise _EndError(Failure("too_large", f"messages of more than {self._bounds.body} bytes"))
        return message

    def _note_end(self, closed: ConnectionClosed) -> None:
        if closed.rcvd is not None:
            code = b"" if closed.rcvd.code == _NO_STATUS else struct.pack("!H", closed.rcvd.code)
            self._keep("server", "close", code + closed.rcvd.reason.encode())
        elif closed.sent is None:
            self._fail("cut", "the connection ended without a close frame")
        elif closed.sent.code == _TOO_BIG:
            self._fail("too_large", f"a message larger than {self._bounds.message} bytes")
        elif closed.sent.code != _NORMAL:
            self._fail("protocol", closed.sent.reason or f"a frame that ends in {closed.sent.code}")

    def _fail(self, kind: FailureKind, text: str) -> None:
        self._failure = Failure(kind, one_line(text))

    def _keep(
        self, sender: Literal["client", "server"], kind: Literal["text", "binary", "close"], data: bytes
    ) -> None:
        self._frames.append(Frame(self._now(), sender, kind, data))

    def _now(self) -> float:
        return round(time.perf_counter() - self._began, 6)


class _EndError(Exception):
    """The conversation is given up."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def _type_of(message: str | bytes) -> str | None:
    """The ``type`` of a JSON event; None for anything else."""
    if isinstance(message, bytes):
        return None
    try:
        event = json.loads(message)
    except (ValueError, RecursionError):
        return None
    kind = event.get("type") if isinstance(event, dict) else None
    return kind if isinstance(kind, str) else None
