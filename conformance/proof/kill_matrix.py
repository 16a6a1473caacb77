"""The kill matrix: every fault of the reference target against every requirement of the ledger.

    recorded once, conforming ──▶ altered by a fault ──▶ judged ──▶ the requirements that turned red

Faults that need several requests or a real wire are told by a served reference target, asked only what their
requirements need.
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

from conformance.contract import Contract, load_contract
from conformance.judging.evidence import Evidence
from conformance.judging.judge import judge
from conformance.judging.results import INTERNAL_ERROR, Result
from conformance.plan import make_plan
from conformance.probing.pacing import Waits
from conformance.probing.prober import ProbeOptions, probe
from conformance.probing.recording import Recorder, read
from conformance.proof.claims import load_claims
from conformance.proof.rejudging import Rejudge
from conformance.reference.embedded import reference_models
from conformance.reference.faults import FAULTS, Fault, lie_of
from conformance.reference.server import serve
from conformance.reference.state import KEY
from conformance.reference.switches import reference_with
from conformance.run import contract_identity
from conformance.target import Selection, Target

Verdict = Literal["named", "others", "both", "survived"]
"""named: exactly what the fault names · both: that and more · others: not all of it · survived: nothing"""


@dataclass(frozen=True, slots=True)
class Kill:
    """What one fault turned red (``fail``) or yellow (``warn``), and the outcome of each such result."""

    fault: str
    lies: str
    named: tuple[str, ...]
    killed_by: tuple[str, ...]
    untestable: int
    results: Mapping[str, str]
    is_allowed: bool = False  # a difference that the contract allows: nothing may turn red
    crashes: tuple[str, ...] = ()  # checks that raised: a defect of the suite, however red it looks

    @property
    def verdict(self) -> Verdict:
        """How what was found compares with what the fault names."""
        if set(self.named) == set(self.killed_by) and (self.named or self.is_allowed):
            return "named"
        if not self.killed_by:
            return "survived"
        return "both" if self.named and set(self.named) <= set(self.killed_by) else "others"


@dataclass(frozen=True)
class KillMatrix:
    """All kills, and the requirements that no fault turned red."""

    kills: tuple[Kill, ...]
    checked: tuple[str, ...]

    @property
    def never_red(self) -> tuple[str, ...]:
        """Checked requirements that no fault turned red: nothing shows that their check can fail."""
        red = {requirement for kill in self.kills for requirement in kill.killed_by}
        return tuple(requirement for requirement in self.checked if requirement not in red)

    def of(self, verdict: Verdict) -> tuple[Kill, ...]:
        """The kills of one verdict."""
        return tuple(kill for kill in self.kills if kill.verdict == verdict)


def kill_matrix(faults: Iterable[str] = (), processes: int = 2) -> KillMatrix:
    """Tell every fault, or those named, and see what turns red."""
    contract = load_contract()
    names = tuple(faults) or tuple(FAULTS)
    trial = Trial(contract, Rejudge(reference_evidence(contract)))
    checked = tuple(
        rid for rid, requirement in contract.requirements.items() if requirement.check is not None
    )
    return KillMatrix(tuple(_tried(trial, names, processes)), checked)


def _tried(trial: Trial, names: tuple[str, ...], processes: int) -> Iterator[Kill]:
    """The kills in the order of ``names``; processes share the judged recording by being forked from this one."""
    if processes < 2 or len(names) < 2 * processes:
        yield from map(trial.kill, names)
        return
    gc.collect()
    gc.freeze()  # what is shared stays shared: no collection writes to it
    try:
        with ProcessPoolExecutor(processes, get_context("fork"), _share, (trial,)) as pool:
            yield from pool.map(_kill, names, chunksize=4)
    finally:
        gc.unfreeze()


_shared: list[Trial] = []  # what a forked process was born with: too much, and too intricate, to be sent to it


def _share(trial: Trial) -> None:
    _shared[:] = [trial]


def _kill(name: str) -> Kill:
    return _shared[0].kill(name)


@dataclass(frozen=True, slots=True)
class Trial:
    """The conforming recording, judged, by which each fault is measured."""

    contract: Contract
    rejudge: Rejudge

    def kill(self, name: str) -> Kill:
        """What one fault changes."""
        fault = FAULTS[name]
        changed = self._on_the_wire(fault) if fault.where == "wire" else self.rejudge.altered(lie_of(fault))
        red = {rid: r.outcome for rid, r in changed.items() if r.outcome in {"fail", "warn"}}
        killers = tuple(sorted({rid.rpartition("::")[2] for rid in red}))
        named = load_claims().get(name)
        return Kill(
            name,
            fault.lies,
            named or (),
            killers,
            sum(result.outcome == "untestable" for result in changed.values()),
            red,
            is_allowed=named == (),
            crashes=tuple(r.message for r in changed.values() if r.message.startswith(INTERNAL_ERROR)),
        )

    def _on_the_wire(self, fault: Fault) -> dict[str, Result]:
        selection = Selection(operations=fault.touches, unavailable="all")
        evidence = reference_evidence(self.contract, faults=(fault.name,), selection=selection)
        before = self.rejudge.results
        return {r.id: r for r in judge(evidence) if r.outcome != before[r.id].outcome}


def reference_evidence(
    contract: Contract,
    *,
    faults: tuple[str, ...] = (),
    variants: tuple[str, ...] = (),
    selection: Selection | None = None,
    timeout: float = 5.0,
) -> Evidence:
    """The reference target, served with these switches on, probed over loopback and recorded.

    ``timeout`` is in seconds, and short by default: the target is ours, on loopback, and what it does not say in
    five seconds it will not say.
    """
    selection = selection or Selection(unavailable="all")
    with serve(reference_with(faults, variants)) as base_url, tempfile.TemporaryDirectory() as folder:
        target = Target(base_url, True, reference_models())
        plan = make_plan(contract, target, selection)
        header = {
            "suite": {"version": "proof"},
            "contract": contract_identity(contract),
            "target": {"base_url": base_url, "has_key": True, "models": dict(target.models)},
            "selection": selection.as_json(),
        }
        with Recorder(Path(folder), header, [KEY]) as recorder:
            asyncio.run(probe(plan, contract, target, KEY, recorder, _quick(timeout)))
        return Evidence(contract, plan, read(Path(folder)))


def _quick(timeout: float) -> ProbeOptions:
    return ProbeOptions(concurrency=8, timeout=timeout, waits=Waits(backoff=0.01, longest=0.1, poll=0.02))


def problems(matrix: KillMatrix) -> Iterator[str]:
    """What keeps the matrix from being a proof, a sentence each; none when it is one."""
    for kill in matrix.kills:
        if kill.verdict != "named":
            named, found = (", ".join(ids) or "nothing" for ids in (kill.named, kill.killed_by))
            yield f"{kill.fault} names {named} and is caught by {found}"
        yield from (f"{kill.fault}: {crash}" for crash in kill.crashes)
    for requirement in matrix.never_red:
        yield f"{requirement} is turned red by no fault"
