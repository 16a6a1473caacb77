"""Our own YAML files: where they lie, read strictly, and held to their schema."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from conformance.errors import DataError

_PACKAGE = Path(__file__).resolve().parent


def data_root() -> Path:
    """The folder that holds ``spec/`` and ``fixtures/``: inside an installed wheel, else the checkout."""
    packaged = _PACKAGE / "data"
    return packaged if packaged.is_dir() else _PACKAGE.parent


class _StrictLoader(yaml.CSafeLoader):
    """YAML in which a repeated key is an error, as it hides half of what an author wrote; without merge keys."""

    def flatten_mapping(self, node: Any) -> None:
        """Leaves ``<<`` where it is, which no value can be made of."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            self._refuse_repeated(node)
        return mapping

    def _refuse_repeated(self, node: Any) -> None:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} is repeated", problem_mark=key_node.start_mark
                )
            seen.add(key)


def parse_yaml(text: str, name: str) -> Any:
    """The document in ``text``. Raises DataError with line and column."""
    try:
        document = yaml.load(text, _StrictLoader)
        _refuse_loops(document, set(), set())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise DataError(name, where, error.problem or "is not YAML") from None
    except yaml.YAMLError as error:
        raise DataError(name, "", f"is not YAML: {error}") from None
    except (ValueError, OverflowError, AttributeError, IndexError) as error:
        # a scalar that looks like a date or number, or is tagged as one, and is none
        raise DataError(name, "", f"holds a value that does not exist: {error}") from None
    except RecursionError:
        raise DataError(name, "", "is nested too deeply, or within itself") from None
    return document


def _refuse_loops(value: Any, above: set[int], seen: set[int]) -> None:
    """Raise RecursionError for a value that an alias puts within itself; each value is looked at once."""
    if not isinstance(value, dict | list):
        return
    if id(value) in above:
        raise RecursionError
    if id(value) in seen:
        return
    above.add(id(value))
    seen.add(id(value))
    for member in value.values() if isinstance(value, dict) else value:
        _refuse_loops(member, above, seen)
    above.discard(id(value))


def read_text(path: Path) -> str:
    """The UTF-8 text of ``path``. Raises DataError when it cannot be read."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(str(path), f"byte {error.start}", "is not UTF-8") from None
    except OSError as error:
        raise DataError(str(path), "", f"cannot be read: {error.strerror}") from None


@functools.cache
def _schema(schema_name: str) -> Any:
    path = data_root() / "spec" / "schemas" / f"{schema_name}.schema.json"
    return json.loads(read_text(path))


@functools.cache
def _gate(schema_name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_schema(schema_name))


def _accepts(schema_name: str, document: Any) -> bool:
    """The fast answer for the many that are valid; a value that is no JSON, such as a date, is left to the other."""
    try:
        return _gate(schema_name).is_valid(document)
    except ValueError:
        return False


def check_against_schema(document: Any, schema_name: str, name: str) -> None:
    """Hold ``document`` to ``spec/schemas/SCHEMA_NAME.schema.json``; raises DataError with a JSON Pointer."""
    if _accepts(schema_name, document):
        return
    from jsonschema import Draft202012Validator  # takes longer to load than most files to check
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(_schema(schema_name)).iter_errors(document))
    if error is not None:
        pointer = "/" + "/".join(str(part) for part in error.absolute_path)
        raise DataError(name, pointer, error.message)


def load_yaml(path: Path, schema_name: str | None = None) -> Any:
    """Read, parse and (with ``schema_name``) validate one of our files."""
    document = parse_yaml(read_text(path), path.name)
    if schema_name is not None:
        check_against_schema(document, schema_name, path.name)
    return document
