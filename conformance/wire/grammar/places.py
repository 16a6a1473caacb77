"""Places in JSON payloads that may be malformed: pointers, with ``*`` for every element of a list."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

Place = tuple[str, ...]
"""A parsed JSON Pointer."""


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING: Final = _Missing()
NULLISH = frozenset({"", "None", "null"})  # strings that stand in for null in the field


@lru_cache(maxsize=1024)
def place(pointer: str) -> Place:
    """``/a/b~1c`` → ``("a", "b/c")``."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def pointer(at: Place) -> str:
    """The JSON Pointer that `place` reads back."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in at)


def find(node: Any, at: Place) -> Any:
    """The value at a place without ``*``, or MISSING."""
    for part in at:
        if isinstance(node, dict):
            node = node.get(part, MISSING)
        elif isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        else:
            return MISSING
    return node


def find_each(node: Any, at: Place, found: Place = ()) -> Iterator[tuple[Place, tuple[Any, ...]]]:
    """Every value that ``at`` reaches: where it lies, and the element of each ``*``, outermost first."""
    if "*" not in at:
        if find(node, at) is not MISSING:
            yield (*found, *at), ()
        return
    star = at.index("*")
    elements = find(node, at[:star])
    for number, element in enumerate(elements if isinstance(elements, list) else ()):
        here = (*found, *at[:star], str(number))
        if star + 1 == len(at):
            yield here, (element,)
        else:
            for where, inner in find_each(element, at[star + 1 :], here):
                yield where, (element, *inner)


def is_given(value: Any) -> bool:
    """Whether a value is there and not null."""
    return value is not MISSING and value is not None


def is_filled(value: Any) -> bool:
    """Whether a value is there and says something: not null, not empty, not a word for null."""
    if isinstance(value, str):
        return value not in NULLISH
    return is_given(value) and value not in ([], {})
