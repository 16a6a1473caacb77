"""Short, readable forms of what was seen, for findings."""

from __future__ import annotations

import json
from typing import Any

LIMIT = 120


def shown(value: Any, limit: int = LIMIT) -> str:
    """A JSON value as a short text; a missing one (None of Python) reads ``null``."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown_bytes(data: bytes, limit: int = LIMIT) -> str:
    """The start of a body as text, bytes that are not UTF-8 escaped."""
    text = data[: limit * 4].decode("utf-8", "backslashreplace")
    if not data:
        return "an empty body"
    return text if len(text) <= limit else text[: limit - 1] + "…"
