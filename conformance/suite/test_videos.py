"""Results of the videos workload: one item a requirement and case."""

from __future__ import annotations

from conformance.plan import PlannedResult
from conformance.session import Session
from conformance.suite.presenting import present

WORKLOADS = ("videos",)


def test_videos(planned_result: PlannedResult, session: Session) -> None:
    """The requirement holds on the case."""
    present(planned_result, session)
