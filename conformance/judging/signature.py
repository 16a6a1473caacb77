"""The signature of a failure: the same for the same reason in another run, another for another reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|“[^”]*”?")
_IDENTIFIER = re.compile(r"\b(?=\w*\d)[\w-]{2,}\b|\d+(?:\.\d+)?")
_STATUS = re.compile(r"\b[1-5]\d\d\b")
_MOST = 80  # characters: what follows is the target's own prose, which differs from run to run


def finding_signature(expected: str, seen: str, where: str) -> str:
    """The finding in words, with all that varies from run to run taken out: quoted values, numbers and ids.

    A status code stays: 404 and 500 are two reasons.
    """
    return " | ".join((_without_index(where), _generalised(expected), _generalised(seen)))


def signature(findings: Iterable[tuple[str, str, str]]) -> str:
    """Twelve hexadecimal digits for the set of ``(expected, seen, where)``, in any order and number."""
    reasons = sorted({finding_signature(*finding) for finding in findings})
    return hashlib.sha256("\n".join(reasons).encode("utf-8", "backslashreplace")).hexdigest()[:12]


def _without_index(where: str) -> str:
    return re.sub(r"\d+", "N", where)


def _generalised(text: str) -> str:
    text = _QUOTED.sub("…", text[: _MOST * 4])
    statuses = iter(_STATUS.findall(text))
    text = _STATUS.sub("\0", text)
    text = _IDENTIFIER.sub("N", text)
    return re.sub("\0", lambda _: next(statuses), text)[:_MOST].strip()
