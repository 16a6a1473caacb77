"""Failures of generated requests made smaller by asking the target again, and kept as case files.

    recording ──judged──▶ failing properties ──▶ smaller requests, sent and judged ──▶ frozen/AREA.yaml

What is sent for this is recorded apart, in ``shrinking/``, and judged as the run's own requests are. It is bounded in
requests and in time, and counts against ``--max-requests``.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.answer import Answer
from conformance.checks.properties import alike, family_of
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, Unequipped, registered_checks
from conformance.contract import Contract, Requirement
from conformance.errors import ConformanceError
from conformance.judging.evidence import Evidence
from conformance.judging.judge import judge
from conformance.probing.pacing import BudgetSpentError
from conformance.probing.prober import sending
from conformance.probing.progress import Progress, Quiet
from conformance.probing.recording import Recorder, read
from conformance.probing.requests import MissingValueError
from conformance.probing.sending import Sender
from conformance.probing.together import together
from conformance.properties.changes import Change
from conformance.properties.frozen import Frozen, case_files, frozen_case
from conformance.properties.generate import Generated, PropertyOptions, case_of, generated
from conformance.properties.shrinking import Enough, smallest
from conformance.run import (
    evidence_of,
    part_of,
    probe_options,
    property_options,
    recording_header,
    secrets_of,
    write_text,
)
from conformance.settings import Settings
from conformance.text import one_line

FOLDER = "frozen"
"""Below ``--out``: the case files."""
MOST_REQUESTS = 150
"""Requests that are sent in a run to make failures smaller, at the most."""
_MOST_EACH = 30  # different requests for one failure, not counting what is sent again after trouble
_LONGEST = 45.0  # seconds for all of it
_MOST_SHRUNK = 12  # failures; the others are kept as they were found
_PRIORITY = (0,)


@dataclass(frozen=True, slots=True)
class _Failure:
    """A promise that a generated request broke, the first of those that broke it alike."""

    requirement: Requirement
    found: Generated
    finding: Finding
    answer: Answer


def freeze_failures(
    written: Contract, contract: Contract, settings: Settings, sent: int, progress: Progress
) -> tuple[Path, ...]:
    """Write the failing generated requests of the recording below ``settings.out`` as case files.

    ``written`` is the contract without the run's own cases, ``sent`` the requests that the run has used of its budget.
    Returns the files. Raises OutputError and RecordingError.
    """
    options = property_options(settings)
    if options.mode == "off":
        return ()
    recording = read(settings.out / "recording")
    evidence = evidence_of(written, recording)
    failures = list(_failures(evidence, options, part_of(recording).selected(evidence.plan)))
    if not failures:
        return ()
    left = MOST_REQUESTS if settings.max_requests is None else settings.max_requests - sent
    bounded = replace(settings, max_requests=min(MOST_REQUESTS, left))
    changes = [failure.found.change for failure in failures]
    if left > 0:
        progress.note(
            f"making {min(len(failures), _MOST_SHRUNK)} failures of generated requests smaller, "
            f"with {bounded.max_requests} requests at the most"
        )
        changes = asyncio.run(_shrunk(contract, evidence, bounded, options, failures))
    frozen = [_frozen(failure, change) for failure, change in zip(failures, changes, strict=True)]
    files = []
    for area, text in case_files(written, frozen).items():
        files.append(settings.out / FOLDER / f"{area}.yaml")
        write_text(files[-1], text)
    return tuple(files)


def _failures(
    evidence: Evidence, options: PropertyOptions, selected: frozenset[str] | None
) -> Iterator[_Failure]:
    """One for each way in which a family of requests broke a property."""
    made = generated(evidence.contract, options)
    planned = [
        one
        for one in evidence.plan.results.values()
        if one.requirement.applies_to.is_of_generated and (selected is None or one.id in selected)
    ]
    requirements = {one.id: one.requirement for one in planned}
    seen: list[_Failure] = []
    for result in judge(evidence, planned):
        if result.outcome != "fail":
            continue
        for finding in result.findings:
            case_id = finding.exchange.rpartition("#")[0]
            answer = next((a for a in evidence.answers(case_id) if a.exchange.id == finding.exchange), None)
            if answer is None or case_id not in made:
                continue
            failure = _Failure(requirements[result.id], made[case_id], finding, answer)
            if not any(_is_same(failure, other) for other in seen):
                seen.append(failure)
                yield failure


def _is_same(one: _Failure, other: _Failure) -> bool:
    if (
        one.requirement.id != other.requirement.id
        or one.found.subject.operation != other.found.subject.operation
    ):
        return False
    return one.answer is other.answer or (
        family_of(one.found.case) == family_of(other.found.case)
        and alike(one.finding, one.answer, other.finding, other.answer)
    )


def _frozen(failure: _Failure, change: Change) -> Frozen:
    finding = failure.finding
    told = f"{failure.requirement.id}: expected {finding.expected}, saw {one_line(finding.seen, 160)}"
    return Frozen(frozen_case(failure.found, change), (told,))


async def _shrunk(
    contract: Contract,
    evidence: Evidence,
    settings: Settings,
    options: PropertyOptions,
    failures: list[_Failure],
) -> list[Change]:
    """A smaller change for each failure, in order."""
    ends_at = time.monotonic() + _LONGEST
    header = recording_header(contract, evidence.target, settings)
    with Recorder(settings.out / "shrinking", header, secrets_of(settings)) as recorder:
        async with sending(
            contract, evidence.target, settings.key, recorder, probe_options(settings), Quiet()
        ) as sender:
            sender.use_models(evidence.models)
            sender.answers.update(
                {case: evidence.answers(case)[-1] for case in evidence.exchanges if evidence.answers(case)}
            )
            trials = [
                _Trial(contract, evidence, sender, failure, number, ends_at)
                for number, failure in enumerate(failures[:_MOST_SHRUNK])
            ]
            changes = await together(trial.smallest(options) for trial in trials)
        recorder.finish()
    return changes + [failure.found.change for failure in failures[_MOST_SHRUNK:]]


class _Trial:
    """Asks the target whether a smaller request still fails, while Hypothesis thinks in a thread of its own."""

    def __init__(
        self,
        contract: Contract,
        evidence: Evidence,
        sender: Sender,
        failure: _Failure,
        number: int,
        ends_at: float,
    ) -> None:
        self._contract = contract
        self._evidence = evidence
        self._sender = sender
        self._failure = failure
        self._name = f"shrinking/{number}"
        self._ends_at = ends_at
        self._asked = 0
        self._error: ConformanceError | None = None
        self._loop = asyncio.get_running_loop()

    async def smallest(self, options: PropertyOptions) -> Change:
        """The smallest change that was found to fail alike."""
        found = self._failure.found
        if found.subject.is_dear and found.case.consent:
            return found.change
        try:
            change = await asyncio.to_thread(smallest, self._contract, found, options, self._fails)
        finally:
            self._ends_at = 0.0  # the thread must not go on when this is cancelled
        if self._error is not None:
            raise self._error
        return change

    def _fails(self, change: Change) -> bool:
        """Called in the thread. Raises Enough when no more may be asked."""
        left = self._ends_at - time.monotonic()
        if left <= 0 or self._asked >= _MOST_EACH:
            raise Enough
        self._asked += 1
        asked = asyncio.run_coroutine_threadsafe(self._is_failing(change), self._loop)
        try:
            return asked.result(left)
        except (BudgetSpentError, TimeoutError, concurrent.futures.CancelledError):
            raise Enough from None
        except ConformanceError as error:
            self._error = error
            raise Enough from None
        finally:
            asked.cancel()

    async def _is_failing(self, change: Change) -> bool:
        found = self._failure.found
        case = case_of(found.subject, found.kind, change, f"{self._name}-{self._asked}")
        contract = replace(self._contract, cases={**self._contract.cases, case.id: case})
        try:
            answer = await self._sender.run(case, _PRIORITY)
        except MissingValueError:
            return False
        if self._evidence.is_outage(answer):
            return False
        subject = Subject(contract, (answer,), self._evidence.answers, self._evidence.models)
        requirement = self._failure.requirement
        try:
            findings = list(
                registered_checks()[requirement.check or ""](subject, **(requirement.arguments or {}))
            )
        except (NotShown, Spoiled, Unequipped):
            return False
        return any(alike(one, answer, self._failure.finding, self._failure.answer) for one in findings)
