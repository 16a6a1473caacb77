"""From single results to the whole: what was observed of each operation, the scope, the verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from conformance.contract import Operation
from conformance.judging.evidence import Evidence
from conformance.judging.judge import how_it_ended, judge
from conformance.judging.results import OperationResult, Result, Results


def results_of(
    evidence: Evidence,
    selected: frozenset[str] | None = None,
    shown: frozenset[str] | None = None,
    judged: Callable[[Evidence], list[Result]] = judge,
) -> Results:
    """Judge everything that was planned; what is not ``selected`` is listed as not tested.

    What is selected and not among ``shown`` is untestable, unless the run was interrupted, which says it all.
    ``judged`` does the judging.
    """
    results = judged(evidence)
    if shown is not None and not evidence.recording.interrupted:
        results = [result if result.id in shown else _lost(result) for result in results]
    if selected is not None:
        results = [result if result.id in selected else _deselected(result) for result in results]
    header = evidence.recording.header
    return Results(
        suite_version=header["suite"]["version"],
        contract=header["contract"],
        base_url=header["target"]["base_url"],
        models=evidence.models,
        scope=scope_sentence(evidence),
        started_at=_iso(header["started_at"]),
        finished_at=_iso(evidence.recording.finished_at),
        requests=len(evidence.recording.exchanges),
        operations=_operations(evidence, results),
        results=results,
        interrupted=evidence.recording.interrupted,
        notes=tuple(_notes(evidence)),
    )


def _deselected(result: Result) -> Result:
    return dataclasses.replace(
        result, outcome="not_tested", message="deselected", findings=(), exchanges=(), attempts=0
    )


def _lost(result: Result) -> Result:
    if result.outcome in {"fail", "not_tested"}:
        return result
    lost = "pytest did not come to it: a worker died, or the session was stopped"
    return dataclasses.replace(result, outcome="untestable", message=lost, findings=())


def scope_sentence(evidence: Evidence) -> str:
    """What was asked to be judged, in words."""
    selection = evidence.selection
    parts = []
    if selection.workloads:
        parts.append("workloads " + ", ".join(dict.fromkeys(("models", *selection.workloads))))
    if selection.operations:
        parts.append("operations " + ", ".join(selection.operations))
    scope = "; ".join(parts) or "every operation of the contract"
    return f"{scope}; unavailable operations: {selection.unavailable}"


def _notes(evidence: Evidence) -> Iterable[str]:
    if evidence.stopped:
        yield evidence.stopped
    if evidence.recording.interrupted:
        yield "the run was interrupted before everything was sent"


def _iso(seconds: Any) -> Any:
    return (
        None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    )


def _operations(evidence: Evidence, results: list[Result]) -> list[OperationResult]:
    planned = {case.case.operation for case in evidence.plan.cases.values()}
    return [
        _operation(evidence, operation, [result for result in results if result.operation == operation.name])
        for operation in evidence.contract.operations.values()
        if operation.name in planned
    ]


def _operation(evidence: Evidence, operation: Operation, results: list[Result]) -> OperationResult:
    own = [
        planned.case.id
        for planned in evidence.plan.cases.values()
        if planned.case.operation == operation.name
    ]
    observed, message = _observed(evidence, operation, own)
    return OperationResult(
        operation=operation.name,
        availability=operation.availability,
        workload=operation.workload,
        verdict=_verdict(results, observed),
        observed=observed,
        message=message,
        requests=sum(len(evidence.exchanges.get(case_id, ())) for case_id in own),
    )


def _verdict(results: list[Result], observed: str) -> str:
    outcomes = {result.outcome for result in results}
    if outcomes & {"fail", "waived"}:
        return "violations"
    if "untestable" in outcomes:
        return "incomplete"
    if observed == "gated":
        return "gated"
    if observed == "unknown" and "not_tested" in outcomes:  # refusals alone do not show that it works
        return "not_tested"
    return "conforming" if outcomes & {"pass", "warn", "gated"} else "not_tested"


def _observed(evidence: Evidence, operation: Operation, cases: list[str]) -> tuple[str, str]:
    if evidence.stopped:
        return "unknown", evidence.stopped
    if operation.availability == "unavailable":
        return _observed_refusal(evidence, cases)
    baseline = evidence.contract.baseline_of(operation.name)
    case_id = baseline.id if baseline else next(iter(cases), "")
    answers = evidence.answers(case_id)
    if not answers:
        skip = evidence.skip(case_id)
        planned = evidence.plan.cases.get(case_id)
        reason = skip.reason if skip else (planned.reason if planned else "")
        return ("gated" if skip and skip.kind == "gated" else "unknown"), reason or "it was not sent"
    answer = answers[-1]
    if evidence.is_outage(answer):
        return "unknown", how_it_ended(answer)
    if answer.state == "answered":
        return "works", ""
    if answer.state == "refused":
        gated = operation.availability in {"limited", "helper"} and answer.status not in {401, 408, 429}
        return ("gated" if gated else "refused"), how_it_ended(answer)
    return "broken", how_it_ended(answer)


def _observed_refusal(evidence: Evidence, cases: list[str]) -> tuple[str, str]:
    for case_id in cases:
        for answer in evidence.answers(case_id):
            if evidence.is_outage(answer):
                return "unknown", how_it_ended(answer)
            if answer.state == "refused":
                return "refused", str(answer.error["message"])[:200]
            return ("works" if answer.state == "answered" else "broken"), how_it_ended(answer)
    return "unknown", "it was not sent"
