"""What a request schema says of its fields, once the keywords are dropped that only keep generated requests cheap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

JSON_TYPES = ("null", "boolean", "number", "string", "array", "object")


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a request: at the top, or in an object that the baseline's body holds.

    ``types`` are JSON types; limits are None where the schema has none. ``is_portable`` is false for an option that a
    model may lack, as a server may then ignore it whatever its value; ``is_thrifty`` where more of it costs more.
    """

    pointer: str
    is_required: bool
    types: frozenset[str]
    is_whole: bool = False
    minimum: float | None = None
    maximum: float | None = None
    longest: int | None = None
    fewest: int | None = None
    choices: tuple[Any, ...] = ()
    is_portable: bool = True
    is_thrifty: bool = False

    @property
    def is_nested(self) -> bool:
        """True below the top of the body."""
        return self.pointer.count("/") > 1


def request_fields(document: Mapping[str, Any], body: Any) -> tuple[Field, ...]:
    """The fields of a self-contained schema (``SchemaSet.document``), those of objects inside ``body`` among them."""
    return tuple(_fields(_Reader(document), document, body, ""))


def _fields(reader: _Reader, schema: Any, value: Any, pointer: str) -> Iterator[Field]:
    schema = reader.fitting(schema, value)
    if isinstance(value, Mapping):
        for name, member in schema.get("properties", {}).items():
            place = f"{pointer}/{name}"
            yield _field(reader, member, place, name in schema.get("required", ()))
            yield from _fields(reader, member, value.get(name), place)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _fields(reader, schema.get("items", {}), item, f"{pointer}/{index}")


def _field(reader: _Reader, member: Any, pointer: str, is_required: bool) -> Field:
    schema = reader.stripped(member)
    thrift = set(reader.whole(member).get("x-thrift", ()))
    return Field(
        pointer,
        is_required,
        reader.types(member),
        is_whole="integer" in _named_types(schema),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        longest=schema.get("maxLength"),
        fewest=schema.get("minItems"),
        choices=tuple(schema.get("enum", ())),
        is_portable="x-capability" not in schema,
        is_thrifty=bool(thrift & {"enum", "const", "maxItems"}),
    )


class _Reader:
    """Reads schemas of one document; a ``$ref`` and what stands beside it count as one schema."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas: Mapping[str, Any] = document["components"]["schemas"]

    def whole(self, schema: Any) -> Mapping[str, Any]:
        """The schema with what it refers to."""
        if not isinstance(schema, Mapping):
            return {}
        if "$ref" not in schema:
            return dict(schema)
        beside = {key: value for key, value in schema.items() if key not in {"$ref", "components"}}
        return {**self.whole(self._schemas[schema["$ref"].rpartition("/")[2]]), **beside}

    def stripped(self, schema: Any) -> Mapping[str, Any]:
        """The schema without the keywords that its ``x-thrift`` lists."""
        schema = self.whole(schema)
        thrift = schema.get("x-thrift", ())
        kept = {key: value for key, value in schema.items() if key not in thrift}
        if "required" in kept:
            kept["required"] = [name for name in kept["required"] if f"required/{name}" not in thrift]
        return kept

    def fitting(self, schema: Any, value: Any) -> Mapping[str, Any]:
        """The stripped schema, or the first of its branches that could describe ``value``."""
        schema = self.stripped(schema)
        branches = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
        fitting = next((branch for branch in branches if self._could_describe(branch, value)), None)
        return schema if fitting is None else self.fitting(fitting, value)

    def _could_describe(self, branch: Any, value: Any) -> bool:
        schema = self.stripped(branch)
        if type_of(value) not in self.types(schema):
            return False
        if not isinstance(value, Mapping):
            return True
        known = schema.get("properties", {})
        return set(schema.get("required", ())) <= set(value) and all(
            _allows(self.stripped(known[name]), member) for name, member in value.items() if name in known
        )

    def types(self, schema: Any) -> frozenset[str]:
        """Every JSON type that a value may have; all of them where the schema does not say."""
        schema = self.stripped(schema)
        if "type" in schema:
            return frozenset("number" if name == "integer" else name for name in _named_types(schema))
        if "const" in schema:
            return frozenset({type_of(schema["const"])})
        if "enum" in schema:
            return frozenset(map(type_of, schema["enum"]))
        branches = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
        return frozenset().union(*map(self.types, branches)) if branches else frozenset(JSON_TYPES)


def _named_types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    named = schema.get("type", ())
    return (named,) if isinstance(named, str) else tuple(named)


def _allows(schema: Mapping[str, Any], value: Any) -> bool:
    if "const" in schema:
        return bool(schema["const"] == value)
    return value in schema["enum"] if "enum" in schema else True


def type_of(value: Any) -> str:
    """The name of a JSON value's type."""
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
