"""The state of one pytest session over the suite: settings, plan, selection, target, results.

Under xdist the controller and each worker have one; the first worker to take the lock sends the requests, the others
wait for the recording's footer, and the controller judges it once more for what is written.
"""

from __future__ import annotations

import datetime
import functools
import sys
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from conformance.contract import Contract, load_contract
from conformance.errors import ConformanceError, RecordingError, UsageError
from conformance.judging.judge import check_ledger
from conformance.judging.results import Result, Results, sentence
from conformance.judging.waivers import apply_waivers
from conformance.output import Outputs, outputs_of, remove_outputs, writable, write_outputs
from conformance.plan import Plan, PlannedResult, make_plan
from conformance.probing.http import tls_context
from conformance.probing.progress import Bar, Lines, Progress, Quiet
from conformance.properties.freezing import FOLDER, freeze_failures
from conformance.run import (
    Part,
    contract_of,
    is_recorded,
    judge_recording,
    property_options,
    send,
    some_target,
    target_of,
)
from conformance.second_judge import SecondJudge, second_judge
from conformance.settings import OPTIONS, Settings, make_settings

_WORKLOAD_OF_REFUSALS = "unavailable"
_PROPERTIES = "properties"


class Session:
    """What the plugin's hooks work on."""

    def __init__(
        self,
        contract: Contract,
        settings: Settings,
        base_url: str,
        *,
        run: str = "",
        distributed: bool = False,
    ) -> None:
        self._written_contract = contract
        self.contract = contract_of(contract, settings)
        self.settings = settings
        self.is_worker = bool(run)
        self.distributed = distributed
        self.target = target_of(settings, base_url)
        self.plan: Plan = make_plan(self.contract, self.target, settings.selection)
        self.exit_code: int | None = None
        self.failure: ConformanceError | None = None
        self.remarks: list[str] = []
        self._run = run or uuid.uuid4().hex
        self._dealt = self.plan.dealt(settings.shard) if settings.shard else frozenset(self.plan.results)
        self._selected: set[str] = set()
        self._shown: set[str] = set()
        self._others_failed = False
        self._second: SecondJudge | None = None  # workers are several, and do without
        self._resources = ExitStack()
        self.outputs: Outputs = outputs_of(
            contract,
            settings.out,
            strict=settings.strict,
            waivers=settings.waivers,
            baseline=settings.baseline,
            allure=settings.allure,
        )

    @classmethod
    def start(cls, given: Mapping[str, Any], *, distributed: bool = False, by_two: bool = False) -> Session:
        """A session with these settings, and the embedded target where they name none. Raises ConformanceError.

        ``by_two`` has the recording judged by two processes.
        """
        contract = load_contract()
        check_ledger(contract)
        settings = make_settings(given, contract)
        if settings.ca:
            tls_context(settings.ca)
        with ExitStack() as resources:
            resources.enter_context(writable(settings.out))
            second = resources.enter_context(second_judge(property_options(settings))) if by_two else None
            base_url, settings = resources.enter_context(some_target(settings))
            session = cls(contract, settings, base_url, distributed=distributed)
            session._second = second
            session._resources = resources.pop_all()
        return session

    @classmethod
    def of(cls, config: pytest.Config) -> Session:
        """The session that a pytest configuration asks for. Raises ConformanceError."""
        given = {option.key: getattr(config.option, f"conformance_{option.key}", None) for option in OPTIONS}
        passed: Mapping[str, Any] = getattr(config, "workerinput", {}).get("conformance", {})
        if not passed:
            distributed = is_distributed(config)
            return cls.start(given, distributed=distributed, by_two=not distributed)
        contract = load_contract()
        settings = make_settings({**given, **passed["settings"]}, contract)
        return cls(contract, settings, passed["settings"]["base_url"], run=passed["run"])

    @property
    def probes_here(self) -> bool:
        """True in the process that has items: a worker, or the only one."""
        return self.is_worker or not self.distributed

    def for_workers(self) -> dict[str, Any]:
        """The settings that a worker cannot work out for itself."""
        models = [f"{name}={model}" for name, model in self.target.models.items()]
        return {
            "run": self._run,
            "settings": {
                "base_url": self.target.base_url,
                "out": str(self.settings.out.resolve()),
                "api_key": self.settings.key,
                "model": models,
            },
        }

    def planned_for(self, workloads: Iterable[str]) -> Iterator[tuple[str, PlannedResult]]:
        """Workload and planned result, for each result of these workloads."""
        wanted = set(workloads)
        for planned in self.plan.results.values():
            workload = self._workload(planned)
            if workload in wanted and planned.id in self._dealt:
                yield workload, planned

    def _workload(self, planned: PlannedResult) -> str:
        if planned.requirement.area == _PROPERTIES:
            return _PROPERTIES
        operation = self.contract.operations[planned.operation]
        return _WORKLOAD_OF_REFUSALS if operation.availability == "unavailable" else operation.workload

    def select(self, names: Iterable[str]) -> None:
        """Note the items that were selected, by their names ``test_…[RESULT_ID]``."""
        self._selected |= {_result_id(name) for name in names}

    def saw(self, report: pytest.TestReport) -> None:
        """Note that an item was presented, so that one which a dying worker took along is missed."""
        if report.when == "call":
            self._shown.add(_result_id(report.nodeid))
        if report.failed and _result_id(report.nodeid) not in self.plan.results:
            self._others_failed = True

    @property
    def selected(self) -> frozenset[str]:
        """The results that were selected."""
        return frozenset(self._selected & set(self.plan.results))

    def probe(self) -> None:
        """Send what the selected results need, unless another process has. Raises ConformanceError."""
        if not self.selected:
            return
        if self.is_worker:
            self._probe_once_for_all()
        else:
            self._send(self._progress())
        _ = self.judged  # what cannot be judged at all is told once, not by every item

    def _progress(self) -> Progress:
        verbose = self.settings.verbose
        return Bar(verbose=verbose) if sys.stderr.isatty() else Lines(verbose=verbose)

    def _send(self, progress: Progress) -> None:
        plan = self.plan.restricted(self.selected)
        part = Part(self._run, self.settings.shard, None if self.selected == self._dealt else self.selected)
        remove_outputs(self.settings.out)
        send(plan, self.contract, self.target, self.settings, progress, part)

    def _probe_once_for_all(self) -> None:
        with FileLock(self.settings.out / "recording.lock"):
            if not is_recorded(self._recording, self._run):
                self._send(Quiet())

    @property
    def _recording(self) -> Path:
        return self.settings.out / "recording"

    def _judge(self, shown: frozenset[str] | None = None) -> Results:
        if not is_recorded(self._recording, self._run):
            raise RecordingError(
                f"nothing was judged: {self._recording} holds no finished recording of this run"
            )
        by = self._second.judge_recording if self._second else judge_recording
        return by(self._written_contract, self._recording, shown)

    @functools.cached_property
    def results(self) -> Results:
        """The recording, judged once in this process. Raises RecordingError."""
        return self._judge()

    @functools.cached_property
    def judged(self) -> Mapping[str, Result]:
        """The results by id, waivers applied. Raises RecordingError."""
        today = datetime.datetime.now(datetime.UTC).date()
        return {
            result.id: result
            for result in apply_waivers(self.results.results, self.outputs.waivers, today).results
        }

    def finish(self) -> int:
        """Judge, write, and give the exit code. Raises ConformanceError."""
        if self.failure is not None:
            raise self.failure
        if not self.selected:
            raise UsageError("the selection is empty: no result matches it, so nothing was sent")
        if self.selected - self._shown:
            self.results = self._judge(frozenset(self._shown))
        written = write_outputs(self.contract, self.results, self._recording, self.outputs)
        self.results, self.exit_code = written.results, written.exit_code
        self.remarks += written.remarks
        self._freeze()
        if self._others_failed and self.exit_code != 5:
            self.exit_code = 1
        return self.exit_code

    def _freeze(self) -> None:
        """Make generated requests that failed smaller and keep them; last of all, as the results are written by now."""
        requirements = self.contract.requirements
        failed = [
            result
            for result in self.results.results
            if result.outcome == "fail" and requirements[result.requirement].applies_to.is_of_generated
        ]
        if not failed or self.results.interrupted:
            return
        sent = self.results.requests
        if freeze_failures(self._written_contract, self.contract, self.settings, sent, self._progress()):
            folder = self.settings.out / FOLDER
            self.complain(
                f"generated requests that failed are kept in {folder}: --cases {folder} sends them again; "
                "copy them first, as the next run into the same folder removes them"
            )

    def complain(self, text: str) -> None:
        """Keep a sentence for the end of the run."""
        if text not in self.remarks:
            self.remarks.append(text)

    def fail(self, failure: ConformanceError) -> None:
        """Nothing can be judged, and this is why."""
        self.failure = failure
        self.complain(str(failure))

    def summary_lines(self) -> list[str]:
        """What a user reads last."""
        lines = [f"conformance: {text}" for text in self.remarks]
        if self.exit_code is not None:
            lines += [f"conformance: {self.results.verdict}. {sentence(self.results)}"]
            lines += [f"conformance: report in {self.settings.out / 'index.html'}"]
        return lines

    def close(self) -> None:
        """Stop the embedded target, if there is one, and leave no empty folder."""
        self._resources.close()


def is_distributed(config: pytest.Config) -> bool:
    """True in the controller of xdist workers."""
    return bool(getattr(config.option, "dist", "no") != "no" or getattr(config.option, "tx", None))


def _result_id(name: str) -> str:
    return name.partition("[")[2].removesuffix("]")
