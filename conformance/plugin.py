"""The pytest plugin: one item a result, the requests sent once before the first item, exit codes as documented.

It is loaded by its entry point in every pytest run, so it does nothing, and imports nothing heavy, until an item of
``conformance/suite`` is collected.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import ConformanceError
from conformance.settings import OPTIONS

if TYPE_CHECKING:
    from conformance.session import Session

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
    ):
        config.addinivalue_line("markers", f"workload_{workload}: a result of workload {workload}")
    if _is_ours(config):
        _open(config)


def _is_ours(config: pytest.Config) -> bool:
    """True when the suite is among what was asked to be run."""
    paths = [Path(config.invocation_params.dir, argument.partition("::")[0]) for argument in config.args]
    return any(path.resolve() == _SUITE or _SUITE in path.resolve().parents for path in paths)


def _open(config: pytest.Config) -> None:
    from conformance.session import Session

    try:
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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item for each planned result of the module's workloads."""
    session = metafunc.config.stash.get(SESSION, None)
    if session is None or "planned_result" not in metafunc.fixturenames:
        return
    parameters = [
        pytest.param(planned, id=planned.id, marks=_marks(planned.requirement.level, workload))
        for workload, planned in session.planned_for(getattr(metafunc.module, "WORKLOADS", ()))
    ]
    metafunc.parametrize("planned_result", parameters)


def _marks(level: str, workload: str) -> list[pytest.MarkDecorator]:
    return [getattr(pytest.mark, f"level_{level.lower()}"), getattr(pytest.mark, f"workload_{workload}")]


@pytest.fixture(scope="session")
def conformance_session(pytestconfig: pytest.Config) -> Session:
    """The run that the items present."""
    session: Session = pytestconfig.stash[SESSION]
    return session


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
        pytest.exit(f"conformance: {error}", returncode=error.exit_code)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Outcome and requirement as properties, for JUnit and for whoever reads reports."""
    report = yield
    planned: Any = item.callspec.params.get("planned_result") if hasattr(item, "callspec") else None
    if hasattr(planned, "requirement") and call.when == "setup":
        item.user_properties.extend(
            [
                ("requirement", planned.requirement.id),
                ("level", planned.requirement.level),
                ("operation", planned.operation),
            ]
        )
    return report


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
    if ours is None or ours.is_worker or session.config.option.collectonly:
        return
    if exitstatus == pytest.ExitCode.INTERNAL_ERROR:
        session.exitstatus = 5
        return
    try:
        session.exitstatus = ours.finish()
    except ConformanceError as error:
        ours.complain(str(error))
        session.exitstatus = error.exit_code


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The verdict, in words."""
    ours = terminalreporter.config.stash.get(SESSION, None)
    if ours is not None and not terminalreporter.config.getoption(CLI, False):
        for line in ours.summary_lines():
            terminalreporter.write_line(line)
