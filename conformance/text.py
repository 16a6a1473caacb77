"""Text of a stranger, made fit to show: what a terminal would obey or a reader not see is spelled out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Cc, Cf, Cs, Zl and Zp of Unicode, and the tag blocks that carry hidden text; a test holds it complete
_UNSEEN = (
    r"\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    r"\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\uffff"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
UNSEEN = re.compile(f"[{_UNSEEN}]")
_UNSEEN_IN_LINES = re.compile(f"(?![\t\n])[{_UNSEEN}]")


def spelled(character: str) -> str:
    """``\\x1b``, ``\\u202e`` or ``\\U000e0041``: how an unseen character is written."""
    code = ord(character)
    if code < 0x100:
        return {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}.get(code, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def character_name(character: str) -> str:
    """What Unicode calls it, for a tooltip: ``U+202E RIGHT-TO-LEFT OVERRIDE``."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


def printable(text: str, *, lines: bool = False) -> str:
    """``text`` with every control, bidirectional, zero-width and unpaired character spelled out.

    With ``lines``, tabs and line feeds stay. What is returned encodes as UTF-8 and moves no cursor.
    """
    if text.isascii() and text.isprintable():
        return text
    pattern = _UNSEEN_IN_LINES if lines else UNSEEN
    return pattern.sub(lambda match: spelled(match[0]), text)


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters of ``text``; what is cut is counted."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit:,} more)"


def one_line(text: str, limit: int = 300) -> str:
    """``text`` for a terminal, a heading or a table cell: one line, printable, cut at ``limit``."""
    line = " ".join(text.split()) if "\n" in text else text
    return printable(line if len(line) <= limit else line[:limit].rstrip() + "…")


def decode(data: bytes) -> str:
    """Bytes as UTF-8; bytes that are not, as ``\\xff``."""
    return data.decode("utf-8", "backslashreplace")


def pieces(text: str, *, lines: bool = True) -> Iterator[tuple[str, bool]]:
    """``text`` in runs: seen as it is (False), or a single unseen character (True)."""
    pattern = _UNSEEN_IN_LINES if lines else UNSEEN
    end = 0
    for match in pattern.finditer(text):
        if match.start() > end:
            yield text[end : match.start()], False
        yield match[0], True
        end = match.end()
    if end < len(text):
        yield text[end:], False
