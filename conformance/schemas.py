"""The wire schemas: compiled once, a fast gate for the many that pass and an exact leaf for the few that do not."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from conformance.datafiles import load_yaml
from conformance.errors import DataError
from conformance.pointer import format_pointer

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place where a value breaks its schema."""

    pointer: str
    expected: str
    seen: Any


class SchemaSet:
    """Every named schema of ``spec/components``; ``$ref`` between files becomes one document."""

    def __init__(self, folder: Path) -> None:
        self._schemas: dict[str, Any] = {}
        self.events: dict[str, dict[str, str]] = {}
        for path in sorted(folder.glob("*.yaml")):
            document = load_yaml(path)
            self.events[path.stem] = document.pop("x-events", {})
            for name, schema in document.items():
                if name in self._schemas:
                    raise DataError(path.name, name, "another component file has a schema of this name")
                if not name.startswith("x-"):
                    self._schemas[name] = bundled_references(schema)
        self._strict = _with_recommended(self._schemas)
        self._gates: dict[tuple[str, bool], jsonschema_rs.Validator] = {}
        self._explainers: dict[tuple[str, bool], Draft202012Validator] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._schemas

    def names(self) -> tuple[str, ...]:
        """The names of all schemas."""
        return tuple(self._schemas)

    def all_documents(self) -> dict[str, Any]:
        """Every schema by name, with references that fit the ``components`` of one document."""
        return copy.deepcopy(self._schemas)

    def document(self, name: str, *, recommended: bool = False) -> dict[str, Any]:
        """The schema ``name`` as one self-contained document; with ``recommended``, what SHOULD be there is required."""
        if name not in self._schemas:
            raise DataError("spec/components", name, "there is no such schema")
        schemas = self._strict if recommended else self._schemas
        return {"$ref": f"#/components/schemas/{name}", "components": {"schemas": _reachable(schemas, name)}}

    def mismatches(self, name: str, value: Any, *, recommended: bool = False) -> Iterator[Mismatch]:
        """Every place where ``value`` breaks schema ``name``, the deepest reason for each, none if it is valid."""
        if _passes(self._gate(name, recommended), value):
            return
        from jsonschema.exceptions import best_match

        for error in sorted(self._explainer(name, recommended).iter_errors(value), key=lambda e: e.json_path):
            leaf = best_match([error]) or error
            yield Mismatch(format_pointer(list(leaf.absolute_path)), _expectation(leaf), leaf.instance)

    def _gate(self, name: str, recommended: bool) -> jsonschema_rs.Validator:
        key = (name, recommended)
        if key not in self._gates:
            self._gates[key] = jsonschema_rs.Draft202012Validator(
                self.document(name, recommended=recommended)
            )
        return self._gates[key]

    def _explainer(self, name: str, recommended: bool) -> Draft202012Validator:
        key = (name, recommended)
        if key not in self._explainers:
            from jsonschema import Draft202012Validator  # only what fails needs it, and it is slow to load

            self._explainers[key] = Draft202012Validator(self.document(name, recommended=recommended))
        return self._explainers[key]


def _passes(gate: jsonschema_rs.Validator, value: Any) -> bool:
    """What the fast gate cannot read, text with half a pair in it, is left to the slow one."""
    try:
        return gate.is_valid(value)
    except UnicodeEncodeError:
        return False


def bundled_references(schema: Any) -> Any:
    """``components/chat.yaml#/X``, ``chat.yaml#/X`` and ``#/X`` all become ``#/components/schemas/X``."""
    if isinstance(schema, dict):
        return {
            key: f"#/components/schemas/{value.rsplit('#/', 1)[-1]}"
            if key == "$ref" and isinstance(value, str) and not value.startswith("#/components/")
            else bundled_references(value)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [bundled_references(member) for member in schema]
    return schema


def _with_recommended(schema: Any) -> Any:
    if isinstance(schema, dict):
        changed = {key: _with_recommended(value) for key, value in schema.items()}
        if "x-should-require" in schema:
            changed["required"] = [*schema.get("required", []), *schema["x-should-require"]]
        return changed
    if isinstance(schema, list):
        return [_with_recommended(member) for member in schema]
    return schema


def _reachable(schemas: Mapping[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            if current not in schemas:
                raise DataError("spec/components", current, "is referred to, and there is no such schema")
            found[current] = copy.deepcopy(schemas[current])
            waiting += _referred(schemas[current])
    return found


def _referred(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value.rsplit("/", 1)[-1]
            else:
                yield from _referred(value)
    elif isinstance(schema, list):
        for member in schema:
            yield from _referred(member)


def _expectation(error: ValidationError) -> str:
    value: Any = error.validator_value
    match error.validator:
        case "required":
            return f"the member {error.message.rpartition(' is a required')[0]}"
        case "type":
            return " or ".join(value) if isinstance(value, list) else str(value)
        case "enum":
            return "one of " + ", ".join(repr(option) for option in value)
        case "const":
            return repr(value)
        case "minLength":
            return "a text that is not empty"
        case "minItems":
            return f"at least {value} item{'s' if value != 1 else ''}"
        case _:
            return f"{error.validator} {value!r}"
