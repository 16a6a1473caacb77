"""The state of one pytest session over the suite: settings, plan, selection, target, results.

Under xdist the controller and each worker have one; the first worker to take the lock sends the requests, the others
wait for the recording's footer, and the controller judges it once more for what is written.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from conformance.contract import Contract, load_contract
from conformance.errors import OutputError, RecordingError, UsageError
from conformance.judging.judge import check_ledger
from conformance.judging.results import Result, Results, sentence
from conformance.output import Outputs, outputs_of, write_outputs
from conformance.plan import Plan, PlannedResult, make_plan
from conformance.probing.progress import Bar, Lines, Progress, Quiet
from conformance.probing.recording import FILE
from conformance.properties.generate import with_generated
from conformance.run import judge_recording, property_options, send, some_target, target_of
from conformance.settings import OPTIONS, Settings, make_settings

_WORKLOAD_OF_REFUSALS = "unavailable"
_PROPERTIES = "properties"


class Session:
    """What the plugin's hooks work on."""

    def __init__(
        self, contract: Contract, settings: Settings, base_url: str, *, is_worker: bool, distributed: bool
    ) -> None:
        self.contract = with_generated(contract, property_options(settings))
        self.settings = settings
        self.is_worker = is_worker
        self.distributed = distributed
        self.target = target_of(settings, base_url)
        self.plan: Plan = make_plan(self.contract, self.target, settings.selection)
        self.exit_code: int | None = None
        self.cli = False
        self._selected: set[str] = set()
        self._resources = ExitStack()
        self.remarks: list[str] = []
        self.outputs: Outputs = outputs_of(
            contract,
            settings.out,
            strict=settings.strict,
            waivers=settings.waivers,
            baseline=settings.baseline,
            allure=settings.allure,
        )

    @classmethod
    def of(cls, config: pytest.Config) -> Session:
        """The session that a pytest configuration asks for. Raises UsageError and DataError."""
        contract = load_contract()
        check_ledger(contract)
        given = {option.key: getattr(config.option, f"conformance_{option.key}", None) for option in OPTIONS}
        passed: Mapping[str, Any] = getattr(config, "workerinput", {}).get("conformance", {})
        settings = make_settings({**given, **passed.get("settings", {})}, contract)
        distributed = bool(getattr(config.option, "dist", "no") != "no" or getattr(config.option, "tx", None))
        resources = ExitStack()
        if passed:
            base_url = passed["settings"]["base_url"]
        else:
            base_url, settings = resources.enter_context(some_target(settings))
        session = cls(contract, settings, base_url, is_worker=bool(passed), distributed=distributed)
        session.cli = bool(config.getoption("conformance_cli", False))
        session._resources = resources
        if not passed:
            _ensure_writable(settings.out)
        return session

    @property
    def probes_here(self) -> bool:
        """True in the process that has items: a worker, or the only one."""
        return self.is_worker or not self.distributed

    def for_workers(self) -> dict[str, Any]:
        """The settings that a worker cannot work out for itself."""
        models = [f"{name}={model}" for name, model in self.target.models.items()]
        return {
            "settings": {
                "base_url": self.target.base_url,
                "out": str(self.settings.out.resolve()),
                "api_key": self.settings.key,
                "model": models,
            }
        }

    def planned_for(self, workloads: Iterable[str]) -> Iterator[tuple[str, PlannedResult]]:
        """Workload and planned result, for each result of these workloads."""
        wanted = set(workloads)
        for planned in self.plan.results.values():
            workload = self._workload(planned)
            if workload in wanted and self._in_shard(planned):
                yield workload, planned

    def _workload(self, planned: PlannedResult) -> str:
        if planned.requirement.area == _PROPERTIES:
            return _PROPERTIES
        operation = self.contract.operations[planned.operation]
        return _WORKLOAD_OF_REFUSALS if operation.availability == "unavailable" else operation.workload

    def _in_shard(self, planned: PlannedResult) -> bool:
        """Areas are dealt out in turn, which keeps together what builds on each other.

        What is said of the whole run is left to the merged one.
        """
        if self.settings.shard is None:
            return True
        part, parts = self.settings.shard
        turn = self._areas[planned.case.partition("/")[0]]
        return planned.requirement.applies_to.scope != "run" and turn % parts == part - 1

    @functools.cached_property
    def _areas(self) -> Mapping[str, int]:
        """Each area's place in the plan."""
        areas = dict.fromkeys(planned.case.partition("/")[0] for planned in self.plan.results.values())
        return {area: place for place, area in enumerate(areas)}

    def select(self, names: Iterable[str]) -> None:
        """Note the items that were selected, by their names ``test_…[RESULT_ID]``."""
        self._selected |= {name.partition("[")[2].removesuffix("]") for name in names if "[" in name}

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
            self._send(
                Bar(verbose=self.settings.verbose)
                if sys.stderr.isatty()
                else Lines(verbose=self.settings.verbose)
            )
        _ = self.judged  # what cannot be judged at all is told once, not by every item

    def _send(self, progress: Progress) -> None:
        plan = self.plan.restricted(self.selected)
        send(plan, self.contract, self.target, self.settings, progress)

    def _probe_once_for_all(self) -> None:
        with FileLock(self.settings.out / "recording.lock"):
            if not (self.settings.out / "recording" / FILE).exists():
                self._send(Quiet())

    @functools.cached_property
    def results(self) -> Results:
        """The recording, judged once in this process. Raises RecordingError."""
        folder = self.settings.out / "recording"
        if not (folder / FILE).exists():
            raise RecordingError(f"nothing was judged: {folder} holds no finished recording")
        return judge_recording(self.contract, folder, self.selected)

    @functools.cached_property
    def judged(self) -> Mapping[str, Result]:
        """The results by id. Raises RecordingError."""
        return {result.id: result for result in self.results.results}

    def finish(self) -> int:
        """Judge, write, and give the exit code. Raises ConformanceError."""
        if not self.selected:
            raise UsageError("the selection is empty: no result matches it, so nothing was sent")
        written = write_outputs(self.contract, self.results, self.settings.out / "recording", self.outputs)
        self.results, self.exit_code = written.results, written.exit_code
        self.remarks += written.remarks
        return written.exit_code

    def complain(self, text: str) -> None:
        """Keep a sentence for the end of the run."""
        self.remarks.append(text)

    def summary_lines(self) -> list[str]:
        """What a user reads last."""
        lines = [f"conformance: {text}" for text in self.remarks]
        if self.exit_code is not None:
            lines += [f"conformance: {self.results.verdict}. {sentence(self.results)}"]
            lines += [f"conformance: report in {self.settings.out / 'index.html'}"]
        return lines

    def close(self) -> None:
        """Stop the embedded target, if there is one."""
        self._resources.close()


def _ensure_writable(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OutputError(f"--out {out} cannot be written: {error.strerror}") from None
