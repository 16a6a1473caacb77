"""Write the generated reference pages: ``make docs``. A test holds them to what this writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from conformance.cli import main
from conformance.commands.explain import explanation
from conformance.contract import Contract, Requirement, load_contract
from conformance.datafiles import load_yaml
from conformance.proof.claims import load_claims
from conformance.reference.faults import FAULTS
from conformance.reference.variants import VARIANTS

DOCS = Path(__file__).resolve().parent
HEAD = "<!-- Written by docs/generate.py; `make docs` writes it anew. -->\n\n"
_MOST_CASES = 8


def pages() -> dict[str, str]:
    """Name → text of every generated page."""
    contract = load_contract()
    claims = load_claims()
    return {
        "requirements.md": HEAD + "\n".join(_requirements(contract, claims)) + "\n",
        "commands.md": HEAD + "\n".join(_commands()) + "\n",
        "faults.md": HEAD + "\n".join(_faults(claims)) + "\n",
        "ambiguities.md": HEAD + "\n".join(_ambiguities(contract)) + "\n",
        "field-defects.md": HEAD + "\n".join(_field_defects(contract, claims)) + "\n",
    }


def _requirements(contract: Contract, claims: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    checked = [r for r in contract.requirements.values() if r.check]
    yield "# Requirements\n"
    excluded = len(contract.requirements) - len(checked)
    yield f"{len(checked)} requirements are checked; {excluded} are excluded with a reason.\n"
    for area in dict.fromkeys(requirement.area for requirement in contract.requirements.values()):
        yield f"## {area.replace('-', ' ').capitalize()}\n"
        for requirement in contract.requirements.values():
            if requirement.area == area:
                yield from _requirement(contract, requirement, claims)


def _requirement(
    contract: Contract, requirement: Requirement, claims: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    yield f"### {requirement.id} {requirement.level}\n\n{requirement.text}\n"
    lines = list(explanation(contract, requirement))[1:]
    for line in lines:
        if not line.startswith("  broken by"):
            yield f"* {_escaped(line.strip())}"
    faults = [name for name, ids in claims.items() if requirement.id in ids]
    if faults:
        more = f" and {len(faults) - _MOST_CASES} more" if len(faults) > _MOST_CASES else ""
        yield f"* broken by {', '.join(f'`{name}`' for name in faults[:_MOST_CASES])}{more}"
    yield ""


def _escaped(text: str) -> str:
    return re.sub(r"([<>|*_])", r"\\\1", text)


def _commands() -> Iterator[str]:
    yield "# Commands\n"
    context = click.Context(main, info_name="conformance", **main.context_settings)
    yield f"```\n{main.get_help(context)}\n```\n"
    for name in sorted(main.commands):
        command = main.commands[name]
        inner = click.Context(command, info_name=name, parent=context)
        yield f"## conformance {name}\n\n```\n{command.get_help(inner)}\n```\n"


def _faults(claims: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    yield "# Faults and variants of the reference target\n"
    yield f"## {len(FAULTS)} faults\n\n| fault | the lie | turns red |\n|---|---|---|"
    for name, fault in sorted(FAULTS.items()):
        yield f"| `{name}` | {_escaped(fault.lies)} | {_short(claims.get(name, ()))} |"
    yield f"\n## {len(VARIANTS)} legal variants\n\nNone of them may turn anything red.\n"
    yield "| variant | the difference |\n|---|---|"
    for name, variant in sorted(VARIANTS.items()):
        yield f"| `{name}` | {_escaped(variant.differs)} |"


def _ambiguities(contract: Contract) -> Iterator[str]:
    settled: list[Mapping[str, Any]] = load_yaml(contract.root / "spec" / "ambiguities.yaml", "ambiguities")
    yield "# Ambiguities, and how they are settled\n"
    yield (
        "Where the reference, the OpenAPI document, the SDKs and live servers do not agree or say nothing. "
        "The requirements hold the answer; the variants show the legal side of it and must stay green.\n"
    )
    yield "| question | settled | requirements | variants |\n|---|---|---|---|"
    for one in settled:
        variants = ", ".join(f"`{name}`" for name in one.get("variants", ()))
        requirements = ", ".join(one["requirements"])
        yield f"| {_escaped(one['question'])} | {_escaped(one['settled'])} | {requirements} | {variants} |"


def _short(ids: tuple[str, ...]) -> str:
    return ", ".join(ids[:6]) + (f" and {len(ids) - 6} more" if len(ids) > 6 else "")


def _field_defects(contract: Contract, claims: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    defects: list[Mapping[str, Any]] = load_yaml(
        contract.root / "fixtures" / "field-defects.yaml", "field-defects"
    )
    rows = [(defect, _killers(defect, claims)) for defect in defects]
    judged = [row for row in rows if "out_of_contract" not in row[0]]
    caught = [row for row in judged if row[1]]
    yield "# Defects that real servers shipped\n"
    yield (
        f"{len(caught)} of {len(judged)} that touch the contract are caught by a named requirement; "
        f"{len(rows) - len(judged)} are out of the contract, each with its reason.\n"
    )
    yield "| defect | where | what was seen | fault | caught by |\n|---|---|---|---|---|"
    for defect, killers in rows:
        faults = ", ".join(f"`{name}`" for name in _faults_of(defect))
        told = (
            ", ".join(killers)
            if killers
            else f"out of contract: {defect.get('out_of_contract', 'not caught')}"
        )
        where, seen = _escaped(defect["where"]), _escaped(defect["symptom"])
        yield f"| {defect['id']} | {where} | {seen} | {faults} | {told} |"


def _faults_of(defect: Mapping[str, Any]) -> list[str]:
    return [name for name, fault in FAULTS.items() if defect["id"] in fault.defects]


def _killers(defect: Mapping[str, Any], claims: Mapping[str, tuple[str, ...]]) -> list[str]:
    if "out_of_contract" in defect:
        return []
    return sorted({requirement for name in _faults_of(defect) for requirement in claims.get(name, ())})


if __name__ == "__main__":
    for page, text in pages().items():
        (DOCS / page).write_text(text, "utf-8")
        print(f"wrote docs/{page}")
