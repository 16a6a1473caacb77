"""``conformance explain``: everything that there is to know of one requirement."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from conformance.checks.subject import registered_checks
from conformance.contract import Contract, Requirement, load_contract
from conformance.errors import UsageError
from conformance.proof.claims import load_claims
from conformance.reference.faults import FAULTS

_MOST_CASES = 12


def print_requirement(requirement_id: str) -> int:
    """Print it. Raises UsageError, with the nearest ids, when there is none."""
    contract = load_contract()
    requirement = contract.requirements.get(requirement_id.upper())
    if requirement is None:
        area = requirement_id.upper().partition("-")[0]
        near = ", ".join(rid for rid in contract.requirements if rid.startswith(f"{area}-"))
        raise UsageError(
            f"there is no requirement {requirement_id}" + (f"; there are {near}" if near else "")
        )
    for line in explanation(contract, requirement):
        click.echo(line)
    return 0


def explanation(contract: Contract, requirement: Requirement) -> Iterator[str]:
    """The lines that explain a requirement."""
    yield f"{requirement.id} ({requirement.level}): {requirement.text}"
    for kind, text in requirement.source.items():
        for quote in text if isinstance(text, list) else [text]:
            yield f"  source, {kind}: {quote}"
    if requirement.check is None:
        yield f"  not checked: {requirement.excluded}"
        return
    check = registered_checks()[requirement.check]
    documentation = " ".join((inspect.getdoc(check) or "").split())
    yield f"  checked by {requirement.check} ({check.__module__.rpartition('.')[2]}.py): {documentation}"
    yield f"  judged once a {requirement.applies_to.scope}"
    cases = [
        c.id for c in contract.cases.values() if requirement.applies_to.covers(c, contract.operation_of(c))
    ]
    yield f"  on {len(cases)} cases: {', '.join(cases[:_MOST_CASES])}{' …' if len(cases) > _MOST_CASES else ''}"
    for name, ids in load_claims().items():
        if requirement.id in ids:
            yield f"  broken by {name}: {FAULTS[name].lies}"
