"""A recording, indexed for judging: the answers of each case, why a case has none, and what worked at all."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from conformance.answer import LIVENESS, Answer, is_failure, is_outage
from conformance.contract import Contract
from conformance.exchange import Exchange
from conformance.plan import Plan
from conformance.probing.recording import Recording, Skip
from conformance.target import Selection, Target, selection_from_json


@dataclass(frozen=True)
class Evidence:
    """Everything that a judge may look at."""

    contract: Contract
    plan: Plan
    recording: Recording
    _answers: dict[str, tuple[Answer, ...]] = field(default_factory=dict, compare=False, repr=False)

    @functools.cached_property
    def selection(self) -> Selection:
        """What the user asked to be judged."""
        return selection_from_json(self.recording.header["selection"])

    @functools.cached_property
    def target(self) -> Target:
        """The target as the run was given it."""
        named = self.recording.header["target"]
        return Target(named["base_url"], named["has_key"], named["models"])

    @property
    def models(self) -> Mapping[str, str]:
        """The model of each workload: those discovered, and over them those named."""
        return {**self.recording.facts.get("models", {}), **self.target.models}

    @functools.cached_property
    def exchanges(self) -> Mapping[str, tuple[Exchange, ...]]:
        """Every exchange of each case, attempts and steps in order."""
        grouped: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in self.recording.exchanges:
            grouped[exchange.case].append(exchange)
        return {
            case: tuple(sorted(found, key=lambda e: (e.step, e.attempt))) for case, found in grouped.items()
        }

    @functools.cached_property
    def recommended(self) -> frozenset[str]:
        """The cases whose own outcome a SHOULD asks for: a target may answer them otherwise and still conform."""
        return frozenset(
            planned.case
            for planned in self.plan.results.values()
            if planned.requirement.primary
            and planned.requirement.level == "SHOULD"
            and planned.requirement.applies_to.scope == "case"
        )

    def answers(self, case_id: str) -> tuple[Answer, ...]:
        """The last attempt at each step of a case."""
        if case_id not in self._answers:
            self._answers[case_id] = self._read(case_id)
        return self._answers[case_id]

    def adopt(self, other: Evidence, cases: Iterable[str]) -> None:
        """Take over what ``other`` has read of ``cases``, whose exchanges are the same in both."""
        self._answers.update((case_id, other.answers(case_id)) for case_id in cases)

    def _read(self, case_id: str) -> tuple[Answer, ...]:
        case = self.contract.cases.get(case_id)
        if case is None:
            return ()
        last = {exchange.step: exchange for exchange in self.exchanges.get(case_id, ())}
        operation = self.contract.operation_of(case)
        return tuple(Answer(case, operation, last[step]) for step in sorted(last))

    def skip(self, case_id: str) -> Skip | None:
        """Why the case was not sent, if the prober said."""
        return self.recording.skips.get(case_id)

    @property
    def stopped(self) -> str | None:
        """Why nothing was sent after the first requests, in a sentence; None when the run went on."""
        preflight = self.recording.facts.get("preflight", {})
        if preflight.get("status") != "stopped":
            return None
        return "; ".join(part for part in (preflight.get("reason"), preflight.get("hint")) if part)

    @functools.cached_property
    def models_fail(self) -> bool:
        """True when ``GET /v1/models`` was not answered: what else fails may be an outage."""
        answers = self.baseline("GET /v1/models")
        return bool(answers) and all(answer.state not in {"answered", "refused"} for answer in answers)

    def baseline(self, operation: str) -> tuple[Answer, ...]:
        """The answers of an operation's baseline case."""
        case = self.contract.baseline_of(operation)
        return self.answers(case.id) if case else ()

    @functools.cached_property
    def something_works(self) -> bool:
        """True when some baseline was answered recognisably: only then does a refusal elsewhere mean anything."""
        return any(
            answer.is_recognisable
            for case_id in self.exchanges
            for answer in self.answers(case_id)
            if answer.case.baseline
        )

    def accepted_key(self) -> bool:
        """True when some request was answered that a wrong key was refused."""
        refused = {
            a.case.operation
            for c in self.exchanges
            for a in self.answers(c)
            if a.case.credential == "wrong" and a.status == 401
        }
        return any(
            answer.state == "answered"
            and answer.case.credential == "key"
            and answer.case.operation in refused
            for case_id in self.exchanges
            for answer in self.answers(case_id)
        )

    @functools.cached_property
    def died_at(self) -> float | None:
        """When the target was last known to be there, if at the end of the run it no longer was."""
        asked = self.exchanges.get(LIVENESS, ())
        if not asked or not is_failure(asked[-1]):
            return None
        alive = [e.ended_at for e in self.recording.exchanges if not is_failure(e)]
        return max(alive, default=0.0)

    def is_outage(self, answer: Answer) -> bool:
        """True when the answer tells of trouble, not of the contract."""
        if is_outage(answer):
            return True
        if self.died_at is not None and is_failure(answer.exchange) and answer.exchange.ended_at >= self.died_at:
            return True
        return (
            self.models_fail
            and answer.state in {"broken", "none"}
            and answer.case.operation != "GET /v1/models"
        )
