"""Request parameters: types, bounds, and the refusal that each breach earns.

A rule is a function of a value and its path; it returns nothing or raises a Refusal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from conformance.reference import errors

Rule = Callable[[Any, str], None]

_NAMES: dict[type, str] = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    type(None): "null",
}


def kind_of(value: object) -> str:
    """The JSON type of ``value`` in words."""
    return _NAMES.get(type(value), "another value")


def check(
    body: Mapping[str, Any], rules: Mapping[str, Rule], required: tuple[str, ...] = (), at: str = ""
) -> None:
    """Hold ``body`` against ``rules``: required fields first, then each known field; null means absent."""
    for name in required:
        if body.get(name) is None:
            _refuse_absent(body, name, rules, at)
    for name, rule in rules.items():
        if body.get(name) is not None:
            rule(body[name], at + name)


def _refuse_absent(body: Mapping[str, Any], name: str, rules: Mapping[str, Rule], at: str) -> None:
    if name not in body:
        raise errors.missing(at + name)
    rules[name](None, at + name)
    raise errors.missing(at + name)


def _of_type(expected: type | tuple[type, ...], words: str) -> Rule:
    def rule(value: Any, path: str) -> None:
        if not isinstance(value, expected):
            raise errors.wrong_type(path, words, kind_of(value))

    return rule


boolean: Rule = _of_type(bool, "a boolean")
mapping: Rule = _of_type(dict, "an object")
text: Rule = _of_type(str, "a string")


def anything(value: Any, path: str) -> None:
    """Accept every value."""


def string(*, shortest: int = 0, longest: int | None = None) -> Rule:
    """A string with bounds on its length in characters."""

    def rule(value: Any, path: str) -> None:
        text(value, path)
        if len(value) < shortest:
            message = f"Invalid '{path}': string too short, expected at least {shortest} characters."
            raise errors.out_of_bounds(path, "string_below_min_length", message)
        if longest is not None and len(value) > longest:
            message = f"Invalid '{path}': string too long, expected at most {longest} characters."
            raise errors.out_of_bounds(path, "string_above_max_length", message)

    return rule


def number(least: float | None = None, most: float | None = None) -> Rule:
    """A number, fractions allowed."""

    def rule(value: Any, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise errors.wrong_type(path, "a number", kind_of(value))
        _bound(value, path, least, most, "decimal")

    return rule


def integer(least: int | None = None, most: int | None = None) -> Rule:
    """A whole number; ``1.0`` is one too, as JSON knows a single kind of number."""

    def rule(value: Any, path: str) -> None:
        whole = isinstance(value, float) and math.isfinite(value) and value.is_integer()
        if isinstance(value, bool) or not (isinstance(value, int) or whole):
            raise errors.wrong_type(path, "an integer", kind_of(value))
        _bound(value, path, least, most, "integer")

    return rule


def _bound(value: float, path: str, least: float | None, most: float | None, kind: str) -> None:
    if least is not None and value < least:
        message = f"Invalid '{path}': {kind} below minimum value, expected a value >= {least}."
        raise errors.out_of_bounds(path, f"{kind}_below_min_value", message)
    if most is not None and value > most:
        message = f"Invalid '{path}': {kind} above maximum value, expected a value <= {most}."
        raise errors.out_of_bounds(path, f"{kind}_above_max_value", message)


def one_of(*values: str) -> Rule:
    """One of a closed set of strings."""

    def rule(value: Any, path: str) -> None:
        text(value, path)
        if value not in values:
            listed = ", ".join(f"'{allowed}'" for allowed in values)
            raise errors.invalid_value(path, f"Invalid value for '{path}'. Supported values are: {listed}.")

    return rule


def array(item: Rule = anything, *, fewest: int = 0, most: int | None = None) -> Rule:
    """An array, each item held against ``item``."""

    def rule(value: Any, path: str) -> None:
        _of_type(list, "an array")(value, path)
        _bound_length(value, path, fewest, most)
        for index, element in enumerate(value):
            item(element, f"{path}[{index}]")

    return rule


def _bound_length(value: list[Any], path: str, fewest: int, most: int | None) -> None:
    if len(value) < fewest:
        code = "empty_array" if not value else "array_below_min_length"
        raise errors.out_of_bounds(path, code, f"Invalid '{path}': expected at least {fewest} items.")
    if most is not None and len(value) > most:
        message = f"Invalid '{path}': expected at most {most} items."
        raise errors.out_of_bounds(path, "array_above_max_length", message)


def either(words: str, **rules: Rule) -> Rule:
    """A rule by JSON type: keywords of ``string``, ``array``, ``object``, ``integer``."""
    types: dict[str, type] = {"string": str, "array": list, "object": dict, "integer": int}

    def rule(value: Any, path: str) -> None:
        for name, inner in rules.items():
            if isinstance(value, types[name]) and not isinstance(value, bool):
                return inner(value, path)
        raise errors.wrong_type(path, words, kind_of(value))

    return rule


def record(rules: Mapping[str, Rule], *required: str) -> Rule:
    """An object with rules for its fields."""

    def rule(value: Any, path: str) -> None:
        mapping(value, path)
        check(value, rules, required, at=f"{path}.")

    return rule


def metadata(value: Any, path: str) -> None:
    """At most 16 pairs of strings: keys of 64, values of 512 characters."""
    mapping(value, path)
    if len(value) > 16:
        message = f"Invalid '{path}': too many properties, expected at most 16."
        raise errors.out_of_bounds(path, "object_above_max_properties", message)
    for key, entry in value.items():
        string(longest=64)(key, path)
        string(longest=512)(entry, f"{path}.{key}")
