"""A second judge, in a process of its own, for what the official client makes of a recording.

That is half of all judging, and most of it is loading the client, for which the requests of a run leave time.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from conformance.beside import beside
from conformance.contract import Contract, load_contract
from conformance.judging.evidence import Evidence
from conformance.judging.judge import judge
from conformance.judging.results import Result, Results
from conformance.plan import PlannedResult
from conformance.probing.recording import read
from conformance.properties.generate import PropertyOptions, with_generated
from conformance.run import evidence_of, judge_recording

_AREA = "sdk"


class SecondJudge:
    """The other process, seen from here."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def judge_recording(
        self, contract: Contract, folder: Path, shown: frozenset[str] | None = None
    ) -> Results:
        """What ``run.judge_recording`` gives, in about half the time. Raises RecordingError."""
        return judge_recording(contract, folder, shown, lambda evidence: self._judge(evidence, folder))

    def _judge(self, evidence: Evidence, folder: Path) -> list[Result]:
        planned = evidence.plan.results.values()
        with suppress(OSError):
            self._connection.send(folder)
        results = judge(evidence, [one for one in planned if not _is_of_client(one)])
        try:
            results += self._connection.recv()
        except (EOFError, OSError):  # it is gone; that costs time and nothing else
            results += judge(evidence, [one for one in planned if _is_of_client(one)])
        found = {result.id: result for result in results}
        return [found[one.id] for one in planned]


@contextmanager
def second_judge(properties: PropertyOptions | None = None) -> Iterator[SecondJudge]:
    """Start it; it gets ready while the recording is made, with these generated requests."""
    with beside(_wait_and_judge, properties or PropertyOptions()) as connection:
        yield SecondJudge(connection)


def _wait_and_judge(connection: Connection, properties: PropertyOptions) -> None:
    with suppress(ImportError):  # where the client is not installed, its checks say so
        importlib.import_module("conformance.sdk.reading")
    contract = load_contract()
    with_generated(contract, properties)  # which is remembered
    while True:
        folder: Path = connection.recv()
        try:
            evidence = evidence_of(contract, read(folder))
            results: Sequence[Result] = judge(
                evidence, [one for one in evidence.plan.results.values() if _is_of_client(one)]
            )
        except Exception:  # the first judge comes upon it too, and says it
            return
        connection.send(results)


def _is_of_client(planned: PlannedResult) -> bool:
    return planned.requirement.area == _AREA
