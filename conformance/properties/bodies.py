"""Requests with a JSON body: what must be refused, what should be, what is odd, and what only looks different."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from conformance import pointer
from conformance.properties.changes import Families, Kind, at, changing, with_more
from conformance.properties.fields import Field
from conformance.properties.values import (
    DEPTH,
    ODD_HEADER,
    ODD_JSON,
    ODD_NAME,
    ODD_NUMBER,
    ODD_QUERY,
    ODD_TEXT,
    PLAIN,
    json_text,
    wrong_values,
)

Body = Mapping[str, Any]

_LONGEST_TRIED = 5000  # characters; a longer limit would cost more than it shows
_TYPES = (
    "text/plain",
    "application/xml",
    "application/octet-stream",
    "application/x-ndjson",
    "image/png",
    "json",
)
# GET lists the objects of some paths, and lists are operations of their own.
METHODS = ("PUT", "PATCH", "DELETE")


def families(body: Body, fields: Sequence[Field], *, is_dear: bool) -> Mapping[Kind, Families]:
    """Families by kind for an operation whose baseline sends ``body``; where answers are dear, odd ones name no model."""
    return {
        "must-refuse": {**_malformed(body), **_unfit(body, fields)},
        "should-refuse": _doubtful(body, fields),
        "odd": with_more(_odd({**body, "model": "$no_such_model"}, fields), consent=False)
        if is_dear
        else _odd(body, fields),
        "respelled": {"spelling": changing("raw", spellings(body), "reordered")},
    }


def _malformed(body: Body) -> Families:
    text = json.dumps(body, ensure_ascii=False)
    junk = ["}", ",", "]", " x", "{}", ' "a"', "\x00", text]
    misspelt = [
        text.replace('"', "'"),
        text[:-1] + ",}",
        text.replace('"', "", 2),
        text.replace(":", "=", 1),
        text.replace(": ", " ", 1),
        text.replace("{", "{/* */", 1),
        text.replace('": "', '": "\n', 1),
    ]
    others = ["[]", f"[{text}]", '"text"', "7", "null", "true", json.dumps(text), ""]
    texts = {
        "cut": st.integers(1, len(text) - 1).map(lambda end: text[:end]),
        "junk": st.sampled_from(junk).map(lambda more: text + more),
        "misspelt": st.sampled_from(misspelt),
        "no-object": st.sampled_from(others),
    }
    return {name: changing("raw", found, "malformed", consent=False) for name, found in texts.items()}


def _unfit(body: Body, fields: Iterable[Field]) -> Families:
    """A required field missing, or of another JSON type. A number as the model's name is left to BAD-003."""
    required = [
        field for field in fields if field.is_required and not field.is_nested and field.pointer[1:] in body
    ]
    if not required:
        return {}
    missing = st.sampled_from([pointer.remove(body, field.pointer) for field in required])
    wrong = [_wrong(body, field, {"number"} if field.pointer == "/model" else set()) for field in required]
    return {
        "missing": changing("body", missing, "missing-field"),
        "wrong-type": changing("body", st.one_of(wrong), "wrong-type"),
    }


def _wrong(body: Body, field: Field, spared: Iterable[str] = ()) -> st.SearchStrategy[Any]:
    return at(body, field.pointer, wrong_values(field.types | set(spared)))


def _doubtful(body: Body, fields: Sequence[Field]) -> Families:
    """What a careful server refuses: optional fields of another type, values out of range, other methods and types."""
    optional = [
        field for field in fields if not field.is_required and field.is_portable and not field.is_nested
    ]
    inner = [field for field in fields if field.is_required and field.is_nested]
    missing = [pointer.remove(body, field.pointer) for field in inner if _has(body, field.pointer)]
    portable = [field for field in fields if field.is_portable]
    beyond = [at(body, field.pointer, values) for field in portable for values in beyond_range(field)]
    wrong = [_wrong(body, field) for field in (*optional, *inner)]
    types = st.sampled_from(_TYPES).map(lambda value: {"content-type": value})
    found = {
        "wrong-type": changing("body", st.one_of(wrong), "wrong-optional-type"),
        "beyond": changing("body", st.one_of(beyond), "out-of-range"),
        "content-type": changing("headers", types, "wrong-content-type"),
        "missing": changing("body", st.one_of([*map(st.just, missing)]), "wrong-optional-type"),
        "method": changing("method", st.sampled_from(METHODS), "wrong-method"),
    }
    return {name: family for name, family in found.items() if not family.is_empty}


def beyond_range(field: Field) -> list[st.SearchStrategy[Any]]:
    """Values just and far outside the field's limits; never more of what costs more."""
    found: list[st.SearchStrategy[Any]] = []
    step = 1 if field.is_whole else 0.01
    if field.minimum is not None:
        found.append(st.sampled_from([field.minimum - step, field.minimum - 1000]))
    if field.is_whole and field.minimum is not None:
        found.append(st.just(field.minimum + 0.5))
    if field.maximum is not None and not field.is_thrifty:
        found.append(st.sampled_from([field.maximum + step, field.maximum + 1000, 1e300]))
    if field.fewest:
        found.append(st.just([]))
    if field.choices:
        found.append(PLAIN.filter(lambda text: text not in field.choices))
    return found


def _odd(body: Body, fields: Sequence[Field]) -> Families:
    text = json_text(body)
    edges = [pointer.replace(body, field.pointer, edge) for field in fields for edge in _edges(field)]
    within = [at(body, field.pointer, ODD_TEXT) for field in fields if _is_free_text(body, field)]
    bodies: dict[str, st.SearchStrategy[Any]] = {
        "unknown-field": st.builds(lambda name, value: {**body, name: value}, ODD_NAME, ODD_JSON),
        "text": st.one_of(within),
        "edge": st.one_of([*map(st.just, edges)]),
    }
    if any(field.pointer == "/metadata" for field in fields):
        bodies["metadata"] = ODD_JSON.map(lambda value: {**body, "metadata": {"x": value}})
    more = f"{text[:-1]}, "
    raws = {
        "deep": DEPTH.map(lambda deep: f'{more}"x_deep": {deep}}}'),
        "number": ODD_NUMBER.map(lambda number: f'{more}"x_number": {number}}}'),
        "repeated-key": ODD_JSON.map(lambda value: f'{more}"x_again": 1, "x_again": {json_text(value)}}}'),
        "around": st.text(" \t\r\n\ufeff", min_size=1, max_size=20).map(
            lambda space: f"{space}{text}{space}"
        ),
    }
    return {
        **{name: changing("body", found, "odd") for name, found in bodies.items() if not found.is_empty},
        **{name: changing("raw", found, "odd") for name, found in raws.items()},
        "header": changing("headers", ODD_HEADER, "odd", body=body),
        "query": changing("query", ODD_QUERY, "odd", body=body),
    }


def _edges(field: Field) -> list[Any]:
    """Null for an optional field, and its legal limits where they are cheap. Without a model, a dear one may answer."""
    if field.is_required or field.is_nested or field.pointer == "/model":
        return []
    limits = [field.minimum, field.maximum] if field.is_portable and not field.is_thrifty else []
    longest = ["x" * field.longest] if field.longest is not None and field.longest < _LONGEST_TRIED else []
    return [None, *(limit for limit in limits if limit is not None), *longest]


def _is_free_text(body: Body, field: Field) -> bool:
    """A text of the baseline, or a label that it may have; the model, roles and choices are no free texts."""
    if "string" not in field.types or field.choices or field.pointer.endswith(("/model", "/role", "/type")):
        return False
    if _has(body, field.pointer):
        return isinstance(pointer.resolve(body, field.pointer), str)
    return field.types == {"string"} and field.is_portable and not field.is_thrifty


def _has(body: Any, place: str) -> bool:
    try:
        pointer.resolve(body, place)
    except LookupError:
        return False
    return True


@st.composite
def spellings(draw: st.DrawFn, body: Body) -> str:
    """The same JSON document with its members in another order, other white space, and characters escaped."""
    space = draw(st.sampled_from(["", " ", "\n", "\r\n\t", "    "]))
    escapes = draw(st.booleans())

    def spell(value: Any) -> str:
        if isinstance(value, Mapping):
            members = draw(st.permutations(list(value.items())))
            inside = f",{space}".join(
                f"{spell(name)}{space}:{space}{spell(member)}" for name, member in members
            )
            return f"{{{space}{inside}{space}}}"
        if isinstance(value, list):
            return f"[{space}{f',{space}'.join(map(spell, value))}{space}]"
        return (
            _escaped(value)
            if escapes and isinstance(value, str) and not value.startswith("$")
            else json.dumps(value)
        )

    return spell(body)


def _escaped(text: str) -> str:
    """Every UTF-16 code unit as ``\\uXXXX`` (RFC 8259 §7)."""
    data = text.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
    return '"' + "".join(f"\\u{unit:04x}" for unit in units) + '"'
