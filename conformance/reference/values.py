"""Values that satisfy a JSON Schema: what a model with structured output would answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from conformance.reference import errors

DEEPEST = 12
"""Recursive schemas stop growing here: below it only what is required is filled in."""

_FORMATS = {
    "date": "2025-01-31",
    "date-time": "2025-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "reader@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}


def structured(schema: Any, hint: str, path: str) -> Any:
    """A value that a client's schema accepts; a schema that makes no sense is refused."""
    try:
        return value_for(schema, hint)
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError):
        raise errors.invalid_value(path, f"Invalid schema for '{path}'.") from None


def value_for(schema: Any, hint: str = "", root: Any = None, depth: int = 0) -> Any:
    """A value that ``schema`` accepts; ``hint`` is put where a free text is wanted."""
    root = schema if root is None else root
    if not isinstance(schema, dict):
        return hint or "value"
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    if "$ref" in schema:
        return value_for(_resolve(root, str(schema["$ref"])), hint, root, depth + 1) if depth < 60 else None
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return value_for(_branch(branches, depth), hint, root, depth + 1)
    if schema.get("allOf"):
        return value_for(_merged(schema["allOf"], root), hint, root, depth + 1)
    return _typed(schema, hint, root, depth)


def _resolve(root: Any, pointer: str) -> Any:
    found = root
    for token in pointer.removeprefix("#").split("/")[1:]:
        found = found.get(token.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, dict) else {}
    return found


def _branch(branches: Sequence[Any], depth: int) -> Any:
    nothing = [branch for branch in branches if isinstance(branch, dict) and branch.get("type") == "null"]
    return nothing[0] if nothing and depth > DEEPEST else branches[0]


def _merged(parts: Sequence[Any], root: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        part = _resolve(root, str(part["$ref"])) if isinstance(part, dict) and "$ref" in part else part
        if not isinstance(part, dict):
            continue
        properties = {**whole.get("properties", {}), **part.get("properties", {})}
        required = [*whole.get("required", []), *part.get("required", [])]
        whole = {**whole, **part, "properties": properties, "required": required}
    return whole


def _typed(schema: dict[str, Any], hint: str, root: Any, depth: int) -> Any:
    kind = schema.get("type") or (
        "object" if "properties" in schema else "array" if "items" in schema else "string"
    )
    if isinstance(kind, list):
        kind = (
            "null" if "null" in kind and depth > DEEPEST else next((k for k in kind if k != "null"), "null")
        )
    if kind == "object":
        return _object(schema, hint, root, depth)
    if kind == "array":
        return _array(schema, hint, root, depth)
    if kind in ("integer", "number"):
        return _number(schema, kind == "integer")
    if kind == "boolean":
        return True
    return None if kind == "null" else _string(schema, hint)


def _object(schema: dict[str, Any], hint: str, root: Any, depth: int) -> dict[str, Any]:
    properties = schema.get("properties") or {}
    required = [name for name in schema.get("required") or [] if isinstance(name, str)]
    wanted = (
        required if depth > DEEPEST else [*properties, *(name for name in required if name not in properties)]
    )
    return {name: value_for(properties.get(name, {}), hint, root, depth + 1) for name in wanted}


def _array(schema: dict[str, Any], hint: str, root: Any, depth: int) -> list[Any]:
    fixed = [value_for(part, hint, root, depth + 1) for part in schema.get("prefixItems") or []]
    least = schema.get("minItems", 0 if depth > DEEPEST else 1)
    missing = range(len(fixed), min(max(least, len(fixed)), 1000))
    return fixed + [value_for(schema.get("items", {}), hint, root, depth + 1) for _ in missing]


def _number(schema: dict[str, Any], whole: bool) -> float:
    low, high = schema.get("minimum"), schema.get("maximum")
    step = schema.get("multipleOf") or (1 if whole else 0.5)
    if low is None and schema.get("exclusiveMinimum") is not None:
        low = schema["exclusiveMinimum"] + step
    if high is None and schema.get("exclusiveMaximum") is not None:
        high = schema["exclusiveMaximum"] - step
    start = low if low is not None else min(step, high) if high is not None else step
    value = math.ceil(start / step) * step
    return int(value) if whole else float(value)


def _string(schema: dict[str, Any], hint: str) -> str:
    text = _FORMATS.get(str(schema.get("format")), "") or hint or "text"
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    text = text.ljust(min(least, 10_000), "x")
    return text if most is None else text[:most]
