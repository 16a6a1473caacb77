"""``conformance run``: the suite in this process, with our own progress and summary."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pytest

import conformance.suite
from conformance.plugin import CLI, SESSION
from conformance.session import Session, is_distributed
from conformance.settings import OPTIONS
from conformance.summary import print_summary
from conformance.text import printable

_SUITE = Path(conformance.suite.__file__).parent
# What the items do not need, and what costs several times their own work: log and output capture, other plugins.
_WITHOUT = (
    "cacheprovider", "schemathesis", "hypothesispytest", "logging", "allure_pytest", "anyio", "warnings",
    "unraisableexception", "threadexception", "faulthandler",
)  # fmt: skip
# What pytest's own exit codes are in ours: nothing but a list was asked for, interrupted, misused, no tests.
_OURS = {0: 0, 2: 3, 4: 2, 5: 2}
_QUIET = (
    "-q",
    "--no-header",
    "--no-summary",
    "--tb=no",
    "--assert=plain",
    "-s",
    *(f"-pno:{name}" for name in _WITHOUT),
)


class _Started:
    """A plugin that brings the session, whose troubles are told before pytest starts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Hand it over."""
        self._session.distributed = is_distributed(config)
        config.stash[SESSION] = self._session


def run_suite(given: Mapping[str, Any], pytest_args: Sequence[str]) -> int:
    """Check what was asked, then let pytest run it; the exit code is the session's. Raises ConformanceError."""
    session = Session.start(given, by_two=not pytest_args)  # which may ask for workers
    output = contextlib.nullcontext() if pytest_args else _silenced()
    with contextlib.closing(session), _without_user_configuration(), output:
        code = pytest.main([*_arguments(given), *pytest_args], plugins=[_Started(session)])
    if session.exit_code is None:
        for line in session.summary_lines():
            click.echo(printable(line), err=True)
        return session.failure.exit_code if session.failure else _OURS.get(int(code), 5)
    print_summary(session.contract, session.results, session.settings.out, session.remarks)
    return session.exit_code


def _arguments(given: Mapping[str, Any]) -> list[str]:
    """The pytest command line: settings travel to workers as options; not the key, which is told them apart."""
    from conformance.plugin import _pytest_name

    arguments = [
        str(_SUITE),
        f"--{CLI.replace('_', '-')}",
        f"--rootdir={_SUITE}",
        "-c",
        str(_SUITE / "pytest.toml"),
        *_QUIET,
    ]
    for option in OPTIONS:
        value = given.get(option.key)
        if value in (None, (), False) or option.key == "api_key":
            continue
        name = f"--{_pytest_name(option.name)}"
        if option.kind == "flag":
            arguments.append(name)
        else:
            arguments += [f"{name}={one}" for one in (value if option.multiple else (value,))]
    return arguments


@contextlib.contextmanager
def _without_user_configuration() -> Iterator[None]:
    """PYTEST_ADDOPTS, PYTEST_PLUGINS and their like are for the user's other projects, and would change what is run."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST_")}
    try:
        yield
    finally:
        os.environ.update(kept)


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """pytest's own lines go nowhere: progress is on standard error, and the summary follows."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
