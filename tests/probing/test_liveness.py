"""A target that dies in mid-run: what fails afterwards is an outage, not a violation."""

from __future__ import annotations

import asyncio
from pathlib import Path

from conformance.answer import LIVENESS
from conformance.contract import load_contract
from conformance.exchange import Failure, Request
from conformance.judging.overview import results_of
from conformance.judging.results import Results
from conformance.plan import make_plan
from conformance.probing.pacing import Waits
from conformance.probing.prober import ProbeOptions, probe
from conformance.probing.recording import Recorder, read
from conformance.probing.transport import Reply, Script
from conformance.reference.app import reference
from conformance.reference.state import KEY, State
from conformance.run import contract_identity, evidence_of
from conformance.target import Selection, Target

SELECTION = Selection(workloads=("embeddings",), unavailable="none")


class Mortal:
    """The reference target in this process; after ``life`` requests nothing answers any more, except ``immune``."""

    def __init__(self, life: int, immune: str = "") -> None:
        self._target = reference(State())
        self._left = life
        self._immune = immune

    async def send(self, request: Request, script: Script | None) -> Reply:
        """See ``Transport``."""
        self._left -= 1
        if self._left < 0 and not (self._immune and request.path == self._immune):
            return Reply(failure=Failure("connect", "connection refused"))
        exchange = self._target.answer(request)
        return Reply(exchange.response, failure=exchange.failure)


def run(transport: Mortal, folder: Path) -> Results:
    contract = load_contract()
    target = Target("http://reference/v1", True, {"embeddings": "ref-embed"})
    plan = make_plan(contract, target, SELECTION)
    header = {
        "suite": {"version": "test"},
        "contract": contract_identity(contract),
        "target": {"base_url": target.base_url, "has_key": True, "models": dict(target.models)},
        "selection": SELECTION.as_json(),
    }
    options = ProbeOptions(concurrency=2, waits=Waits(backoff=0.0, longest=0.0, poll=0.0))
    with Recorder(folder, header, [KEY]) as recorder:
        asyncio.run(probe(plan, contract, target, KEY, recorder, options, transport=transport))
    return results_of(evidence_of(contract, read(folder)))


def test_a_target_that_dies_leaves_the_rest_untestable(tmp_path: Path) -> None:
    results = run(Mortal(life=20), tmp_path)
    assert results.counts["fail"] == 0
    assert results.counts["untestable"] > 0
    assert results.counts["pass"] > 0
    assert results.verdict == "incomplete"
    assert results.exit_code() == 3
    assert [exchange.case for exchange in read(tmp_path).exchanges].count(LIVENESS) > 0


def test_what_fails_while_the_target_lives_is_a_violation(tmp_path: Path) -> None:
    results = run(Mortal(life=20, immune="/v1/models"), tmp_path)
    assert results.counts["fail"] > 0
    assert results.exit_code() == 1


def test_a_target_without_failures_is_not_asked(tmp_path: Path) -> None:
    results = run(Mortal(life=10_000), tmp_path)
    assert results.counts["fail"] == 0
    assert not [exchange for exchange in read(tmp_path).exchanges if exchange.case == LIVENESS]
