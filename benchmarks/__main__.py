"""``make bench``: probing against the ideal, judging, rendering, and a whole demo, in one run."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.contract import Contract, load_contract
from conformance.exchange import Chunk, Exchange, Request
from conformance.judging.judge import judge
from conformance.judging.overview import results_of
from conformance.output import html_of
from conformance.plan import Plan, make_plan
from conformance.probing.prober import ProbeOptions, probe
from conformance.probing.recording import Recorder, read
from conformance.proof.kill_matrix import reference_evidence
from conformance.reference.app import App, reference
from conformance.reference.embedded import reference_models
from conformance.reference.server import serve
from conformance.reference.state import KEY, State
from conformance.run import contract_identity
from conformance.target import Selection, Target

DELAY = 1.0  # seconds that every answer is held back
CONCURRENCY = 8
SELECTION = Selection(operations=("POST /v1/embeddings", "POST /v1/moderations"), unavailable="none")


@dataclass(frozen=True)
class Line:
    """One measurement: what, how much, and the ratio that a claim is made of."""

    name: str
    measured: str
    ratio: str


def main() -> None:
    """Measure everything and print a table."""
    contract = load_contract()
    for line in (*_probing(contract), *_judging(contract), *_demo()):
        print(f"{line.name:46} {line.measured:32} {line.ratio}", flush=True)


def _probing(contract: Contract) -> Iterator[Line]:
    """Wall time against a target that waits, over the ideal for the concurrency."""
    with tempfile.TemporaryDirectory() as folder, _delayed_target() as base_url:
        target = Target(base_url, True, reference_models())
        plan = make_plan(contract, target, SELECTION)
        seconds = _timed(lambda: _send(contract, plan, target, Path(folder)))
        exchanges = read(Path(folder)).exchanges
    requests = len(exchanges)
    critical = _critical_path(plan)
    ideal = max(critical, requests / CONCURRENCY) * DELAY
    yield Line(
        "probing, answers delayed by 1 s",
        f"{seconds:.1f} s for {requests} requests",
        f"{seconds / ideal:.2f} × ideal",
    )


def _send(contract: Contract, plan: Plan, target: Target, folder: Path) -> None:
    header = {
        "suite": {"version": "bench"},
        "contract": contract_identity(contract),
        "target": {"base_url": target.base_url, "has_key": True, "models": dict(target.models)},
        "selection": SELECTION.as_json(),
    }
    with Recorder(folder, header, [KEY]) as recorder:
        asyncio.run(probe(plan, contract, target, KEY, recorder, ProbeOptions(concurrency=CONCURRENCY)))


def _critical_path(plan: Plan) -> int:
    """The longest chain of requests that must follow each other."""
    length: dict[str, int] = {}
    for case_id, planned in plan.cases.items():
        length[case_id] = 1 + max((length.get(need, 0) for need in planned.needs), default=0)
    return max(length.values(), default=1)


@contextmanager
def _delayed_target() -> Iterator[str]:
    target = reference(State())

    def late(answer: App) -> App:
        def wait(request: Request) -> Exchange:
            exchange = answer(request)
            if exchange.response is None:
                return exchange
            first, *rest = exchange.response.chunks or (Chunk(0.0, b""),)
            chunks = (Chunk(first.at + DELAY, first.data), *(Chunk(c.at + DELAY, c.data) for c in rest))
            return _with_chunks(exchange, chunks)

        return wait

    with serve(late(target.answer)) as base_url:
        yield base_url


def _with_chunks(exchange: Exchange, chunks: tuple[Chunk, ...]) -> Exchange:
    from dataclasses import replace

    assert exchange.response is not None
    return replace(exchange, response=replace(exchange.response, chunks=chunks))


def _judging(contract: Contract) -> Iterator[Line]:
    evidence = reference_evidence(contract)
    judge(evidence)  # modules are imported and schemas compiled once
    fresh = type(evidence)(evidence.contract, evidence.plan, evidence.recording)
    seconds = _timed(lambda: judge(fresh))
    count = len(evidence.plan.results)
    yield Line(
        "judging", f"{count} results in {seconds:.2f} s", f"{count / seconds / 2000:.2f} × 2,000 a second"
    )
    document = results_of(evidence).as_json()
    exchanges = {exchange.id: exchange for exchange in evidence.recording.exchanges}
    pages: list[str] = []
    rendering = _timed(lambda: pages.append(html_of(contract, document, exchanges)))
    yield Line(
        "rendering index.html",
        f"{len(pages[0]) / 1e6:.1f} MB in {rendering:.2f} s",
        f"{rendering / seconds:.2f} × judging",
    )


def _demo() -> Iterator[Line]:
    """A whole run as a user starts it, over the start of an interpreter that imports pytest and httpx."""
    start = _timed(lambda: subprocess.run([sys.executable, "-c", "import pytest, httpx"], check=True))
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "conformance.cli", "run", "--out", folder]
        seconds = _timed(lambda: subprocess.run(command, check=True, capture_output=True))
    yield Line("the whole demo", f"{seconds:.1f} s", f"{seconds / start:.0f} × importing pytest and httpx")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
