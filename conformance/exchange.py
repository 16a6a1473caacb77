"""What was sent and every byte that came back: the one type that crosses from the prober to the checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Headers = tuple[tuple[str, str], ...]
"""Name and value pairs in wire order, repetition kept; values are latin-1 text, as HTTP defines them."""

FailureKind = Literal[
    "connect",  # no connection: refused, name not found, TLS failed
    "no_head",  # no complete response head within the time allowed
    "idle",  # the body or the socket fell silent beyond its bound and was left open
    "too_long",  # the whole exchange exceeded its total time
    "cut",  # the connection ended before the message did
    "protocol",  # bytes that are not HTTP, or not a WebSocket frame
    "encoding",  # a Content-Encoding that does not decode
    "too_large",  # more bytes than the bound
]


def header_values(headers: Headers, name: str) -> tuple[str, ...]:
    """Every value of header ``name``, compared without regard to case, in wire order."""
    wanted = name.lower()
    return tuple(value for key, value in headers if key.lower() == wanted)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. ``path`` is absolute and carries the query: ``/v1/models?x=1``."""

    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first value of header ``name``, or None."""
        return next(iter(header_values(self.headers, name)), None)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of a body as they arrived, after Content-Encoding; ``at`` is seconds since the request was sent."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response: its head, and its body as it arrived."""

    status: int
    headers: Headers = ()
    chunks: tuple[Chunk, ...] = ()
    http_version: str = "HTTP/1.1"

    @property
    def body(self) -> bytes:
        """The whole body, Content-Encoding removed."""
        return b"".join(chunk.data for chunk in self.chunks)

    def header(self, name: str) -> str | None:
        """The first value of header ``name``, or None."""
        return next(iter(header_values(self.headers, name)), None)

    def header_values(self, name: str) -> tuple[str, ...]:
        """Every value of header ``name``, in wire order."""
        return header_values(self.headers, name)

    @property
    def media_type(self) -> str:
        """The media type of Content-Type, lower case, without parameters; empty when absent (RFC 9110 §8.3)."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Frame:
    """One complete WebSocket message or close (RFC 6455 §5).

    ``at`` is seconds since the handshake was sent. ``data`` of a close is its two-byte code and reason.
    """

    at: float
    sender: Literal["client", "server"]
    kind: Literal["text", "binary", "close"]
    data: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """How an exchange ended when it did not end whole."""

    kind: FailureKind
    message: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of a case and what came back.

    A case sends one exchange, or several *steps* (a poll, a repetition), each in one or more *attempts*
    (a retry after 429). For a WebSocket, ``request`` is the handshake, ``response`` its answer (101 when
    accepted) and ``frames`` the transcript.
    """

    id: str
    case: str
    request: Request
    response: Response | None = None
    frames: tuple[Frame, ...] = field(default=())
    failure: Failure | None = None
    step: int = 0
    attempt: int = 1
    started_at: float = 0.0  # seconds since the epoch
    ended_at: float = 0.0
