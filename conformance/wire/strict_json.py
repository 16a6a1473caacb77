"""JSON as RFC 8259 has it: the value, and every liberty that Python's own parser would take in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

DeviationKind = Literal[
    "bom",
    "invalid_utf8",
    "duplicate_key",
    "not_a_number",  # NaN, Infinity, -Infinity
    "lone_surrogate",
    "huge_number",  # beyond a double's range, or longer than the interpreter converts; the value is infinite
    "trailing_bytes",  # anything but white space behind the value
]

MAX_DEPTH = (
    512  # half the interpreter's default recursion limit, so that the answer never depends on the caller
)

_EXCERPT = 40
_WHITESPACE = " \t\n\r"
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_CONSTANTS = re.compile(r'"(?:[^"\\]|\\.)*"|(NaN|-?Infinity)', re.DOTALL)
_SURROGATES = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BIG_NUMBER = re.compile(r"[0-9.]{300}|[eE]\+?[0-9]{3}")


class JsonError(ValueError):
    """Not JSON. ``offset`` counts bytes of the text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message} at byte {offset}")
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Deviation:
    """Text that parsers do not agree on: at byte ``offset``, or for a key in the object at ``pointer``."""

    kind: DeviationKind
    message: str
    offset: int | None = None
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed text. Integers and floats stay apart: ``1`` is an int, ``1.0`` a float."""

    value: Any
    deviations: tuple[Deviation, ...] = ()


def loads(data: bytes | str) -> Document:
    """Parse one JSON text; JsonError when it is none, or nested deeper than `MAX_DEPTH`."""
    text, repaired = (data, []) if isinstance(data, str) else _from_utf8(data)
    skipped = 0
    if text.startswith("\ufeff"):
        repaired.append(Deviation("bom", "a byte order mark before the value", 0))
        text, skipped = text[1:], 3
    value, found = _loads(text, skipped)
    return Document(value, (*repaired, *(_shifted(deviation, skipped) for deviation in found)))


def _from_utf8(data: bytes) -> tuple[str, list[Deviation]]:
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return data.decode("utf-8", "replace"), [Deviation("invalid_utf8", error.reason, error.start)]


def _loads(text: str, skipped: int) -> tuple[Any, list[Deviation]]:
    start = len(text) - len(text.lstrip(_WHITESPACE))
    deviations: list[Deviation] = []
    try:
        _check_depth(text)
        value, end = _parse(text, start, deviations)
    except json.JSONDecodeError as error:
        raise JsonError(error.msg, skipped + _byte_offset(text, error.pos)) from None
    except RecursionError:
        raise JsonError("nested too deeply", skipped) from None
    deviations += _surrogates(text)
    rest = text[end:].strip(_WHITESPACE)
    if rest:
        message = f"{rest[:_EXCERPT]!r} behind the value"
        deviations.append(Deviation("trailing_bytes", message, _byte_offset(text, end)))
    return value, deviations


def _shifted(deviation: Deviation, skipped: int) -> Deviation:
    if deviation.offset is None or not skipped:
        return deviation
    return replace(deviation, offset=deviation.offset + skipped)


def _byte_offset(text: str, position: int) -> int:
    return position if text.isascii() else len(text[:position].encode("utf-8", "surrogatepass"))


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKETS.finditer(text):
        token = match[0]
        if token in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise json.JSONDecodeError("nested too deeply", text, match.start())
        elif token in "]}":
            depth -= 1


class _Oddities:
    """What the parser's hooks saw."""

    def __init__(self) -> None:
        self.duplicates: list[tuple[dict[str, Any], str]] = []
        self.constants = 0
        self.huge: list[str] = []

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self.duplicates.append((value, key))
                seen.add(key)
        return value

    def constant(self, name: str) -> float:
        self.constants += 1
        return float(name)

    def integer(self, literal: str) -> int | float:
        try:
            return int(literal)
        except ValueError:  # longer than sys.get_int_max_str_digits()
            self.huge.append(literal)
            return float(literal)

    def float(self, literal: str) -> float:
        value = float(literal)
        if value in (float("inf"), float("-inf")):
            self.huge.append(literal)
        return value


def _parse(text: str, start: int, deviations: list[Deviation]) -> tuple[Any, int]:
    odd = _Oddities()
    # The number hooks cost a call a number, so they are set only where a number could need them.
    big = _BIG_NUMBER.search(text) is not None
    decoder = json.JSONDecoder(
        object_pairs_hook=odd.pairs,
        parse_constant=odd.constant,
        parse_int=odd.integer if big else None,
        parse_float=odd.float if big else None,
    )
    value, end = decoder.raw_decode(text, start)
    if odd.constants:
        deviations += _constants(text[:end])
    for literal in odd.huge:
        message = f"{literal[:_EXCERPT]} is beyond what a double holds"
        deviations.append(Deviation("huge_number", message, _byte_offset(text, text.find(literal))))
    if odd.duplicates:
        deviations += _duplicates(value, odd.duplicates)
    return value, end


def _constants(text: str) -> Iterator[Deviation]:
    for match in _CONSTANTS.finditer(text):
        if match[1]:
            message = f"{match[1]} is not JSON"
            yield Deviation("not_a_number", message, _byte_offset(text, match.start()))


def _surrogates(text: str) -> Iterator[Deviation]:
    if not _ESCAPED_SURROGATE.search(text):
        return
    for match in _SURROGATES.finditer(text):
        if match[1]:
            offset = _byte_offset(text, match.start())
            yield Deviation("lone_surrogate", f"\\{match[1]} is half a pair", offset)


def _duplicates(value: Any, found: list[tuple[dict[str, Any], str]]) -> Iterator[Deviation]:
    """Name each repeated key by its pointer; an object that a later repetition replaced has none left."""
    pointers = dict(_objects(value, ""))
    for holder, key in found:
        base = pointers.get(id(holder))
        pointer = None if base is None else f"{base}/{_escape(key)}"
        yield Deviation("duplicate_key", f"{key[:_EXCERPT]!r} is given twice", pointer=pointer)


def _objects(value: Any, pointer: str) -> Iterator[tuple[int, str]]:
    """The identity and the JSON Pointer of every object in ``value``."""
    stack = [(value, pointer)]
    while stack:
        item, path = stack.pop()
        if isinstance(item, dict):
            yield id(item), path
            stack += [(child, f"{path}/{_escape(key)}") for key, child in item.items()]
        elif isinstance(item, list):
            stack += [(child, f"{path}/{index}") for index, child in enumerate(item)]


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
