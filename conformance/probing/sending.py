"""One case sent to its end: every step, every attempt, each recorded as soon as it is over."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance import pointer
from conformance.answer import Answer, is_passing_trouble
from conformance.cases import Case, Poll
from conformance.contract import Contract
from conformance.exchange import Exchange, Request
from conformance.plan import ATTEMPTS
from conformance.probing.pacing import Gate, Priority, Waits, asked_wait, poll_wait
from conformance.probing.progress import Progress
from conformance.probing.recording import Recorder
from conformance.probing.requests import RequestBuilder
from conformance.probing.together import all_to_their_ends
from conformance.probing.transport import Script, Transport
from conformance.text import one_line

_LONGEST_QUOTE = 200  # characters of the target's words; they are repeated for every case that depends on it

Record = Callable[[Exchange], None]


class Sender:
    """Sends cases and remembers their last answers. What an earlier run got answered is not sent again."""

    def __init__(
        self,
        contract: Contract,
        builder: RequestBuilder,
        transport: Transport,
        gate: Gate,
        waits: Waits,
        recorder: Recorder,
        progress: Progress,
        longest_poll: float,
    ) -> None:
        self.builder = builder
        self.answers: dict[str, Answer] = {}
        self._contract = contract
        self._transport = transport
        self._gate = gate
        self._waits = waits
        self._recorder = recorder
        self._progress = progress
        self._longest_poll = longest_poll
        self._earlier: dict[tuple[str, int], list[Exchange]] = {}
        for exchange in recorder.earlier.exchanges if recorder.earlier else ():
            self._earlier.setdefault((exchange.case, exchange.step), []).append(exchange)

    @property
    def requests(self) -> int:
        """Requests sent so far, attempts and all."""
        return self._gate.passed

    def documents(self, case_id: str) -> Sequence[Any]:
        """See ``requests.Answers``."""
        answer = self.answers.get(case_id)
        if answer is None or answer.state != "answered":
            raise LookupError(f"{case_id} {self.ending(case_id)}")
        if answer.is_event_stream:
            return answer.payloads
        return answer.messages if answer.status == 101 else (answer.json,)

    def ending(self, case_id: str) -> str:
        """How a case ended, to follow its id in a sentence."""
        answer = self.answers.get(case_id)
        if answer is None:
            skip = self._recorder.skipped.get(case_id)
            return "was not sent" + (f" ({skip.reason})" if skip else "")
        return self.ending_of(answer)

    @staticmethod
    def ending_of(answer: Answer) -> str:
        """How an answer ended its case."""
        failure = answer.exchange.failure
        if failure is not None:
            kind = "broke off" if answer.exchange.response else "got no answer"
            return f"{kind} ({one_line(failure.message, _LONGEST_QUOTE)})"
        message = answer.error["message"] if answer.state == "refused" else ""
        return f"was answered {answer.status}" + (
            f" ({one_line(message, _LONGEST_QUOTE)})" if message else ""
        )

    def earlier(self, case_id: str, step: int) -> Sequence[Exchange]:
        """The attempts at a step that an unfinished run recorded."""
        return self._earlier.get((case_id, step), [])

    def use_models(self, models: Mapping[str, str]) -> None:
        """The models that were discovered, for all requests from now on."""
        self.builder = dataclasses.replace(self.builder, models=models)

    async def run(self, case: Case, priority: Priority) -> Answer:
        """Send every step of ``case``. Raises MissingValueError or BudgetSpentError."""
        request = self.builder.request(case, self.documents)
        script = self.builder.script(case, self.documents)
        if case.poll is not None:
            return await self._poll(case, case.poll, request, script, priority)
        steps = (self._step(case, request, script, step, priority) for step in range(case.repeat))
        return self._remember(case, (await all_to_their_ends(steps))[-1])

    async def attempts(self, case: Case, request: Request, priority: Priority) -> list[Exchange]:
        """Send one request and record nothing yet: whose it is depends on the answer."""
        done: list[Exchange] = []
        await self._send(case, request, None, 0, priority, done, lambda _: None)
        return done

    def adopt(self, case: Case, exchanges: Sequence[Exchange]) -> Answer:
        """Record what ``attempts`` returned, unless an unfinished run had, as the answer of ``case``."""
        if (case.id, exchanges[0].step) not in self._earlier:
            for exchange in exchanges:
                self._recorder.exchange(exchange)
        return self._remember(case, exchanges[-1])

    def _remember(self, case: Case, exchange: Exchange) -> Answer:
        answer = Answer(case, self._contract.operation_of(case), exchange)
        self.answers[case.id] = answer
        return answer

    async def _poll(
        self, case: Case, poll: Poll, request: Request, script: Script | None, priority: Priority
    ) -> Answer:
        ends_at = time.monotonic() + self._longest_poll
        for step in range(poll.times):
            answer = self._remember(case, await self._step(case, request, script, step, priority))
            wait = self._poll_wait(answer, poll)
            if wait is None or time.monotonic() + wait > ends_at:
                break
            if step + 1 < poll.times and (case.id, step + 1) not in self._earlier:
                await asyncio.sleep(wait)
        return answer

    def _poll_wait(self, answer: Answer, poll: Poll) -> float | None:
        """None when there is nothing to wait for any more."""
        if answer.state != "answered":
            return None
        try:
            if pointer.resolve(answer.json, poll.pointer) in poll.until:
                return None
        except LookupError:
            return None
        return min(poll_wait(answer.response, time.time(), self._waits.poll), self._waits.longest)

    async def _step(
        self, case: Case, request: Request, script: Script | None, step: int, priority: Priority
    ) -> Exchange:
        done = list(self._earlier.get((case.id, step), []))
        await self._send(case, request, script, step, priority, done, self._recorder.exchange)
        return done[-1]

    async def _send(
        self,
        case: Case,
        request: Request,
        script: Script | None,
        step: int,
        priority: Priority,
        done: list[Exchange],
        record: Record,
    ) -> None:
        """Attempts, appended to ``done``, until one is worth keeping."""
        while not done or (is_passing_trouble(done[-1]) and len(done) < ATTEMPTS):
            if done and not await self._wait(done[-1], len(done) + 1):
                return
            exchange = await self._attempt(case, request, script, step, len(done) + 1, priority)
            record(exchange)
            done.append(exchange)

    async def _wait(self, last: Exchange, attempt: int) -> bool:
        """False when the target asks for more patience than there is left."""
        asked = asked_wait(last.response, time.time()) if last.response else None
        if asked is not None and asked > self._waits.patience:
            return False  # as in the SDKs: sooner is sooner than the target wants, and then is too late for this run
        if asked is not None and last.response is not None and last.response.status == 429:
            return self._gate.pause(min(asked, self._waits.longest))
        wait = self._waits.before_attempt(attempt) if asked is None else min(asked, self._waits.longest)
        await asyncio.sleep(wait)
        return True

    async def _attempt(
        self, case: Case, request: Request, script: Script | None, step: int, attempt: int, priority: Priority
    ) -> Exchange:
        async with self._gate.slot(priority):
            self._progress.sent(case)
            started = time.time()
            reply = await self._transport.send(request, script)
            ended = time.time()
        return Exchange(
            id=f"{case.id}#{step}.{attempt}",
            case=case.id,
            request=request,
            response=reply.response,
            frames=reply.frames,
            failure=reply.failure,
            step=step,
            attempt=attempt,
            started_at=started,
            ended_at=ended,
        )
