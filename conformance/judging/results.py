"""Results: requirement × subject → outcome, and their one JSON form (``results.json``)."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from conformance.checks.subject import Finding

Outcome = Literal["pass", "fail", "warn", "gated", "untestable", "not_tested", "waived"]
Verdict = Literal["conforming", "violations", "incomplete"]
OUTCOMES: tuple[Outcome, ...] = ("pass", "fail", "warn", "gated", "untestable", "not_tested", "waived")
SCHEMA = "conformance-results/1"
INTERNAL_ERROR = "internal error"
"""How the message of a result begins that a fault of ours left unjudged."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one requirement came to on one subject."""

    id: str
    requirement: str
    level: str
    operation: str
    case: str
    outcome: Outcome
    message: str
    findings: tuple[Finding, ...] = ()
    exchanges: tuple[str, ...] = ()
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What was promised of one operation, and what was observed."""

    operation: str
    availability: str
    workload: str
    verdict: str
    observed: str
    message: str
    requests: int


@dataclass(frozen=True)
class Results:
    """All results of a run."""

    suite_version: str
    contract: Mapping[str, str]
    base_url: str
    models: Mapping[str, str]
    scope: str
    started_at: str
    finished_at: str | None
    requests: int
    operations: Sequence[OperationResult]
    results: Sequence[Result]
    interrupted: bool = False
    notes: Sequence[str] = field(default=())

    @property
    def counts(self) -> dict[str, int]:
        """How many results have each outcome."""
        found = Counter(result.outcome for result in self.results)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def judged(self) -> int:
        """Results that were judged: all but untestable and not tested."""
        return len(self.results) - self.counts["untestable"] - self.counts["not_tested"]

    @property
    def planned(self) -> int:
        """Results that were due: judged and untestable."""
        return len(self.results) - self.counts["not_tested"]

    @property
    def verdict(self) -> Verdict:
        """``violations`` if anything failed, waived or not, else ``incomplete`` if anything could not be judged."""
        if self.counts["fail"] or self.counts["waived"]:
            return "violations"
        return "incomplete" if self.is_incomplete else "conforming"

    @property
    def is_incomplete(self) -> bool:
        """True when something in scope could not be judged, or the run broke off."""
        return (
            bool(self.counts["untestable"]) or self.interrupted or self.finished_at is None or not self.judged
        )

    def exit_code(self, *, strict: bool = False, stale_waivers: bool = False) -> int:
        """The documented exit code; 1 wins over 5, 5 over 3, 3 over 4."""
        if self.counts["fail"] or (strict and self.counts["warn"]):
            return 1
        if any(result.message.startswith(INTERNAL_ERROR) for result in self.results):
            return 5
        if self.is_incomplete:
            return 3
        return 4 if stale_waivers else 0

    def as_json(self) -> dict[str, Any]:
        """The document that ``spec/schemas/results.schema.json`` describes."""
        return {
            "schema": SCHEMA,
            "suite": {"version": self.suite_version, "contract": dict(self.contract)},
            "target": {"base_url": self.base_url, "models": dict(self.models), "scope": self.scope},
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "requests": self.requests,
            "verdict": self.verdict,
            "counts": self.counts,
            "notes": list(self.notes),
            "operations": [dataclasses.asdict(operation) for operation in self.operations],
            "results": [_result_as_json(result) for result in self.results],
        }


_MEMBERS = tuple(spec.name for spec in dataclasses.fields(Result))


def _result_as_json(result: Result) -> dict[str, Any]:
    document = {name: getattr(result, name) for name in _MEMBERS}
    document["findings"] = [dataclasses.asdict(finding) for finding in result.findings]
    document["exchanges"] = list(result.exchanges)
    return document


def sentence(results: Results) -> str:
    """``412 of 412 judged: 409 pass, 3 warn; 18 gated; 6 not tested`` - never a bare percentage."""
    counts = results.counts
    judged = [f"{counts[o]} {o}" for o in ("pass", "fail", "warn", "gated", "waived") if counts[o]]
    text = f"{results.judged} of {results.planned} judged: {', '.join(judged) or 'nothing'}"
    rest = [f"{counts[o]} {o.replace('_', ' ')}" for o in ("untestable", "not_tested") if counts[o]]
    return "; ".join([text, *rest])
