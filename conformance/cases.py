"""Cases: requests worth sending, read from ``fixtures/cases/`` with every ``from``, ``twin`` and ``mirrors`` resolved."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from conformance.datafiles import load_yaml
from conformance.errors import DataError
from conformance.pointer import remove, replace

Expectation = Literal["answer", "refusal", "either", "robust"]
Credential = Literal["key", "none", "wrong", "basic", "longer"]

_REQUEST_FIELDS = (
    "method",
    "path",
    "params",
    "query",
    "headers",
    "credential",
    "body",
    "raw",
    "form",
    "script",
)


@dataclass(frozen=True, slots=True)
class Poll:
    """Repeat a GET until the value at ``pointer`` is one of ``until``, ``times`` at most."""

    pointer: str
    until: tuple[Any, ...]
    times: int


@dataclass(frozen=True, slots=True)
class Case:
    """One request worth sending, and what it is meant to provoke."""

    id: str
    operation: str
    area: str
    expects: Expectation = "answer"
    baseline: bool = False
    method: str = ""
    path: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    credential: Credential = "key"
    body: Any = None
    raw: str | None = None
    form: Mapping[str, Any] | None = None
    script: tuple[Mapping[str, Any], ...] = ()
    base: str | None = None  # the case that its request was copied from
    twin: str | None = None  # the positive twin of a negative case
    mirrors: str | None = None  # the unstreamed twin of a streamed case
    compare: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    stream: bool = False
    capability: str | None = None
    features: frozenset[str] = frozenset()
    statuses: tuple[int, ...] = ()
    repeat: int = 1
    poll: Poll | None = None
    consent: bool = True
    recognise: str | None = (
        None  # the JSON property by which an answer is known, where not the operation's own
    )
    family: str | None = None  # of an unavailable operation

    @property
    def is_frozen(self) -> bool:
        """True for a generated request that is kept in a case file: it has results of its own."""
        return self.id.split("/")[1:2] == ["frozen"]

    @property
    def references(self) -> tuple[str, ...]:
        """Ids of the cases whose answers this request is built from (``$from:CASE#/pointer``)."""
        return tuple(
            dict.fromkeys(_references([self.params, self.query, self.body, self.form, list(self.script)]))
        )


def split_reference(text: str) -> tuple[str, str]:
    """``$from:CASE#/pointer`` → the case's id and the JSON Pointer."""
    case, _, pointer = text.removeprefix("$from:").partition("#")
    return case, pointer


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("$from:"):
        yield split_reference(value)[0]
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _references(member)
    elif isinstance(value, list):
        for member in value:
            yield from _references(member)


@dataclass(frozen=True, slots=True)
class OperationKind:
    """What case files need to know of an operation."""

    name: str
    method: str
    path: str
    kind: Literal["get", "json", "multipart", "socket"]


def load_cases(folder: Path, operations: Iterable[OperationKind]) -> dict[str, Case]:
    """Every case of ``folder``, by id. Raises DataError naming the file and the case."""
    files = {path.name: load_yaml(path, "cases") for path in sorted(folder.glob("*.yaml"))}
    kinds = {kind.name: kind for kind in operations}
    entries = _own_entries(files, kinds)
    areas = {entry["operation"]: entry["area"] for entry in entries.values()}
    entries |= _entries_for_every_operation(files, kinds, areas, entries)
    resolved: dict[str, Mapping[str, Any]] = {}
    return {case_id: _case(_resolve(case_id, entries, resolved)) for case_id in entries}


def add_cases(
    known: Mapping[str, Case], documents: Mapping[str, Any], operations: Iterable[OperationKind]
) -> dict[str, Case]:
    """The cases of further case files, ``documents`` by file name, which may derive from ``known`` ones.

    Raises DataError for an id that is taken, another area than the operation's, and a second baseline.
    """
    kinds = {kind.name: kind for kind in operations}
    areas = {case.operation: case.area for case in known.values()}
    for name, document in documents.items():
        if "every" in document:
            raise DataError(name, "/every", "only the suite's own files have cases of every operation")
        area = areas.get(document["operation"])
        if area is not None and document["area"] != area:
            raise DataError(name, "/area", f"the area of {document['operation']} is {area}")
        if any(raw.get("baseline") for raw in document["cases"]):
            raise DataError(name, "/cases", f"{document['operation']} has its baseline already")
    added = _own_entries(documents, kinds)
    for case_id, entry in added.items():
        if case_id in known:
            raise DataError(entry["file"], case_id, "this id is used twice")
    entries = {case_id: _request_of(case) for case_id, case in known.items()} | added
    resolved: dict[str, Mapping[str, Any]] = {case_id: entries[case_id] for case_id in known}
    return {case_id: _case(_resolve(case_id, entries, resolved)) for case_id in added}


def _request_of(case: Case) -> dict[str, Any]:
    """What another case copies of this one."""
    request = {name: getattr(case, name) for name in _REQUEST_FIELDS}
    present = {name: value for name, value in request.items() if value is not None}
    return present | {"script": list(case.script)}


def _own_entries(files: Mapping[str, Any], kinds: Mapping[str, OperationKind]) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for name, document in files.items():
        if "every" in document:
            continue
        if document["operation"] not in kinds:
            raise DataError(
                name, "/operation", f"{document['operation']} is not an operation of the contract"
            )
        for raw in document["cases"]:
            _add(entries, name, {**raw, "operation": document["operation"], "area": document["area"]})
    return entries


def _add(entries: dict[str, dict[str, Any]], file: str, entry: dict[str, Any]) -> None:
    if entry["id"] in entries:
        raise DataError(file, entry["id"], "this id is used twice")
    entries[entry["id"]] = {**entry, "file": file}


def _entries_for_every_operation(
    files: Mapping[str, Any],
    kinds: Mapping[str, OperationKind],
    areas: Mapping[str, str],
    own: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    baselines = {entry["operation"]: case_id for case_id, entry in own.items() if entry.get("baseline")}
    entries: dict[str, dict[str, Any]] = {}
    for name, document in files.items():
        for operation, area in areas.items():
            if operation in baselines and _is_of_kind(document.get("every"), kinds[operation]):
                for raw in document["cases"]:
                    filled = _fill(raw, {"{area}": area, "{baseline}": baselines[operation]})
                    if filled["id"] not in own:
                        _add(entries, name, {**filled, "operation": operation, "area": area})
    return entries


def _is_of_kind(every: str | None, operation: OperationKind) -> bool:
    return every == "operation" or every == f"{operation.kind}-operation"


def _fill(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace(name, text)
        return value
    if isinstance(value, dict):
        return {key: _fill(member, names) for key, member in value.items()}
    if isinstance(value, list):
        return [_fill(member, names) for member in value]
    return value


def _resolve(
    case_id: str,
    entries: Mapping[str, Mapping[str, Any]],
    done: dict[str, Mapping[str, Any]],
    trail: tuple[str, ...] = (),
) -> Mapping[str, Any]:
    """The entry with the request of the case it is derived from, changed as it says."""
    if case_id in done:
        return done[case_id]
    entry = entries[case_id]
    if case_id in trail:
        raise DataError(entry["file"], case_id, "is derived from itself")
    base_id = entry.get("from") or entry.get("twin") or entry.get("mirrors")
    merged: dict[str, Any] = {}
    if base_id is not None:
        if base_id not in entries:
            raise DataError(entry["file"], case_id, f"there is no case {base_id}")
        base = _resolve(base_id, entries, done, (*trail, case_id))
        merged = {key: copy.deepcopy(base[key]) for key in _REQUEST_FIELDS if key in base}
    merged |= dict(entry)
    if base_id is not None and ("body" in entry or "form" in entry):
        merged = {
            key: value for key, value in merged.items() if key not in {"body", "form", "raw"} or key in entry
        }
    done[case_id] = _changed(merged)
    return done[case_id]


def _changed(entry: dict[str, Any]) -> Mapping[str, Any]:
    part = "form" if entry.get("form") is not None and entry.get("body") is None else "body"
    for pointer, value in entry.get("change", {}).items():
        entry[part] = _edited(entry, part, pointer, lambda doc, p=pointer, v=value: replace(doc, p, v))
    for pointer in entry.get("remove", []):
        entry[part] = _edited(entry, part, pointer, lambda doc, p=pointer: remove(doc, p))
    return entry


def _edited(entry: Mapping[str, Any], part: str, pointer: str, edit: Any) -> Any:
    try:
        return edit(entry.get(part))
    except LookupError as error:
        raise DataError(entry["file"], f"{entry['id']} {pointer}", f"cannot be changed: {error}") from None


def _streams(entry: Mapping[str, Any]) -> bool:
    if "stream" in entry:
        return bool(entry["stream"])
    body = entry.get("body")
    fields = (entry.get("form") or {}).get("fields") or {}
    return (isinstance(body, dict) and body.get("stream") is True) or fields.get("stream") in (True, "true")


def _case(entry: Mapping[str, Any]) -> Case:
    poll = entry.get("poll")
    names = {spec.name for spec in dataclasses.fields(Case)}
    plain = {key: value for key, value in entry.items() if key in names}
    return Case(
        **plain
        | {
            "base": entry.get("from") or entry.get("twin") or entry.get("mirrors"),
            "script": tuple(entry.get("script", ())),
            "compare": tuple(entry.get("compare", ())),
            "after": tuple(entry.get("after", ())),
            "stream": _streams(entry),
            "features": frozenset(entry.get("features", ())),
            "statuses": tuple(entry.get("statuses", ())),
            "poll": Poll(poll["pointer"], tuple(poll["until"]), poll.get("times", 20)) if poll else None,
        }
    )
