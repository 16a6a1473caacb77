"""Judging a recording again after some of its exchanges were altered: only what read those is judged anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from conformance.answer import Answer
from conformance.exchange import Exchange
from conformance.judging.evidence import Evidence
from conformance.judging.judge import judge
from conformance.judging.results import Result
from conformance.plan import PlannedResult


@dataclass(frozen=True)
class _Watched(Evidence):
    """Evidence that notes which cases it was asked about."""

    asked: set[str] = field(default_factory=set, compare=False, repr=False)

    def answers(self, case_id: str) -> tuple[Answer, ...]:
        self.asked.add(case_id)
        return super().answers(case_id)


class Rejudge:
    """The results of one recording, and of any alteration of it.

    Judging is a function of what it reads, so a result can change only when a case that it read does, or one of
    the few things that are said of the whole recording.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = _Watched(evidence.contract, evidence.plan, evidence.recording)
        self._whole = _said_of_the_whole(self.evidence)
        self._readers: dict[str, list[PlannedResult]] = defaultdict(list)
        self.results: Mapping[str, Result] = {
            planned.id: self._judged(planned) for planned in evidence.plan.results.values()
        }

    def _judged(self, planned: PlannedResult) -> Result:
        self.evidence.asked.clear()
        (result,) = judge(self.evidence, (planned,))
        for case_id in self.evidence.asked:
            self._readers[case_id].append(planned)
        return result

    def altered(self, alter: Callable[[Exchange], Exchange]) -> dict[str, Result]:
        """The results that differ in outcome from those of the unaltered recording, by id."""
        before = self.evidence.recording.exchanges
        after = tuple(alter(exchange) for exchange in before)
        changed = {new.case for old, new in zip(before, after, strict=True) if new is not old and new != old}
        if not changed:
            return {}
        recording = replace(self.evidence.recording, exchanges=after)
        evidence = Evidence(self.evidence.contract, self.evidence.plan, recording)
        evidence.adopt(self.evidence, self.evidence.exchanges.keys() - changed)
        found = judge(evidence, self._affected(evidence, changed))
        return {result.id: result for result in found if result.outcome != self.results[result.id].outcome}

    def _affected(self, evidence: Evidence, changed: Collection[str]) -> Collection[PlannedResult]:
        if _said_of_the_whole(evidence) != self._whole:
            return self.evidence.plan.results.values()
        return {planned.id: planned for case_id in changed for planned in self._readers[case_id]}.values()


def _said_of_the_whole(evidence: Evidence) -> tuple[object, ...]:
    """What is computed once from all answers, and decides over every result."""
    return evidence.something_works, evidence.models_fail, evidence.died_at
