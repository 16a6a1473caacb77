"""What a request schema says of its fields: which are required, and which JSON types each may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JSON_TYPES = ("null", "boolean", "number", "string", "array", "object")


@dataclass(frozen=True, slots=True)
class RequestFields:
    """The top-level fields of one operation's JSON body, with the types that each may have."""

    required: tuple[str, ...]
    types: Mapping[str, frozenset[str]]

    def wrong_types(self, field: str) -> tuple[str, ...]:
        """JSON types that the field must not have; null is left out, as many servers read it as absent."""
        return tuple(kind for kind in JSON_TYPES if kind != "null" and kind not in self.types[field])


def request_fields(document: Mapping[str, Any]) -> RequestFields:
    """Read a self-contained request schema (``SchemaSet.document``). What only keeps requests cheap is no requirement."""
    schemas = document["components"]["schemas"]
    root = _resolved(document, schemas)
    thrift = set(root.get("x-thrift", []))
    required = tuple(
        name
        for name in root.get("required", [])
        if f"required/{name}" not in thrift and "required" not in thrift
    )
    types = {name: _types(schema, schemas) for name, schema in root.get("properties", {}).items()}
    return RequestFields(required, types)


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def _types(schema: Any, schemas: Mapping[str, Any]) -> frozenset[str]:
    """Every JSON type that a value may have; all of them where the schema does not say."""
    if not isinstance(schema, Mapping):
        return frozenset(JSON_TYPES)
    schema = _resolved(schema, schemas)
    if "const" in schema:
        return frozenset({_type_of(schema["const"])})
    if "enum" in schema and "type" not in schema:
        return frozenset(map(_type_of, schema["enum"]))
    if "type" in schema:
        named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return frozenset("number" if name == "integer" else name for name in named)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return frozenset().union(*(_types(branch, schemas) for branch in schema[keyword]))
    return frozenset(JSON_TYPES)


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"
