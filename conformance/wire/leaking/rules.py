"""Tables of patterns: how they are written down, and the rule that each table makes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.wire.leaking.spans import Kind, Rank

_FLAGS = re.compile(r"\(\?([is]+)\)")
_FRAGMENT = re.compile(r"<([A-Z_]+)>")
_NAMED = "(?P<"


@dataclass(frozen=True, slots=True)
class Rule:
    """The patterns of one table as one; its group ``subject`` is what must not come from the request."""

    kind: Kind
    rank: Rank
    pattern: re.Pattern[str]
    weak: bool = False  # only the wrapping of a leak: counts where the same text holds nothing more telling
    in_urls: bool = False  # also looks inside public URLs, which are otherwise passed over
    in_labels: bool = True  # also applies to error types and codes


def rules(
    kind: Kind,
    rank: Rank,
    table: str,
    *,
    weak: bool = False,
    in_urls: bool = False,
    in_labels: bool = True,
    tail: str = "",
    **fragments: str,
) -> tuple[Rule, ...]:
    """The rules of a table: all its patterns joined, but those with a group of their own.

    A pattern a line; a line that is indented more than the first goes on with the pattern before it; ``# ``
    begins a comment; ``<NAME>`` is a fragment. Repetitions are bounded, as the text is not to be trusted.
    ``tail`` is what every pattern takes in besides.
    """
    patterns = [pattern + tail for pattern in _patterns(table, fragments)]
    alone = [pattern for pattern in patterns if _NAMED in pattern]
    joined = "|".join(pattern for pattern in patterns if _NAMED not in pattern)
    sources = [*([joined] if joined else []), *alone]
    return tuple(Rule(kind, rank, re.compile(source), weak, in_urls, in_labels) for source in sources)


def compiled(table: str, **fragments: str) -> tuple[re.Pattern[str], ...]:
    """Each pattern of a table on its own, for those who look at a match's groups."""
    return tuple(re.compile(pattern) for pattern in _patterns(table, fragments))


def one_of(words: str) -> str:
    """An alternation of words, or of patterns without spaces."""
    return "(?:" + "|".join(words.split()) + ")"


def _patterns(table: str, fragments: dict[str, str]) -> Iterator[str]:
    pattern = ""
    for line in textwrap.dedent(table).strip("\n").split("\n"):
        if not line.strip() or line.startswith("# "):
            continue
        if not line.startswith(" ") and pattern:
            yield _scoped(pattern)
            pattern = ""
        pattern += _FRAGMENT.sub(lambda match: fragments[match[1]], line.strip(" "))
    if pattern:
        yield _scoped(pattern)


def _scoped(pattern: str) -> str:
    """``(?i)x`` as ``(?i:x)``, so that it can be joined with others."""
    flags = _FLAGS.match(pattern)
    return f"(?{flags[1]}:{pattern[flags.end() :]})" if flags else f"(?:{pattern})"
