"""Operations that must be refused: read from ``spec/unavailable.yaml`` and made into one harmless case each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.cases import Case
from conformance.datafiles import load_yaml


@dataclass(frozen=True, slots=True)
class RefusedOperations:
    """The operations with their family and workload, and the case that probes each."""

    operations: tuple[Mapping[str, Any], ...]
    cases: Mapping[str, Case]


def load_unavailable(path: Path) -> RefusedOperations:
    """Read and validate the file. An operation that is unsafe to send has no case."""
    families = load_yaml(path, "unavailable")["families"]
    operations = [
        {
            **entry,
            "family": name,
            "workload": family["workload"],
            "level": family["level"],
            "note": family.get("seed") or "",
        }
        for name, family in families.items()
        for entry in family["operations"]
    ]
    cases = [_case(entry) for entry in operations if "unsafe" not in entry]
    return RefusedOperations(tuple(operations), {case.id: case for case in cases})


def _case(entry: Mapping[str, Any]) -> Case:
    features = {
        "unavailable",
        *(["named"] if entry["level"] == "MUST" else []),
        *(["sample"] if "sample" in entry else []),
    }
    if "may_succeed" in entry:
        features.add("may-succeed")
    form = entry.get("content_type") == "multipart/form-data"
    return Case(
        id=f"unavailable-{entry['family']}/{entry['method'].lower()}/{_slug(entry['path'])}",
        operation=f"{entry['method']} {entry['path']}",
        area="unavailable",
        expects="refusal",
        path=entry.get("probe_path", entry["path"]),
        body=None if form else entry.get("body"),
        form={"fields": entry["body"]} if form else None,
        features=frozenset(features),
        consent=False,
        family=entry["family"],
    )


def _slug(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.removeprefix("/v1/").lower()).strip("-")
