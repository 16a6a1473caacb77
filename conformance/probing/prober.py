"""Sends a plan: preflight, then every case as soon as those that it needs have ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.answer import LIVENESS, Answer, is_failure
from conformance.contract import Contract
from conformance.exchange import Headers, Request
from conformance.plan import Plan, PlannedCase
from conformance.probing import preflight
from conformance.probing.http import HttpTransport, tls_context
from conformance.probing.pacing import BudgetSpentError, Gate, Priority, Waits
from conformance.probing.preflight import Preflight
from conformance.probing.progress import Progress, Quiet
from conformance.probing.recording import Recorder, SkipKind
from conformance.probing.requests import MissingValueError, RequestBuilder
from conformance.probing.sending import Sender
from conformance.probing.together import together
from conformance.probing.transport import Bounds, Reply, Script, Transport
from conformance.probing.websocket import WebSocketTransport
from conformance.target import Target

_NEVER_GATES = frozenset({401, 408, 429})


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """How the target is asked. ``rate`` is requests a second; ``headers`` are those of ``--header``."""

    concurrency: int = 8
    rate: float | None = None
    max_requests: int | None = None
    timeout: float = 60.0
    headers: Headers = ()
    ca: Path | None = None
    waits: Waits = field(default_factory=Waits)
    bounds: Bounds | None = None  # those of ``timeout`` unless given


async def probe(
    plan: Plan,
    contract: Contract,
    target: Target,
    key: str | None,
    recorder: Recorder,
    options: ProbeOptions | None = None,
    progress: Progress | None = None,
    transport: Transport | None = None,
) -> None:
    """Send ``plan`` and finish the recording. When cancelled, what was not sent is recorded as interrupted.

    Raises UsageError for a request that cannot be made and OutputError when nothing can be written.
    """
    options, progress = options or ProbeOptions(), progress or Quiet()
    async with sending(contract, target, key, recorder, options, progress, transport) as sender:
        await _Run(plan, contract, target, sender, recorder, progress).to_its_end()


@asynccontextmanager
async def sending(
    contract: Contract,
    target: Target,
    key: str | None,
    recorder: Recorder,
    options: ProbeOptions,
    progress: Progress,
    transport: Transport | None = None,
) -> AsyncIterator[Sender]:
    """What sends the cases of a run, within its bounds."""
    bounds = options.bounds or Bounds.of(options.timeout)
    async with AsyncExitStack() as stack:
        if transport is None:
            transport = await stack.enter_async_context(Network(target, bounds, options.ca))
        gate = Gate(options.concurrency, options.rate, options.max_requests, options.waits.patience)
        builder = RequestBuilder(contract, target, key, options.headers)
        yield Sender(contract, builder, transport, gate, options.waits, recorder, progress, bounds.total)


class Network:
    """HTTP and WebSocket behind one seam."""

    def __init__(self, target: Target, bounds: Bounds, ca: Path | None) -> None:
        context = tls_context(ca)
        self._http = HttpTransport(target.origin, bounds, context)
        self._socket = WebSocketTransport(target.origin, bounds, context)

    async def send(self, request: Request, script: Script | None) -> Reply:
        """See ``Transport``."""
        return await (self._http if script is None else self._socket).send(request, script)

    async def __aenter__(self) -> Network:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()


class _Run:
    def __init__(
        self,
        plan: Plan,
        contract: Contract,
        target: Target,
        sender: Sender,
        recorder: Recorder,
        progress: Progress,
    ) -> None:
        self._plan = plan
        self._contract = contract
        self._target = target
        self._sender = sender
        self._recorder = recorder
        self._progress = progress
        self._to_send = {planned.case.id: planned for planned in plan.to_send()}
        self._ended = {case_id: asyncio.Event() for case_id in self._to_send}
        self._priorities = priorities(self._to_send)
        self._stopped = False  # preflight found that nothing more should be sent

    async def to_its_end(self) -> None:
        self._progress.started(len(self._to_send), sum(p.requests for p in self._to_send.values()))
        try:
            if self._to_send:
                await self._preflight()
                await self._send_all()
                await self._check_liveness()
        except asyncio.CancelledError:
            self._skip_rest("interrupted", "the run was interrupted")
            self._recorder.finish(interrupted=True)
            raise
        finally:
            self._progress.finished()
        self._recorder.finish()

    async def _preflight(self) -> None:
        try:
            outcome = await self._check()
        except BudgetSpentError:
            self._skip_rest("budget", _BUDGET)
            return
        if outcome.models:
            self._recorder.fact({"models": outcome.models})
            self._sender.use_models(outcome.models)
        self._recorder.fact({"preflight": outcome.as_fact()})
        if outcome.status == "stopped":
            self._stopped = True
            self._progress.note(f"{outcome.reason}; {outcome.hint}")
            self._skip_rest("preflight", outcome.reason)

    async def _check(self) -> Preflight:
        """Cases that preflight sends are over, however it ends."""
        try:
            return await preflight.check(self._plan, self._contract, self._target, self._sender)
        finally:
            for case_id in self._ended:
                if case_id in self._sender.answers:
                    self._end(case_id)

    async def _send_all(self) -> None:
        in_order = sorted(self._priorities, key=self._priorities.__getitem__)
        waiting = [case_id for case_id in in_order if not self._ended[case_id].is_set()]
        await together(self._case(self._to_send[case_id]) for case_id in waiting)

    async def _check_liveness(self) -> None:
        """Once something failed, ask whether the target is still there: by it an outage is told from a fault."""
        listing = self._contract.baseline_of("GET /v1/models")
        failed = any(is_failure(answer.exchange) for answer in self._sender.answers.values())
        if listing is None or not failed or self._stopped or self._sender.earlier(LIVENESS, 0):
            return
        try:
            request = self._sender.builder.request(listing, self._sender.documents)
            exchanges = await self._sender.attempts(listing, request, (0,))
        except BudgetSpentError:
            return
        renamed = [replace(one, id=f"{LIVENESS}#0.{one.attempt}", case=LIVENESS) for one in exchanges]
        self._sender.adopt(replace(listing, id=LIVENESS), renamed)

    async def _case(self, planned: PlannedCase) -> None:
        case = planned.case
        for need in planned.needs:
            if need in self._ended:
                await self._ended[need].wait()
        obstacle = self._gate_shut(planned) or self._missing_prerequisite(planned)
        if obstacle is not None:
            self._skip(case.id, *obstacle)
            return
        try:
            await self._sender.run(case, self._priorities[case.id])
            self._end(case.id)
        except MissingValueError as missing:
            self._skip(case.id, "prerequisite", str(missing))
        except BudgetSpentError:
            self._skip(case.id, "budget", _BUDGET)

    def _gate_shut(self, planned: PlannedCase) -> tuple[SkipKind, str] | None:
        """What is not available is not asked for again, nor is what could only follow from it."""
        case = planned.case
        baseline = self._contract.baseline_of(case.operation)
        first = (baseline.id,) if baseline and baseline.id != case.id and case.consent else ()
        for need in (*first, *case.references):
            if self._is_gated(need):
                return "gated", f"not available: {need} {self._sender.ending(need)}"
        return None

    def _is_gated(self, case_id: str) -> bool:
        skip = self._recorder.skipped.get(case_id)
        answer = self._sender.answers.get(case_id)
        if skip is not None:
            return skip.kind == "gated"
        if answer is None or not gates(answer):
            return False
        is_limited = self._contract.operation_of(answer.case).availability == "limited"
        return answer.case.capability is not None or (answer.case.baseline and is_limited)

    def _missing_prerequisite(self, planned: PlannedCase) -> tuple[SkipKind, str] | None:
        """What takes a value from an answer, or is refused because of what a case did, needs its success."""
        case = planned.case
        for need in (*case.references, *(case.after if case.expects == "refusal" else ())):
            answer = self._sender.answers.get(need)
            if answer is None or answer.state != "answered":
                return "prerequisite", f"{need} {self._sender.ending(need)}"
        return None

    def _end(self, case_id: str) -> None:
        self._progress.ended(case_id, self._sender.ending(case_id))
        self._ended[case_id].set()

    def _skip(self, case_id: str, kind: SkipKind, reason: str) -> None:
        self._recorder.skip(case_id, kind, reason)
        self._progress.ended(case_id, f"was not sent: {reason}")
        self._ended[case_id].set()

    def _skip_rest(self, kind: SkipKind, reason: str) -> None:
        for case_id, ended in self._ended.items():
            if not ended.is_set():
                self._skip(case_id, kind, reason)


_BUDGET = "the request budget (--max-requests) is used up"


def gates(answer: Answer) -> bool:
    """True when this answer says that what was asked for is not available; a key or a limit never says so."""
    return answer.state == "refused" and answer.status not in _NEVER_GATES


def priorities(cases: Mapping[str, PlannedCase]) -> dict[str, Priority]:
    """Cases at the head of the longest chain first, otherwise in the plan's order."""
    lengths = dict.fromkeys(cases, 1)
    for case_id, planned in reversed(list(cases.items())):  # the plan lists each case after those it needs
        for need in planned.needs:
            if need in lengths:
                lengths[need] = max(lengths[need], lengths[case_id] + 1)
    return {case_id: (-lengths[case_id], place) for place, case_id in enumerate(cases)}
