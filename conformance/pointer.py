"""JSON Pointer (RFC 6901): read, replace and remove a place in a JSON document."""

from __future__ import annotations

import copy
from typing import Any


def parse(pointer: str) -> tuple[str, ...]:
    """``/a/b~1c`` → ``("a", "b/c")``; the empty pointer is the whole document."""
    if pointer == "":
        return ()
    if not pointer.startswith("/"):
        raise LookupError(f"{pointer!r} does not start with /")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))


def format_pointer(parts: tuple[str | int, ...] | list[str | int]) -> str:
    """The pointer that ``parse`` reads back."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def resolve(document: Any, pointer: str) -> Any:
    """The value at ``pointer``. Raises LookupError when there is none."""
    for part in parse(pointer):
        document = _member(document, part)
    return document


def replace(document: Any, pointer: str, value: Any) -> Any:
    """A copy of ``document`` with ``value`` at ``pointer``; a missing last member is added, ``-`` appends."""
    parts = parse(pointer)
    if not parts:
        return copy.deepcopy(value)
    result = copy.deepcopy({} if document is None else document)
    parent = result
    for part in parts[:-1]:
        parent = _member(parent, part)
    if isinstance(parent, dict):
        parent[parts[-1]] = copy.deepcopy(value)
    elif isinstance(parent, list) and parts[-1] == "-":
        parent.append(copy.deepcopy(value))
    elif isinstance(parent, list):
        parent[int(parts[-1])] = copy.deepcopy(value)
    else:
        raise LookupError(f"{pointer} lies in a {type(parent).__name__}")
    return result


def remove(document: Any, pointer: str) -> Any:
    """A copy of ``document`` without the value at ``pointer``. Raises LookupError when there is none."""
    parts = parse(pointer)
    if not parts:
        return None
    result = copy.deepcopy(document)
    parent = result
    for part in parts[:-1]:
        parent = _member(parent, part)
    _member(parent, parts[-1])
    del parent[parts[-1] if isinstance(parent, dict) else int(parts[-1])]
    return result


def _member(document: Any, part: str) -> Any:
    if isinstance(document, dict) and part in document:
        return document[part]
    if isinstance(document, list) and document and part == "-1":  # beyond RFC 6901: the last, however many there are
        return document[-1]
    if isinstance(document, list) and part.isdigit() and int(part) < len(document):
        return document[int(part)]
    raise LookupError(f"there is no {part!r}")
