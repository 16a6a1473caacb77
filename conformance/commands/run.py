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
from conformance.contract import load_contract
from conformance.judging.judge import check_ledger
from conformance.plan import make_plan
from conformance.plugin import CLI, SESSION
from conformance.run import target_of
from conformance.session import Session
from conformance.settings import OPTIONS, make_settings
from conformance.summary import print_summary

_SUITE = Path(conformance.suite.__file__).parent
# What the items do not need, and what costs several times their own work: log and output capture, other plugins.
_WITHOUT = (
    "cacheprovider", "schemathesis", "hypothesispytest", "logging", "allure_pytest", "anyio", "warnings",
    "unraisableexception", "threadexception", "faulthandler",
)  # fmt: skip
_QUIET = ("-q", "--no-header", "--no-summary", "--tb=no", "-s", *(f"-pno:{name}" for name in _WITHOUT))


class _Keeper:
    """A plugin that keeps the session for the summary."""

    session: Session | None = None

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Take the session before its stash is gone."""
        self.session = config.stash.get(SESSION, None)


def run_suite(given: Mapping[str, Any], pytest_args: Sequence[str]) -> int:
    """Check what was asked, then let pytest run it; the exit code is the session's. Raises UsageError, DataError."""
    contract = load_contract()
    check_ledger(contract)
    settings = make_settings(given, contract)
    make_plan(contract, target_of(settings, settings.base_url or "http://reference/v1"), settings.selection)
    keeper = _Keeper()
    output = contextlib.nullcontext() if pytest_args else _silenced()
    with _without_user_configuration(), output:
        code = pytest.main([*_arguments(given), *pytest_args], plugins=[keeper])
    session = keeper.session
    if session is None or session.exit_code is None:
        for line in session.summary_lines() if session else ():
            click.echo(line, err=True)
        return int(code)
    print_summary(contract, session.results, session.settings.out, session.remarks)
    return session.exit_code


def _arguments(given: Mapping[str, Any]) -> list[str]:
    """The pytest command line; settings travel as options of the plugin, the key by its own process."""
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
        if value in (None, (), False):
            continue
        name = f"--{_pytest_name(option.name)}"
        if option.kind == "flag":
            arguments.append(name)
        else:
            arguments += [f"{name}={one}" for one in (value if option.multiple else (value,))]
    return arguments


@contextlib.contextmanager
def _without_user_configuration() -> Iterator[None]:
    """PYTEST_ADDOPTS and plugins of the user's other projects would change what is run."""
    kept = os.environ.pop("PYTEST_ADDOPTS", None)
    try:
        yield
    finally:
        if kept is not None:
            os.environ["PYTEST_ADDOPTS"] = kept


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """pytest's own lines go nowhere: progress is on standard error, and the summary follows."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield
