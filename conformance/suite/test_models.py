"""Results of the models workload: one item a requirement and case."""

from __future__ import annotations

from conformance.plan import PlannedResult
from conformance.session import Session
from conformance.suite.presenting import present

WORKLOADS = ("models",)


def test_models(planned_result: PlannedResult, session: Session) -> None:
    """The requirement holds on the case."""
    present(planned_result, session)
