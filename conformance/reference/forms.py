"""Form fields as the values that JSON would carry, so that one set of rules holds for both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from conformance.exchange import Request
from conformance.reference.answers import JsonObject
from conformance.reference.bodies import File, Form, form_body, json_body, media_type

Kinds = Mapping[str, Literal["integer", "number", "boolean"]]


def form_or_json(request: Request, kinds: Kinds) -> tuple[JsonObject, Form]:
    """The fields of a form, or a JSON body without files."""
    if media_type(request) == "application/json":
        return json_body(request), {}
    form = form_body(request)
    return fields(form, kinds), form


def fields(form: Form, kinds: Kinds) -> JsonObject:
    """The text fields; ``name[]`` gives an array, and what cannot be read as its kind stays text."""
    values: JsonObject = {}
    for name, given in form.items():
        texts = [_read(value, kinds.get(name)) for value in given if isinstance(value, str)]
        if texts:
            values[name.removesuffix("[]")] = texts if name.endswith("[]") else texts[-1]
    return values


def files(form: Form, name: str) -> list[File]:
    """The files named ``name`` or ``name[]``, in wire order."""
    given = [*form.get(name, ()), *form.get(f"{name}[]", ())]
    return [value for value in given if isinstance(value, File)]


def _read(value: str, kind: str | None) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(value.lower(), value)
    if kind in ("integer", "number") and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    if kind == "number" and re.fullmatch(r"-?\d{1,18}\.\d{1,18}", value):
        return float(value)
    return value
