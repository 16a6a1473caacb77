"""``make bench``: each figure that the project promises, as a ratio taken in one run, and written to reports/bench.json.

Wall time is what a user waits for; CPU time beside it shows how busy the machine was with other things. Nothing here is
a test: a slow machine makes a slow figure, not a failure.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path

from conformance.contract import Contract, load_contract
from conformance.exchange import Chunk, Exchange, Request, Response
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
JUDGED_A_SECOND = 2000
DEMO_SECONDS = 10.0
SELECTION = Selection(workloads=("text",), unavailable="sample")
OUT = Path("reports/bench.json")
COMMANDS = (("--help",), ("explain", "CHAT-003"), ("plan", "--base-url", "http://127.0.0.1:9/v1"))


@dataclass(frozen=True)
class Spent:
    """Seconds of wall time, and of CPU time in this process and those that it started."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Line:
    """One measurement: what, how much, what it is held to, and the ratio between them (at most 1 is kept)."""

    name: str
    measured: str
    promise: str
    ratio: float | None
    spent: Spent


def main() -> None:
    """Measure everything, print a table and write it as JSON."""
    contract = load_contract()
    lines = []
    print(f"{'':44} {'measured':34} {'CPU':>6}  {'promised':22} ratio")
    for line in chain(_start_up(), _judging(contract), _demo(), _probing(contract)):
        ratio = "" if line.ratio is None else f"{line.ratio:5.2f}"
        print(
            f"{line.name:44} {line.measured:34} {line.spent.cpu:4.1f} s  {line.promise:22} {ratio}",
            flush=True,
        )
        lines.append(line)
    OUT.parent.mkdir(exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": sys.version.split()[0], "load": os.getloadavg()[0]}
    OUT.write_text(json.dumps({"machine": machine, "lines": [asdict(one) for one in lines]}, indent=1) + "\n")
    print(f"written to {OUT}")


def _probing(contract: Contract) -> Iterator[Line]:
    """Wall time against a target that waits, over what is promised of it; and beside it, against one that does not."""
    prompt, _ = _probed(contract, 0.0)
    late, ideal = _probed(contract, DELAY)
    yield Line(
        f"probing, each answer delayed by {DELAY:g} s",
        f"{late.wall:.1f} s, ideal {ideal:.0f} s",
        "1.25 × ideal + start-up",
        late.wall / (1.25 * ideal + _imports().wall),
        late,
    )
    yield Line("the same, undelayed", f"{prompt.wall:.1f} s", "", None, prompt)


def _probed(contract: Contract, delay: float) -> tuple[Spent, float]:
    """What a recording cost, and the ideal: the critical path or requests ÷ concurrency, whichever is longer."""
    with tempfile.TemporaryDirectory() as folder, _delayed_target(delay) as base_url:
        target = Target(base_url, True, reference_models())
        plan = make_plan(contract, target, SELECTION)
        spent = _timed(lambda: _send(contract, plan, target, Path(folder)))
        exchanges = read(Path(folder)).exchanges
    steps: dict[str, int] = {}
    for exchange in exchanges:
        steps[exchange.case] = steps.get(exchange.case, 0) + 1
    return spent, max(_critical_path(plan, steps), len(exchanges) / CONCURRENCY) * delay


def _send(contract: Contract, plan: Plan, target: Target, folder: Path) -> None:
    header = {
        "suite": {"version": "bench"},
        "contract": contract_identity(contract),
        "target": {"base_url": target.base_url, "has_key": True, "models": dict(target.models)},
        "selection": SELECTION.as_json(),
    }
    with Recorder(folder, header, [KEY]) as recorder:
        asyncio.run(probe(plan, contract, target, KEY, recorder, ProbeOptions(concurrency=CONCURRENCY)))


def _critical_path(plan: Plan, requests: Mapping[str, int]) -> int:
    """The longest chain of requests that must follow each other."""
    length: dict[str, int] = {}
    for case_id, planned in plan.cases.items():
        before = max((length.get(need, 0) for need in planned.needs), default=0)
        length[case_id] = requests.get(case_id, 0) + before
    return max(length.values(), default=1)


@contextmanager
def _delayed_target(delay: float) -> Iterator[str]:
    target = reference(State())

    def late(answer: App) -> App:
        def wait(request: Request) -> Exchange:
            exchange = answer(request)
            response = exchange.response
            return exchange if response is None else replace(exchange, response=_later(response, delay))

        return wait

    with serve(late(target.answer)) as base_url:
        yield base_url


def _later(response: Response, delay: float) -> Response:
    chunks = response.chunks or (Chunk(0.0, b""),)
    return replace(response, chunks=tuple(Chunk(chunk.at + delay, chunk.data) for chunk in chunks))


def _judging(contract: Contract) -> Iterator[Line]:
    evidence = reference_evidence(contract)
    count = len(evidence.plan.results)
    for name in ("judging, the client still to be loaded", "judging"):
        fresh = type(evidence)(evidence.contract, evidence.plan, evidence.recording)
        spent = _timed(lambda fresh=fresh: judge(fresh))  # type: ignore[misc]
        rate = count / spent.wall
        yield Line(
            name,
            f"{count} results, {rate:,.0f} a second",
            f"{JUDGED_A_SECOND:,} a second",
            JUDGED_A_SECOND / rate,
            spent,
        )
    document = results_of(evidence).as_json()
    exchanges = {exchange.id: exchange for exchange in evidence.recording.exchanges}
    pages: list[str] = []
    spent = _timed(lambda: pages.append(html_of(contract, document, exchanges)))
    yield Line("rendering index.html", f"{len(pages[0]) / 1e6:.1f} MB in {spent.wall:.2f} s", "", None, spent)


def _demo() -> Iterator[Line]:
    """A whole run as a user starts it, with WebSockets, generated requests and every report."""
    with tempfile.TemporaryDirectory() as folder:
        spent = _timed(lambda: _command("run", "--out", folder))
        count = len(json.loads(Path(folder, "results.json").read_bytes())["results"])
    yield Line(
        "the whole demo",
        f"{spent.wall:.1f} s for {count} results",
        f"{DEMO_SECONDS:g} s",
        spent.wall / DEMO_SECONDS,
        spent,
    )


def _start_up() -> Iterator[Line]:
    """What a user waits for before anything happens."""
    imports = _imports()
    yield Line("importing pytest and httpx", f"{imports.wall:.2f} s", "", None, imports)
    for arguments in COMMANDS:
        spent = _timed(lambda arguments=arguments: _command(*arguments))  # type: ignore[misc]
        yield Line(f"conformance {arguments[0]}", f"{spent.wall:.2f} s", "", None, spent)


def _imports() -> Spent:
    return _timed(lambda: subprocess.run([sys.executable, "-c", "import pytest, httpx"], check=True))


def _command(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "conformance.cli", *arguments], check=True, capture_output=True)


def _timed(work: Callable[[], object]) -> Spent:
    wall, cpu = time.perf_counter(), _cpu()
    work()
    return Spent(time.perf_counter() - wall, _cpu() - cpu)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
