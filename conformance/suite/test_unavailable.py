"""Results of the operations that must be refused: one item a requirement and case."""

from __future__ import annotations

from conformance.plan import PlannedResult
from conformance.session import Session
from conformance.suite.presenting import present

WORKLOADS = ("unavailable",)


def test_unavailable(planned_result: PlannedResult, session: Session) -> None:
    """The requirement holds on the case."""
    present(planned_result, session)
