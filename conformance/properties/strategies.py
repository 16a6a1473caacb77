"""Hypothesis strategies for requests that must be refused, and for odd ones that may be answered or refused."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from conformance.pointer import remove, replace
from conformance.properties.schema_types import RequestFields

Change = dict[str, Any]
"""What a generated case has other than its baseline: ``body``, ``raw``, ``headers`` or ``method``."""

_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "number": st.integers(-1000, 1000) | st.floats(-10, 10, allow_nan=False).map(lambda n: round(n, 3)),
    "string": st.text("abc xyz", min_size=1, max_size=8),
    "array": st.lists(st.integers(0, 9), max_size=3),
    "object": st.dictionaries(st.sampled_from("abc"), st.integers(0, 9), min_size=1, max_size=2),
}
_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT, lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


def must_be_refused(body: dict[str, Any], fields: RequestFields) -> st.SearchStrategy[Change]:
    """Malformed JSON, a required field missing, or of the wrong JSON type."""
    required = [name for name in fields.required if name in body]
    kinds = [_cut(body), _followed_by_junk(body)]
    if required:
        kinds.append(st.sampled_from(required).map(lambda name: {"body": remove(body, f"/{name}")}))
    wrong = [
        (name, kind)
        for name in required
        for kind in fields.wrong_types(name)
        if not _is_number_as_text(name, kind)
    ]
    if wrong:
        kinds.append(_with_wrong_type(body, wrong))
    return st.one_of(kinds)


def should_be_refused(body: dict[str, Any], fields: RequestFields) -> st.SearchStrategy[Change] | None:
    """An optional field of a JSON type that it cannot have: an object or a list where a scalar belongs."""
    wrong = [
        (name, kind)
        for name, types in fields.types.items()
        if name not in fields.required and not types & {"object", "array"}
        for kind in ("object", "array")
    ]
    return _with_wrong_type(body, wrong) if wrong else None


def odd(body: dict[str, Any]) -> st.SearchStrategy[Change]:
    """Unknown fields, repeated keys, deep nesting, huge numbers, odd headers, white space: anything but a 5xx."""
    text = json.dumps(body, ensure_ascii=False)
    unknown = st.builds(
        lambda name, value: {"body": {**body, f"x_{name}": value}},
        st.text("abcxyz", min_size=1, max_size=6),
        _JSON,
    )
    repeated = _JSON.map(
        lambda value: {"raw": f'{text[:-1]}, "x_again": 1, "x_again": {json.dumps(value)}}}'}
    )
    nested = st.integers(10, 400).map(
        lambda depth: {"raw": f'{text[:-1]}, "x_deep": {"[" * depth}{"]" * depth}}}'}
    )
    huge = st.integers(20, 400).map(lambda digits: {"raw": f'{text[:-1]}, "x_huge": {"9" * digits}}}'})
    spaced = st.text(" \t\r\n", min_size=1, max_size=20).map(lambda space: {"raw": f"{space}{text}{space}"})
    header = (
        _TEXT.filter(str.isascii).filter(str.isprintable).map(lambda value: {"headers": {"x-odd": value}})
    )
    return st.one_of(unknown, repeated, nested, huge, spaced, header)


def _cut(body: dict[str, Any]) -> st.SearchStrategy[Change]:
    text = json.dumps(body, ensure_ascii=False)
    return st.integers(1, len(text) - 1).map(lambda end: {"raw": text[:end]})


def _followed_by_junk(body: dict[str, Any]) -> st.SearchStrategy[Change]:
    text = json.dumps(body, ensure_ascii=False)
    return st.sampled_from(["}", ",", "]", " x", "{}", ' "a"']).map(lambda junk: {"raw": text + junk})


def _with_wrong_type(body: dict[str, Any], wrong: list[tuple[str, str]]) -> st.SearchStrategy[Change]:
    return st.sampled_from(wrong).flatmap(
        lambda pair: _VALUES[pair[1]].map(lambda value: {"body": replace(body, f"/{pair[0]}", value)})
    )


def _is_number_as_text(name: str, kind: str) -> bool:
    """Some servers read a model's number as its name; ``BAD-003`` judges that once, and enough."""
    return name == "model" and kind in {"number", "boolean"}
