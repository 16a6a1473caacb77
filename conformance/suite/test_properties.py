"""Results of the generated requests: one item a property and operation."""

from __future__ import annotations

from conformance.plan import PlannedResult
from conformance.session import Session
from conformance.suite.presenting import present

WORKLOADS = ("properties",)


def test_properties(planned_result: PlannedResult, session: Session) -> None:
    """The property holds on every generated request."""
    present(planned_result, session)
