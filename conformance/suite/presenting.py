"""A result as pytest knows outcomes: pass and warn pass, fail fails, what was not judged is skipped with its reason."""

from __future__ import annotations

import pytest

from conformance.judging.results import Result
from conformance.plan import PlannedResult
from conformance.session import Session


def present(planned: PlannedResult, session: Session) -> None:
    """Raise what pytest expects for the outcome of ``planned``."""
    __tracebackhide__ = True
    result = session.judged[planned.id]
    match result.outcome:
        case "fail":
            pytest.fail(_text(result, planned), pytrace=False)
        case "untestable":
            pytest.fail(f"UNTESTABLE, so the run is incomplete: {result.message}", pytrace=False)
        case "gated" | "not_tested":
            pytest.skip(f"{result.outcome}: {result.message}")
        case _:
            return


def _text(result: Result, planned: PlannedResult) -> str:
    lines = [f"{planned.requirement.id} ({planned.requirement.level}): {planned.requirement.text}"]
    for finding in result.findings:
        where = f"{finding.where}: " if finding.where else ""
        lines.append(f"  {where}expected {finding.expected}; saw {finding.seen}")
    return "\n".join(lines or [result.message])
