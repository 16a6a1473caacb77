"""Judging a recording again after some of its exchanges were altered: only what looks at those is judged anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from conformance.contract import Contract
from conformance.exchange import Exchange
from conformance.judging.evidence import Evidence
from conformance.judging.judge import judge
from conformance.judging.results import Result
from conformance.plan import Plan, PlannedResult, context_of

_MODELS_LIST = "models/list/all"


class Rejudge:
    """The results of one recording, and of any alteration of it."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.results: Mapping[str, Result] = {result.id: result for result in judge(evidence)}
        self._watchers = _watchers(evidence.contract, evidence.plan)

    def altered(self, alter: Callable[[Exchange], Exchange]) -> dict[str, Result]:
        """The results that differ from those of the unaltered recording, by id."""
        exchanges = tuple(alter(exchange) for exchange in self.evidence.recording.exchanges)
        changed = {
            new.case
            for old, new in zip(self.evidence.recording.exchanges, exchanges, strict=True)
            if new is not old and new != old
        }
        if not changed:
            return {}
        recording = replace(self.evidence.recording, exchanges=exchanges)
        evidence = Evidence(self.evidence.contract, self.evidence.plan, recording)
        evidence.adopt(self.evidence, set(self.evidence.exchanges) - changed)
        affected = {planned.id: planned for case in changed for planned in self._watchers[case]}
        if evidence.something_works != self.evidence.something_works:
            affected = dict(self.evidence.plan.results)
        found = judge(evidence, affected.values())
        return {result.id: result for result in found if result.outcome != self.results[result.id].outcome}


def _watchers(contract: Contract, plan: Plan) -> Mapping[str, list[PlannedResult]]:
    """For each case the results that look at its exchanges: its own, and those of cases that are judged beside it."""
    watchers: dict[str, list[PlannedResult]] = defaultdict(list)
    for planned in plan.results.values():
        for case_id in {seen for member in planned.members for seen in _looked_at(contract, member)}:
            watchers[case_id].append(planned)
    return watchers


def _looked_at(contract: Contract, case_id: str) -> Iterable[str]:
    case = contract.cases[case_id]
    baseline = contract.baseline_of(case.operation)
    yield from (case_id, *context_of(case), *case.references, *case.after, _MODELS_LIST)
    if baseline is not None:
        yield baseline.id
