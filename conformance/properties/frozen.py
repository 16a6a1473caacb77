"""Generated cases written down as a case file of the user's, by which they are sent again in any later run."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from conformance.cases import Case
from conformance.contract import Contract, with_cases
from conformance.properties.changes import Change
from conformance.properties.drawing import key_of
from conformance.properties.generate import Generated, case_of
from conformance.properties.values import has_surrogates
from conformance.text import one_line

_DERIVED = frozenset({"id", "operation", "area", "base", "twin", "raw", "body", "form", "family"})


@dataclass(frozen=True, slots=True)
class Frozen:
    """A case to be kept, and sentences on what it showed."""

    case: Case
    notes: tuple[str, ...]


def frozen_case(found: Generated, change: Change) -> Case:
    """The case of ``change`` under an id that is the same whenever the same is found."""
    digest = hashlib.sha256(key_of(change).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    name = f"frozen/{found.kind}-{change['family']}-{digest}"
    return case_of(found.subject, found.kind, change, name)


def case_files(contract: Contract, found: Iterable[Frozen]) -> Mapping[str, str]:
    """The text of one case file an area, by the area."""
    by_area: dict[str, dict[str, Frozen]] = {}
    for one in found:
        members = by_area.setdefault(one.case.area, {})
        earlier = members[one.case.id].notes if one.case.id in members else ()
        members[one.case.id] = Frozen(one.case, tuple(dict.fromkeys((*earlier, *one.notes))))
    return {area: _text(contract, list(members.values())) for area, members in by_area.items()}


def _text(contract: Contract, members: Sequence[Frozen]) -> str:
    first = members[0].case
    lines = [
        "# Generated requests that failed, made as small as they could be. Send them again with --cases.",
        _yaml({"operation": first.operation, "area": first.area}) + "cases:",
    ]
    for member in sorted(members, key=lambda one: one.case.id):
        lines += [f"# {one_line(note)}" for note in member.notes]
        entry = _yaml(_entry(contract, member.case)).rstrip("\n")
        lines.append("- " + entry.replace("\n", "\n  "))
    return "\n".join(lines) + "\n"


def _yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(document, Dumper=_WithoutAliases, sort_keys=False, allow_unicode=False, width=1_000_000)


class _WithoutAliases(yaml.SafeDumper):
    """Writes what occurs twice twice, as a case is read alone."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _entry(contract: Contract, case: Case) -> dict[str, Any]:
    """What a case file must say of ``case`` besides what it takes over from its twin."""
    case = _writable(case)
    start: dict[str, Any] = {"id": case.id, "twin": case.twin}
    document = {"operation": case.operation, "area": case.area, "cases": [start]}
    known = with_cases(contract, {"frozen": document}).cases[case.id]
    for field in dataclasses.fields(Case):
        value = getattr(case, field.name)
        if field.name not in _DERIVED and value != getattr(known, field.name):
            start[field.name] = _plain(value)
    if case.raw is not None:
        start |= {"raw": case.raw, "body": None}
    elif case.body != known.body:
        start["body"] = case.body
    elif case.form != known.form:
        start["form"] = _plain(case.form)
    return start


def _writable(case: Case) -> Case:
    """YAML cannot hold half a surrogate pair; JSON can, escaped."""
    if case.body is None or not has_surrogates(json.dumps(case.body, ensure_ascii=False)):
        return case
    return replace(case, raw=json.dumps(case.body), body=None)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list | tuple) else value
