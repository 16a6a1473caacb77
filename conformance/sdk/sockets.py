"""The official client's WebSocket connections with a recorded conversation where their socket would be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from openai.resources.realtime.realtime import RealtimeConnection
from openai.resources.responses.responses import ResponsesConnection
from websockets.exceptions import ConnectionClosedOK
from websockets.frames import Close

from conformance.exchange import Frame

_CONNECTIONS: Mapping[str, Any] = {"GET /v1/realtime": RealtimeConnection, "GET /v1/responses": ResponsesConnection}


def is_known(operation: str) -> bool:
    """True when the SDK has a connection for the operation."""
    return operation in _CONNECTIONS


def name_of(operation: str) -> str:
    """What a user of the SDK iterates over."""
    return str(_CONNECTIONS[operation].__name__)


def conversation(operation: str, frames: Iterable[Frame]) -> Iterator[object]:
    """What a user gets who iterates over the connection: an event for each message that the server sent."""
    yield from _CONNECTIONS[operation](cast(Any, _RecordedSocket(frames)))


class _RecordedSocket:
    """Gives the server's messages in order, and then closes as agreed; how it really closed, others judge."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._messages = iter([f.data for f in frames if f.sender == "server" and f.kind != "close"])

    def recv(self, timeout: float | None = None, decode: bool | None = None) -> bytes:
        """The next message as bytes, as the SDK asks for it."""
        for message in self._messages:
            return message
        raise ConnectionClosedOK(Close(1000, ""), Close(1000, ""), rcvd_then_sent=False)
