"""Where a finding points: a header, the status, an event or message, a byte, a place in a JSON body.

x-request-id    header x-request-id    status    /usage/total_tokens    event 23 /id    message 0    byte 120
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.pointer import parse

_NUMBERED = re.compile(r"\b(event|chunk|message|frame|byte|bytes|offset)s?\s+(\d+)", re.IGNORECASE)
_POINTER = re.compile(r"(?:^|\s)(/\S*)")
_HEADER = re.compile(r"^(?:header\s+)?([!#$%&'*+.^_`|~0-9A-Za-z-]+)$", re.IGNORECASE)
_NOT_HEADERS = frozenset({"body", "status", "stream", "event", "message", "request", "response"})


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an exchange, as far as it is known; all None means the exchange as a whole."""

    header: str | None = None
    status: bool = False
    event: int | None = None
    message: int | None = None
    byte: int | None = None
    pointer: tuple[str, ...] | None = None


def read_place(where: str) -> Place:
    """Read ``where`` of a finding; what cannot be read is left out, never an error."""
    text = where.strip()
    numbers = {name.lower(): int(number) for name, number in _NUMBERED.findall(text[:200])}
    return Place(
        header=_header(text) if not numbers else None,
        status=text.lower() == "status",
        event=numbers.get("event", numbers.get("chunk")),
        message=numbers.get("message", numbers.get("frame")),
        byte=numbers.get("byte", numbers.get("bytes", numbers.get("offset"))),
        pointer=_pointer(text),
    )


def _header(text: str) -> str | None:
    match = _HEADER.match(text)
    return match[1].lower() if match and match[1].lower() not in _NOT_HEADERS else None


def _pointer(text: str) -> tuple[str, ...] | None:
    """``/`` alone is written for the whole document, which a JSON Pointer writes as nothing."""
    match = _POINTER.search(text)
    if match is None:
        return None
    return () if match[1] == "/" else parse(match[1])
