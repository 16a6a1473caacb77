"""The plan: the ordered graph of cases of one run, and every result that it must yield. Nothing here is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from conformance.cases import Case
from conformance.contract import Contract, Requirement
from conformance.errors import UsageError
from conformance.target import Selection, Target, needs_consent

Disposition = Literal["send", "not_tested", "untestable"]

ATTEMPTS = 3
"""Times a request is sent at the most when the answer is 429, 502, 503, 504 or none."""


DISCOVERY_TRIES = 5
"""Models that are tried at the most, where none was named, until one answers a text request."""

_BESIDE = DISCOVERY_TRIES + 1
"""Requests beside those of the cases: those tries, and at the end the question whether the target is still there."""


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """A case and what is to become of it. ``needs`` are cases that must have been answered first."""

    case: Case
    disposition: Disposition
    reason: str = ""
    needs: tuple[str, ...] = ()

    @property
    def requests(self) -> int:
        """Requests when all goes well; a poll counts as its bound."""
        return self.case.poll.times if self.case.poll else self.case.repeat


@dataclass(frozen=True, slots=True)
class PlannedResult:
    """One requirement on one subject: a case, all cases of an operation, or the run."""

    id: str
    requirement: Requirement
    operation: str
    case: str
    members: tuple[str, ...]  # the cases whose exchanges are judged


@dataclass(frozen=True, slots=True)
class Plan:
    """Cases in an order in which each comes after those it needs, and the results that they must yield."""

    cases: Mapping[str, PlannedCase]
    results: Mapping[str, PlannedResult]

    def to_send(self) -> list[PlannedCase]:
        """The cases that will be sent."""
        return [planned for planned in self.cases.values() if planned.disposition == "send"]

    @property
    def bound(self) -> int:
        """The most requests that this plan can send, every retry, poll and look for a model counted."""
        sent = self.to_send()
        return (sum(planned.requests for planned in sent) + _BESIDE) * ATTEMPTS if sent else 0

    def dealt(self, shard: tuple[int, int]) -> frozenset[str]:
        """The results of one shard: areas are dealt out in turn, which keeps together what builds on each other.

        What is said of the whole run is left to the merged one.
        """
        part, parts = shard
        areas = dict.fromkeys(area_of(planned) for planned in self.results.values())
        own = {area for place, area in enumerate(areas) if place % parts == part - 1}
        return frozenset(
            planned.id
            for planned in self.results.values()
            if area_of(planned) in own and planned.requirement.applies_to.scope != "run"
        )

    def restricted(self, result_ids: frozenset[str]) -> Plan:
        """Only these results, and only the cases that they need."""
        results = {key: value for key, value in self.results.items() if key in result_ids}
        wanted: set[str] = set()
        waiting = [member for result in results.values() for member in result.members]
        while waiting:
            case_id = waiting.pop()
            if case_id in self.cases and case_id not in wanted:
                wanted.add(case_id)
                planned = self.cases[case_id]
                waiting += [*planned.needs, *context_of(planned.case)]
        return Plan({key: value for key, value in self.cases.items() if key in wanted}, results)


def area_of(planned: PlannedResult) -> str:
    """What its case's id begins with."""
    return planned.case.partition("/")[0]


def context_of(case: Case) -> tuple[str, ...]:
    """Cases whose answers are looked at when this one is judged."""
    return tuple(other for other in (case.twin, case.mirrors, *case.compare) if other)


def make_plan(contract: Contract, target: Target, selection: Selection) -> Plan:
    """Every case in scope with its disposition, and every result. Raises UsageError on an empty selection."""
    _check_selection(contract, selection)
    chosen = {case.id for case in contract.cases.values() if _in_scope(contract, case, selection)}
    cases = {
        case_id: _planned(contract, contract.cases[case_id], target)
        for case_id in _with_needs(contract, chosen)
    }
    if selection.repeat > 1:
        cases = {case_id: _repeated(planned, selection.repeat) for case_id, planned in cases.items()}
    ordered = {case_id: cases[case_id] for case_id in _ordered(cases)}
    in_scope = {case_id: planned for case_id, planned in ordered.items() if case_id in chosen}
    results = {result.id: result for result in _results(contract, in_scope)}
    if not results:
        raise UsageError("the selection is empty: no operation of the contract matches it")
    return Plan(ordered, results)


def _with_needs(contract: Contract, chosen: set[str]) -> Iterator[str]:
    """The chosen cases in the contract's order, and those out of scope whose answers they are built from."""
    wanted = set(chosen)
    waiting = list(chosen)
    while waiting:
        case = contract.cases[waiting.pop()]
        for other in (*_needs(contract, case), *context_of(case)):
            if other not in wanted:
                wanted.add(other)
                waiting.append(other)
    return (case_id for case_id in contract.cases if case_id in wanted)


def _repeated(planned: PlannedCase, times: int) -> PlannedCase:
    if planned.case.poll is not None:
        return planned
    return replace(planned, case=replace(planned.case, repeat=planned.case.repeat * times))


def _check_selection(contract: Contract, selection: Selection) -> None:
    for workload in selection.workloads:
        if not any(op.workload == workload for op in contract.operations.values()):
            raise UsageError(f"--workload {workload!r}: there is no such workload")
    for glob in selection.operations:
        narrowed = Selection(operations=(glob,), unavailable="all")
        if not any(
            narrowed.includes(op) and op.workload != "models" for op in contract.operations.values()
        ) and not any(op.name == glob for op in contract.operations.values()):
            raise UsageError(f"--operation {glob!r} matches no operation of the contract")
    for expected in selection.expected:
        if expected.partition("#")[0] not in contract.operations:
            raise UsageError(f"--expect available={expected}: there is no such operation in the contract")


def _in_scope(contract: Contract, case: Case, selection: Selection) -> bool:
    operation = contract.operation_of(case)
    sampled = (
        operation.availability != "unavailable" or "sample" in case.features or selection.unavailable == "all"
    )
    return sampled and selection.includes(operation)


def _planned(contract: Contract, case: Case, target: Target) -> PlannedCase:
    operation = contract.operation_of(case)
    needs = _needs(contract, case)
    if case.credential != "none" and not target.has_key and case.credential != "key":
        return PlannedCase(case, "untestable", "no key was given, so a refused one shows nothing", needs)
    if case.credential == "none" and not target.has_key:
        return PlannedCase(case, "untestable", "no key was given, so the target may not need one", needs)
    if case.consent and needs_consent(operation) and target.model_for(operation) is None:
        reason = f"name a model to test it: --model {operation.workload}=ID"
        return PlannedCase(
            case, "untestable" if operation.availability == "ready" else "not_tested", reason, needs
        )
    return PlannedCase(case, "send", "", needs)


def _needs(contract: Contract, case: Case) -> tuple[str, ...]:
    baseline = contract.baseline_of(case.operation)
    if not case.consent:
        return case.after
    first = (baseline.id,) if baseline and baseline.id != case.id else ()
    return tuple(dict.fromkeys((*first, *case.references, *case.after)))


def _ordered(cases: Mapping[str, PlannedCase]) -> list[str]:
    """Each after those it needs; otherwise as the files have them."""
    order: dict[str, None] = {}

    def place(case_id: str, trail: tuple[str, ...]) -> None:
        if case_id in trail:
            raise UsageError(f"the cases {' → '.join((*trail, case_id))} need each other")
        if case_id in order or case_id not in cases:
            return
        for other in cases[case_id].needs:
            place(other, (*trail, case_id))
        order[case_id] = None

    for case_id in cases:
        place(case_id, ())
    return list(order)


def _results(contract: Contract, cases: Mapping[str, PlannedCase]) -> Iterator[PlannedResult]:
    operations = {
        planned.case.operation: contract.operation_of(planned.case) for planned in cases.values()
    }.values()
    for requirement in contract.requirements.values():
        if requirement.check is None:
            continue
        applies = requirement.applies_to
        covered = {operation.name for operation in operations if applies.covers_operation(operation)}
        members = [
            planned.case
            for planned in cases.values()
            if planned.case.operation in covered and applies.covers_case(planned.case)
        ]
        for subject, operation, group in _subjects(requirement, members):
            yield PlannedResult(f"{subject}::{requirement.id}", requirement, operation, subject, group)


def _subjects(requirement: Requirement, members: list[Case]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The subject's name, its operation and its cases, for each subject of the requirement's scope."""
    match requirement.applies_to.scope:
        case "case":
            yield from ((case.id, case.operation, (case.id,)) for case in members)
        case "operation":
            groups: dict[str, list[Case]] = {}
            for case in members:
                alone = case.is_frozen and requirement.applies_to.is_of_generated
                groups.setdefault(case.id if alone else f"{case.area}/every/answer", []).append(case)
            for name, group in groups.items():
                yield name, group[0].operation, tuple(case.id for case in group)
        case "run" if members:
            yield "run/every/answer", members[0].operation, tuple(case.id for case in members)
