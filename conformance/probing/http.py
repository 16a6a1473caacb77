"""One HTTP request over a connection of its own: raw bytes with their times, every wait bounded."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
import time
from collections.abc import AsyncIterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx

from conformance.errors import UsageError
from conformance.exchange import Chunk, Failure, FailureKind, Request, Response
from conformance.probing.decoding import Decoder, DecodingError, TooLargeError
from conformance.probing.transport import Bounds, Reply, Script
from conformance.text import one_line

FAILURE_OF: dict[type[Exception], FailureKind] = {
    httpx.ConnectTimeout: "connect",
    httpx.ConnectError: "connect",
    httpx.ProxyError: "connect",
    httpx.PoolTimeout: "connect",
    httpx.UnsupportedProtocol: "connect",
    httpx.ReadTimeout: "idle",
    httpx.WriteTimeout: "no_head",
    httpx.ReadError: "cut",
    httpx.WriteError: "cut",
    httpx.CloseError: "cut",
    httpx.LocalProtocolError: "protocol",
    httpx.RemoteProtocolError: "protocol",
    httpx.DecodingError: "encoding",
    httpx.TooManyRedirects: "protocol",
    httpx.InvalidURL: "protocol",
    OSError: "cut",  # a TLS error in the middle of a body comes through bare
    UnicodeError: "connect",  # a host name that IDNA cannot encode
}
"""Every exception that a send or a read of httpx can raise, mapped here and nowhere else."""

_ENDINGS = ("Server disconnected", "peer closed connection")  # httpcore's and h11's words for an early end
_CLOSE_WAIT = 1.0  # seconds
_HEAD_TOO_LARGE = "Receive buffer too long"  # h11's, for a head beyond 100 KiB


def failure_of(error: Exception) -> Failure:
    """The failure that ``error`` of httpx stands for."""
    kind = next(FAILURE_OF[base] for base in type(error).__mro__ if base in FAILURE_OF)
    text = str(error) or type(error).__name__
    if isinstance(error, httpx.RemoteProtocolError):
        if text.startswith(_ENDINGS):
            kind = "cut"
        elif text.startswith(_HEAD_TOO_LARGE):
            kind = "too_large"
    return Failure(kind, one_line(text))


def is_loopback(host: str) -> bool:
    """True for ``localhost`` and loopback addresses, which no proxy can reach for us."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """The usual trust store, and the certificates of ``--ca``. Raises UsageError when they cannot be read."""
    context = httpx.create_ssl_context()
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"--ca {ca}: no certificates can be read from it: {error}") from None
    return context


class HttpTransport:
    """A shared client without memory: no cookies, no redirects, no connection used twice.

    A connection of its own keeps one exchange's excess bytes out of the next, and an idle connection that the
    target rightly closes from looking like a lost request.
    """

    def __init__(self, origin: str, bounds: Bounds, context: ssl.SSLContext) -> None:
        self._origin = httpx.URL(origin)
        self._bounds = bounds
        self._client = httpx.AsyncClient(
            verify=context,
            trust_env=not is_loopback(self._origin.host),
            timeout=httpx.Timeout(None),  # deadlines are ours: httpx's start anew with every read
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    async def send(self, request: Request, script: Script | None = None) -> Reply:
        """The reply to ``request``, whole or with the failure that ended it."""
        return await _Attempt(self._client, self._origin, self._bounds).run(request)

    async def aclose(self) -> None:
        """Close what is left open."""
        await self._client.aclose()


class _ExactUrl(httpx.URL):
    """A URL whose path and query are sent as they are: httpx would quote them and resolve ``..``."""

    def __init__(self, origin: httpx.URL, path: str) -> None:
        super().__init__(origin)
        self._raw_path = path.encode("ascii")

    @property
    def raw_path(self) -> bytes:
        return self._raw_path


class _Attempt:
    """One request on its way; keeps what has arrived, so that a cut body is not lost."""

    def __init__(self, client: httpx.AsyncClient, origin: httpx.URL, bounds: Bounds) -> None:
        self._client = client
        self._origin = origin
        self._bounds = bounds
        self._began = self._sent = time.perf_counter()
        self._deadline = asyncio.timeout(None)
        self._chunks: list[Chunk] = []

    async def run(self, request: Request) -> Reply:
        try:
            async with asyncio.timeout(None) as self._deadline:
                response = await self._client.send(self._outgoing(request), stream=True)
        except TimeoutError:
            return Reply(
                failure=Failure("no_head", f"no complete response head within {self._bounds.head:g} s")
            )
        except httpx.ConnectTimeout:
            return Reply(failure=Failure("connect", f"no connection within {self._bounds.connect:g} s"))
        except tuple(FAILURE_OF) as error:
            return Reply(failure=failure_of(error))
        try:
            failure = await self._read(response)
        finally:
            await self._close(response)
        return Reply(self._response(response), failure=failure)

    def _outgoing(self, request: Request) -> httpx.Request:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
        # httpx bounds connecting, as it leaks a socket whose TLS handshake is cancelled from outside
        timeout = httpx.Timeout(None, connect=self._bounds.connect)
        extensions = {"timeout": timeout.as_dict(), "trace": self._trace}
        outgoing = httpx.Request(
            request.method, self._origin, headers=headers, content=request.body or None, extensions=extensions
        )
        outgoing.url = _ExactUrl(self._origin, request.path)
        return outgoing

    async def _trace(self, event: str, info: dict[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            self._deadline.reschedule(asyncio.get_running_loop().time() + self._bounds.head)
        elif event.endswith("send_request_body.complete"):
            self._sent = time.perf_counter()

    async def _read(self, response: httpx.Response) -> Failure | None:
        remaining = self._bounds.total - (time.perf_counter() - self._began)
        try:
            decoder = Decoder(response.headers.get_list("content-encoding"), self._bounds.body)
            async with asyncio.timeout(remaining):
                await self._read_chunks(response.aiter_raw(), decoder)
            return None
        except _SilenceError:
            return Failure("idle", f"the body fell silent for {self._bounds.idle:g} s and was left open")
        except TimeoutError:
            return Failure("too_long", f"the answer had not ended after {self._bounds.total:g} s")
        except DecodingError as error:
            return Failure("encoding", one_line(str(error)))
        except TooLargeError as error:
            self._keep(error.partial)
            return Failure("too_large", str(error))
        except tuple(FAILURE_OF) as error:
            return failure_of(error)

    async def _read_chunks(self, raw: AsyncIterator[bytes], decoder: Decoder) -> None:
        received = 0
        while (data := await self._next(raw)) is not None:
            received += len(data)
            self._keep(decoder.feed(data))
            if received > self._bounds.body:
                raise TooLargeError(f"the body is larger than {self._bounds.body} bytes", b"")
            if len(self._chunks) > self._bounds.chunks:
                raise TooLargeError(f"the body comes in more than {self._bounds.chunks} pieces", b"")
        decoder.end()

    async def _next(self, raw: AsyncIterator[bytes]) -> bytes | None:
        waiting = asyncio.timeout(self._bounds.idle)
        try:
            async with waiting:
                return await anext(raw, None)
        except TimeoutError:
            raise _SilenceError from None

    def _keep(self, data: bytes) -> None:
        if data:
            self._chunks.append(Chunk(round(time.perf_counter() - self._sent, 6), data))

    def _response(self, response: httpx.Response) -> Response:
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw
        )
        return Response(response.status_code, headers, tuple(self._chunks), response.http_version)

    async def _close(self, response: httpx.Response) -> None:
        """Nothing that happens now is the target's answer any more, but it must not keep us waiting."""
        with contextlib.suppress(TimeoutError, *FAILURE_OF):
            async with asyncio.timeout(_CLOSE_WAIT):
                await response.aclose()


class _SilenceError(Exception):
    """Nothing arrived within the idle bound."""
