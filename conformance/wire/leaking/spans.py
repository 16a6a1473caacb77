"""A find in a text, what the request itself said, and which of overlapping finds is told."""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["trace", "path", "address", "credential", "upstream", "storage", "identifier"]


class Rank(enum.IntEnum):
    """Which of two overlapping finds is told: the first, as the more telling."""

    CREDENTIAL = 0
    TRACE_BLOCK = 1  # a whole traceback, with the paths in it
    NESTED_ERROR = 2  # a whole error object in a text
    STORAGE = 3
    ADDRESS = 4
    UPSTREAM = 5
    PATH = 6
    IDENTIFIER = 7
    TRACE = 8
    MODULE = 9  # behind the name of an exception, which a module often qualifies


@dataclass(frozen=True, slots=True)
class Span:
    """A find at ``text[start:end]``; a weak one is only the wrapping of a leak."""

    kind: Kind
    rank: Rank
    start: int
    end: int
    weak: bool = False


@dataclass(frozen=True)
class Sent:
    """What the client already knows, as it sent it: no leak when it comes back.

    ``hosts`` are those of the target itself (``host`` and ``host:port``), ``keys`` the credentials.
    ``key_is_unproven`` says that no request with this key was ever accepted: a masked key is taken for it.
    """

    text: str = ""
    keys: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset()
    key_is_unproven: bool = False

    @functools.cached_property
    def folded(self) -> str:
        """The text for comparison."""
        return self.text.casefold()

    def holds(self, excerpt: str) -> bool:
        """True when the client sent ``excerpt``, as a whole word where it begins or ends with a letter."""
        wanted = excerpt.strip().casefold()
        if not wanted or wanted not in self.folded:
            return False
        before = r"(?<![\w.-])" if wanted[0].isalnum() else ""
        after = r"(?![\w-])" if wanted[-1].isalnum() else ""
        return re.search(before + re.escape(wanted) + after, self.folded) is not None


NOTHING_SENT = Sent()


def told(spans: Iterable[Span]) -> list[Span]:
    """The finds worth telling, in the order of the text.

    Of overlapping finds the most telling stays; a credential lies inside others without hiding them, unless
    they are hardly longer; a weak one stays only where there is nothing else but credentials.
    """
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.rank, span.start, -span.end)):
        if not any(_hides(other, span) for other in kept):
            kept.append(span)
    if any(not span.weak and span.kind != "credential" for span in kept):
        kept = [span for span in kept if not span.weak]
    return sorted(kept, key=lambda span: (span.start, span.end))


def _hides(other: Span, span: Span) -> bool:
    overlaps = other.start < span.end and span.start < other.end
    if other.kind != "credential" or span.kind == "credential":
        return overlaps
    return overlaps and span.end - span.start <= 2 * (other.end - other.start)
