"""The seam between the prober and the network: one request in, what came back out; a fake is a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from conformance.exchange import Failure, Frame, Request, Response

DEFLATE = "permessage-deflate; client_max_window_bits"
"""What the official clients offer in a handshake (RFC 7692 §7); without it no message is compressed."""

Script = tuple[Mapping[str, Any], ...]
"""Filled steps of a WebSocket case: ``{"send": JSON}``, ``{"send_text": str}`` or ``{"until": [types]}``."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one request; what went wrong is said in ``failure``, never raised."""

    response: Response | None = None
    frames: tuple[Frame, ...] = ()
    failure: Failure | None = None


class Transport(Protocol):
    """Sends one request; ``script`` is given for a WebSocket and None for plain HTTP."""

    async def send(self, request: Request, script: Script | None) -> Reply:
        """Every failure of the target is part of the reply."""
        ...


_CONNECT = 10.0  # seconds until TCP and TLS are up; a target that takes longer is not there


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a target's time and bytes one exchange may take; all derived from ``--timeout``."""

    connect: float = _CONNECT
    head: float = 60.0  # seconds from then until the response head is complete
    idle: float = 60.0  # seconds between two chunks or messages
    total: float = 600.0  # seconds for the whole exchange
    body: int = 32 * 1024 * 1024  # bytes, before and after decompression alike: no JSON answer comes near it
    chunks: int = 100_000  # of one body: a stream of that many pieces is no answer to our short questions
    message: int = 8 * 1024 * 1024  # bytes of one WebSocket message: eight times the largest audio delta seen
    messages: int = 5_000  # WebSocket messages of one case

    @classmethod
    def of(cls, timeout: float) -> Bounds:
        """The bounds for ``--timeout``."""
        return cls(connect=min(timeout, _CONNECT), head=timeout, idle=timeout, total=timeout * 10)
