"""The contract: operations, requirements, cases, schemas and stream grammars, loaded from ``spec/`` and ``fixtures/``."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from conformance.cases import Case, OperationKind, add_cases, load_cases
from conformance.datafiles import data_root, load_yaml
from conformance.errors import DataError
from conformance.schemas import SchemaSet
from conformance.unavailable import load_unavailable
from conformance.wire.grammar import Grammar, load_grammars

Availability = Literal["ready", "limited", "unavailable", "helper"]
Level = Literal["MUST", "SHOULD", "MAY"]
Scope = Literal["case", "operation", "run"]

WORKLOADS = ("models", "text", "realtime", "embeddings", "safety", "images", "videos", "audio")
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """A row of the contract: method and path, and what is promised of it."""

    name: str
    method: str
    path: str
    availability: Availability
    workload: str
    note: str = ""
    hallmark: str | None = None  # the property by which a success is recognised
    transport: Literal["http", "websocket"] = "http"
    document: Mapping[str, Any] | None = None  # the OpenAPI operation object

    @property
    def kind(self) -> Literal["get", "json", "multipart", "socket"]:
        """How it takes its request."""
        if self.transport == "websocket":
            return "socket"
        content = ((self.document or {}).get("requestBody") or {}).get("content") or {}
        if "application/json" in content:
            return "json"
        return "multipart" if "multipart/form-data" in content else "get"

    @property
    def event_area(self) -> str:
        """The component file that maps this operation's event types to schemas, by its stem."""
        events = (self.document or {}).get("x-events")
        if isinstance(events, str):
            return Path(events).stem
        return {"images": "images", "text": "responses"}.get(self.workload, self.workload)

    def response_schema(self, media_type: str) -> str | None:
        """The name of the schema of a 200 answer of ``media_type``; of one event, for ``text/event-stream``."""
        content = (((self.document or {}).get("responses") or {}).get("200") or {}).get("content") or {}
        entry = content.get(media_type) or {}
        reference = (entry.get("itemSchema") or entry.get("schema") or {}).get("$ref")
        return reference.rsplit("/", 1)[-1] if reference else None


@dataclass(frozen=True, slots=True)
class Applicability:
    """Which subjects a requirement is judged on."""

    scope: Scope = "case"
    operations: tuple[str, ...] = ()
    availability: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    expects: tuple[str, ...] = ("answer",)
    stream: bool | None = None
    features: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    @property
    def is_of_generated(self) -> bool:
        """True for a property: one result over all generated requests of an operation."""
        return any(feature.startswith("generated") for feature in self.features)

    def covers(self, case: Case, operation: Operation) -> bool:
        """True when ``case`` is a subject, or for wider scopes contributes its exchanges."""
        return self.covers_operation(operation) and self.covers_case(case)

    def covers_operation(self, operation: Operation) -> bool:
        """True when cases of ``operation`` may be subjects."""
        return (
            not self.operations or any(fnmatchcase(operation.name, glob) for glob in self.operations)
        ) and (not self.availability or operation.availability in self.availability)

    def covers_case(self, case: Case) -> bool:
        """True when ``case`` is a subject, provided that its operation is covered."""
        return (
            self.features <= case.features
            and self.stream in (None, case.stream)
            and (self.scope != "case" or (case.expects in self.expects and "generated" not in case.features))
            and not self.without & case.features
            and (not self.cases or any(fnmatchcase(case.id, glob) for glob in self.cases))
        )


@dataclass(frozen=True, slots=True)
class Requirement:
    """One normative sentence, with where it comes from and the check that judges it."""

    id: str
    level: Level
    text: str
    source: Mapping[str, Any]
    applies_to: Applicability
    primary: bool = False
    check: str | None = None
    arguments: Mapping[str, Any] | None = None
    excluded: str | None = None
    area: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """The whole promise. ``sha256`` is over every file it was read from, in name order."""

    name: str
    version: str
    sha256: str
    operations: Mapping[str, Operation]
    requirements: Mapping[str, Requirement]
    cases: Mapping[str, Case]
    schemas: SchemaSet
    grammars: Mapping[str, Grammar]
    root: Path

    def operation_of(self, case: Case) -> Operation:
        """The operation that ``case`` sends."""
        return self.operations[case.operation]

    def baseline_of(self, operation: str) -> Case | None:
        """The case without optional fields by which ``operation`` is known to work."""
        return next((c for c in self.cases.values() if c.operation == operation and c.baseline), None)


@functools.cache
def load_contract(root: Path | None = None) -> Contract:
    """Read, validate and link every file of the contract. Raises DataError (exit 2) on the first broken one."""
    root = root or data_root()
    spec = root / "spec"
    document = load_yaml(spec / "openapi.yaml")
    operations = _rows(document)
    refused = load_unavailable(spec / "unavailable.yaml")
    operations |= {
        op.name: op for op in map(_unavailable_operation, refused.operations) if op.name not in operations
    }
    cases = load_cases(root / "fixtures" / "cases", _kinds(operations)) | dict(refused.cases)
    requirements = _ledger(spec / "requirements")
    _check_links(cases, cases, root)
    return Contract(
        name=document["info"]["title"],
        version=str(document["info"]["version"]),
        sha256=_digest(root),
        operations=operations,
        requirements=requirements,
        cases=cases,
        schemas=SchemaSet(spec / "components"),
        grammars=load_grammars(load_yaml(spec / "streams.yaml", "streams")),
        root=root,
    )


def with_cases(contract: Contract, documents: Mapping[str, Any]) -> Contract:
    """The contract with the cases of the user's case files, by file name. Raises DataError on the first broken one."""
    added = add_cases(contract.cases, documents, _kinds(contract.operations))
    cases = {**contract.cases, **added}
    _check_links(added, cases, contract.root)
    return replace(contract, cases=cases)


def _kinds(operations: Mapping[str, Operation]) -> list[OperationKind]:
    return [OperationKind(op.name, op.method, op.path, op.kind) for op in operations.values()]


def _rows(document: Mapping[str, Any]) -> dict[str, Operation]:
    rows = {}
    entries = [
        (method, path, item[method])
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]
    entries = [(method, path, _with_responses(document, entry)) for method, path, entry in entries]
    entries += [(entry["method"].lower(), entry["path"], entry) for entry in document.get("x-helpers", [])]
    for method, path, entry in entries:
        name = f"{method.upper()} {path}"
        try:
            rows[name] = Operation(
                name,
                method.upper(),
                path.partition("?")[0],
                entry.get("x-availability", "helper"),
                entry["x-workload"],
                entry.get("x-note", ""),
                entry.get("x-hallmark"),
                entry.get("x-transport", "http"),
                entry,
            )
        except KeyError as missing:
            raise DataError("openapi.yaml", f"/paths/{path}/{method}", f"needs {missing}") from None
    return rows


def _with_responses(document: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The operation with its responses in place of references to ``components/responses``."""
    known = document.get("components", {}).get("responses", {})
    responses = {
        status: known[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
        for status, response in entry.get("responses", {}).items()
    }
    return {**entry, "responses": responses}


def _unavailable_operation(entry: Mapping[str, Any]) -> Operation:
    return Operation(
        f"{entry['method']} {entry['path']}",
        entry["method"],
        entry["path"],
        "unavailable",
        entry["workload"],
        entry["note"],
    )


def _ledger(folder: Path) -> dict[str, Requirement]:
    requirements: dict[str, Requirement] = {}
    for path in sorted(folder.glob("*.yaml")):
        for entry in load_yaml(path, "requirements"):
            if entry["id"] in requirements:
                raise DataError(path.name, entry["id"], "this id is used twice")
            requirements[entry["id"]] = _requirement(entry, path.stem)
    return requirements


def _requirement(entry: Mapping[str, Any], area: str) -> Requirement:
    applies = entry.get("applies_to", {})
    return Requirement(
        id=entry["id"],
        level=entry["level"],
        text=entry["text"],
        source=entry["source"],
        applies_to=Applicability(
            scope=applies.get("scope", "case"),
            operations=tuple(applies.get("operations", ())),
            availability=tuple(applies.get("availability", ())),
            cases=tuple(applies.get("cases", ())),
            expects=tuple(applies.get("expects", ("answer",))),
            stream=applies.get("stream"),
            features=frozenset(applies.get("features", ())),
            without=frozenset(applies.get("without", ())),
        ),
        primary=entry.get("primary", False),
        check=entry.get("check"),
        arguments=entry.get("with", {}),
        excluded=entry.get("excluded"),
        area=area,
    )


def _check_links(linking: Mapping[str, Case], cases: Mapping[str, Case], root: Path) -> None:
    """Every case that one of ``linking`` names exists, and so does every media file that it sends."""
    for case in linking.values():
        for other in (*case.compare, *case.after, *case.references):
            if other not in cases:
                raise DataError("fixtures/cases", case.id, f"there is no case {other}")
        for file in (case.form or {}).get("files", []):
            if not (root / "fixtures" / "media" / file["media"]).is_file():
                raise DataError("fixtures/cases", case.id, f"there is no media file {file['media']}")


def _digest(root: Path) -> str:
    digest = hashlib.sha256()
    for folder in ("spec", "fixtures"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".yaml", ".json"}:
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
