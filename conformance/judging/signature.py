"""The signature of a failure: the same for the same reason in another run, another for another reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|“[^”]*”?")
_STATUS = re.compile(r"(?<![\w.-])[1-5]\d\d(?![\w.-])")
_VARYING = re.compile(r"(?<!\w)(?=[\w-]*\d)[\w-]+(?:\.\d+)?")
_MOST = 80  # characters; what follows is the target's own prose, which differs from run to run


def signature(findings: Iterable[tuple[str, str, str]]) -> str:
    """Twelve hexadecimal digits for the set of ``(expected, seen, where)``, in any order and number."""
    reasons = sorted({reason(*finding) for finding in findings})
    return hashlib.sha256("\n".join(reasons).encode("utf-8", "backslashreplace")).hexdigest()[:12]


def reason(expected: str, seen: str, where: str) -> str:
    """A finding without all that varies from run to run: quoted values, numbers, ids, indexes.

    A status code stays: 404 and 500 are two reasons.
    """
    return " | ".join((re.sub(r"\d+", "N", where), _generalised(expected), _generalised(seen)))


def _generalised(text: str) -> str:
    text = _QUOTED.sub("…", text[: _MOST * 4].replace("\0", ""))
    statuses = iter(_STATUS.findall(text))
    text = _VARYING.sub("N", _STATUS.sub("\0", text))
    return re.sub("\0", lambda _: next(statuses), text)[:_MOST].strip()
