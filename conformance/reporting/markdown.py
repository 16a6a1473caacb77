"""Markdown that shows a stranger's text and obeys none of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from conformance.text import one_line

_PUNCTUATION = re.compile(r"([\\`*_\[\]<>#|~&@$])")


def prose(text: str, limit: int = 300) -> str:
    """A sentence of ours: one line, every character that Markdown reads escaped."""
    return _PUNCTUATION.sub(r"\\\1", one_line(text, limit))


def code(text: str, limit: int = 300) -> str:
    """Text of the target as a code span, in which nothing is read: no markup, no link, no mention."""
    line = one_line(text, limit).strip() or "(empty)"
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    padding = " " if "`" in line else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def cell(text: str) -> str:
    """Markdown made fit for a table cell: GitHub reads ``|`` there even inside a code span."""
    return re.sub(r"(?<!\\)\|", r"\\|", text).replace("\n", " ")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table; empty when there are no rows."""
    lines = ["| " + " | ".join(cell(text) for text in row) + " |" for row in rows]
    return ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *lines] if lines else []
