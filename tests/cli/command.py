"""The real command line, as a user starts it: a process of its own, with its arguments, folder and environment."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FORKING = Path(__file__).with_name("forking.py")


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, what it printed, and the results it wrote."""

    code: int
    printed: str
    results: dict[str, Any] | None

    @property
    def text(self) -> str:
        """What was printed in one line, as a terminal's width breaks lines anywhere."""
        return " ".join(self.printed.split())

    @property
    def counts(self) -> dict[str, int]:
        """Outcome → number of results."""
        return dict(self.document["counts"])

    @property
    def document(self) -> dict[str, Any]:
        """The results; it is an error to ask when there are none."""
        assert self.results is not None, self.printed
        return self.results

    def result(self, result_id: str) -> dict[str, Any]:
        """One result by its id."""
        return next(result for result in self.document["results"] if result["id"] == result_id)

    def passed(self) -> set[str]:
        """The ids of what passed."""
        return {result["id"] for result in self.document["results"] if result["outcome"] == "pass"}


def clean_environment(**changes: str) -> dict[str, str]:
    """The environment without what would point the suite, or pytest, elsewhere."""
    away = ("OPENAI_", "GITHUB_", "PYTEST_")
    return {key: value for key, value in os.environ.items() if not key.startswith(away)} | changes


def conformance(*arguments: str, cwd: Path, out: str = "out", **environment: str) -> Ended:
    """Run ``conformance ARGUMENTS`` in a forked process; results are read from ``cwd/out``."""
    return _ended(*_fork("conformance", arguments, cwd, clean_environment(**environment)), cwd / out)


def plain_pytest(*arguments: str, cwd: Path, out: str = "out", **environment: str) -> Ended:
    """Run ``pytest ARGUMENTS`` in a forked process."""
    return _ended(*_fork("pytest", arguments, cwd, clean_environment(**environment)), cwd / out)


def started_anew(*command: str, cwd: Path, out: str = "out", **environment: str) -> Ended:
    """Run ``python -m COMMAND`` in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, env=clean_environment(**environment),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
    )  # fmt: skip
    return _ended(done.returncode, done.stdout, cwd / out)


def _ended(code: int, printed: str, out: Path) -> Ended:
    file = out / "results.json"
    return Ended(code, printed, json.loads(file.read_text("utf-8")) if file.is_file() else None)


@functools.cache
def _forking() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(_FORKING)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=clean_environment(),
    )  # fmt: skip


def _fork(
    module: str, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> tuple[int, str]:
    forking = _forking()
    assert forking.stdin is not None
    assert forking.stdout is not None
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as output:
        job = {"module": module, "arguments": arguments, "cwd": str(cwd), "environment": dict(environment)}
        forking.stdin.write(json.dumps({**job, "output": output.name}) + "\n")
        forking.stdin.flush()
        code = forking.stdout.readline()
        assert code, "the process that runs the commands is gone"
        return int(code), output.read()
