"""The pytest plugin: one item a result, the requests sent once before the first item, exit codes as documented.

It is loaded by its entry point in every pytest run, so it does nothing, and imports nothing heavy, until an item of
``conformance/suite`` is collected.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from conformance.errors import ConformanceError
from conformance.settings import OPTIONS

if TYPE_CHECKING:
    from conformance.plan import PlannedResult
    from conformance.session import Session

    Present = Callable[[PlannedResult, Session], None]

_SUITE = Path(__file__).resolve().parent / "suite"
SESSION = pytest.StashKey["Session"]()
_OPEN: list[Session] = []  # pytest_internalerror is given no configuration to find the session by
CLI = "conformance_cli"
"""Option set by the command line, which shows progress and summary itself."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Every setting of ``conformance run`` as an option."""
    group = parser.getgroup("conformance", "contract conformance of an OpenAI-compatible API")
    for option in OPTIONS:
        keywords: dict[str, Any] = {"help": option.help, "dest": f"conformance_{option.key}", "default": None}
        if option.kind == "flag":
            keywords["action"] = "store_true"
        else:
            keywords["metavar"] = option.metavar or option.name.upper()
            keywords["type"] = {"integer": int, "number": float}.get(option.kind, str)
            if option.choices:
                keywords["choices"] = option.choices
            if option.multiple:
                keywords["action"] = "append"
        group.addoption(f"--{_pytest_name(option.name)}", **keywords)
    group.addoption(
        "--conformance-cli",
        action="store_true",
        dest=CLI,
        default=False,
        help="Set by the conformance command.",
    )


def _pytest_name(name: str) -> str:
    """The flag's name, prefixed where pytest or a common plugin has the name already."""
    return f"conformance-{name}" if name in {"config", "verbose", "strict", "header", "seed"} else name


def pytest_configure(config: pytest.Config) -> None:
    """Markers, as pytest refuses unknown ones."""
    for level in ("must", "should", "may"):
        config.addinivalue_line("markers", f"level_{level}: a requirement of level {level.upper()}")
    for workload in (
        "models",
        "text",
        "realtime",
        "embeddings",
        "safety",
        "images",
        "videos",
        "audio",
        "unavailable",
        "properties",
    ):
        config.addinivalue_line("markers", f"workload_{workload}: a result of workload {workload}")
    if SESSION in config.stash or _is_ours(config):
        _open(config)


def _is_ours(config: pytest.Config) -> bool:
    """True when the suite is among what was asked to be run."""
    paths = [Path(config.invocation_params.dir, argument.partition("::")[0]) for argument in config.args]
    return any(path.resolve() == _SUITE or _SUITE in path.resolve().parents for path in paths)


def _open(config: pytest.Config) -> None:
    from conformance.session import Session

    try:
        if SESSION not in config.stash:  # the command line brings its own
            config.stash[SESSION] = Session.of(config)
        _OPEN.append(config.stash[SESSION])
    except ConformanceError as error:
        pytest.exit(f"conformance: {error}", returncode=error.exit_code)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the session started."""
    session = config.stash.get(SESSION, None)
    if session is not None:
        session.close()
        _OPEN.remove(session)


class ResultItem(pytest.Item):
    """One planned result. Lighter than a parametrised function, of which a run would have thousands."""

    def __init__(self, *, planned: PlannedResult, workload: str, function: Present, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._planned = planned
        self._function = function
        level = planned.requirement.level.lower()
        self.add_marker(f"level_{level}")
        self.add_marker(f"workload_{workload}")
        self.user_properties += [
            ("requirement", planned.requirement.id),
            ("level", planned.requirement.level),
            ("operation", planned.operation),
        ]

    def runtest(self) -> None:
        """Let the suite's function present the result."""
        session = self.config.stash[SESSION]
        if session.failure is not None:
            pytest.fail(str(session.failure), pytrace=False)
        self._function(self._planned, session)

    @functools.cached_property
    def location(self) -> tuple[str, int | None, str]:
        """The suite's module, and the result's name. pytest would resolve the path anew for every item."""
        return self.nodeid.partition("::")[0], 0, self.name

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The suite's module, and the result's name."""
        return self.path, 0, self.name


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[ResultItem] | None:
    """A function of the suite that takes a planned result becomes one item for each result of its workloads."""
    session = collector.config.stash.get(SESSION, None)
    if session is None or not name.startswith("test_") or not _presents(obj):
        return None
    workloads = getattr(collector.obj, "WORKLOADS", ())
    return [
        ResultItem.from_parent(
            collector, name=f"{name}[{planned.id}]", planned=planned, workload=workload, function=obj
        )
        for workload, planned in session.planned_for(workloads)
    ]


def _presents(obj: object) -> bool:
    return callable(obj) and next(iter(getattr(obj, "__annotations__", {})), None) == "planned_result"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Remember which results were selected; under xdist only the workers see them."""
    ours = session.config.stash.get(SESSION, None)
    if ours is not None:
        ours.select(item.name for item in session.items)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the target is and where the recording lies."""
    ours = node.config.stash.get(SESSION, None)
    if ours is not None:
        node.workerinput["conformance"] = ours.for_workers()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """What a worker selected, which is what the controller reports."""
    ours = node.config.stash.get(SESSION, None)
    if ours is not None:
        ours.select(name.partition("::")[2] for name in ids)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Send the requests, once for all processes, before the first item runs."""
    ours = session.config.stash.get(SESSION, None)
    if ours is None or session.config.option.collectonly or not ours.probes_here:
        return
    try:
        ours.probe()
    except ConformanceError as error:
        ours.fail(error)
        if ours.is_worker:  # xdist takes an exit for a crash
            session.shouldstop = str(error)
            return
        pytest.exit(f"conformance: {error}", returncode=error.exit_code)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What was presented; under xdist the controller hears it of its workers."""
    for ours in _OPEN:
        ours.saw(report)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """A result has no set-up and no fixtures, so only its call is run: most of the time of an item."""
    if not isinstance(item, ResultItem):
        return None
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    call = pytest.CallInfo.from_call(item.runtest, "call", reraise=(pytest.exit.Exception, KeyboardInterrupt))
    report: pytest.TestReport = hook.pytest_runtest_makereport(item=item, call=call)
    for one in (_uneventful(report, "setup"), report, _uneventful(report, "teardown")):
        hook.pytest_runtest_logreport(report=one)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _uneventful(report: pytest.TestReport, when: Literal["setup", "teardown"]) -> pytest.TestReport:
    """The report of a phase in which nothing happens, for those who wait for all three."""
    phase = copy.copy(report)
    phase.when, phase.outcome, phase.longrepr = when, "passed", None
    phase.sections, phase.duration, phase.stop = [], 0.0, report.start
    return phase


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, str] | None:
    """Under our own command line no letter an item: the summary says it."""
    if config.getoption(CLI, False) and report.outcome in {"passed", "skipped", "failed"}:
        category = {"passed": "passed", "skipped": "skipped", "failed": "failed"}[report.outcome]
        return (category if report.when == "call" or report.outcome != "passed" else ""), "", ""
    return None


def pytest_internalerror(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Our own fault, in a sentence; pytest prints the traceback where its output is shown."""
    for ours in _OPEN:
        ours.complain(f"internal error: {excinfo.typename}: {excinfo.value}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Judge the recording, write everything, and set the documented exit code."""
    ours = session.config.stash.get(SESSION, None)
    if ours is None or session.config.option.collectonly:
        return
    if ours.is_worker:
        _tell_controller(session.config, ours)
        return
    if exitstatus == pytest.ExitCode.INTERNAL_ERROR:
        session.exitstatus = 5
        return
    try:
        session.exitstatus = ours.finish()
    except ConformanceError as error:
        ours.fail(error)
        session.exitstatus = error.exit_code


def _tell_controller(config: pytest.Config, ours: Session) -> None:
    if ours.failure is not None:
        told: dict[str, Any] = config.workeroutput  # type: ignore[attr-defined]
        told["conformance"] = (str(ours.failure), ours.failure.exit_code)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Why a worker could not probe; without it the controller only knows that nothing was recorded."""
    ours = node.config.stash.get(SESSION, None)
    told = getattr(node, "workeroutput", {}).get("conformance")
    if ours is not None and told is not None:
        failure = ConformanceError(told[0])
        failure.exit_code = told[1]
        ours.fail(failure)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The verdict, in words."""
    ours = terminalreporter.config.stash.get(SESSION, None)
    if ours is not None and not terminalreporter.config.getoption(CLI, False):
        for line in ours.summary_lines():
            terminalreporter.write_line(line)
