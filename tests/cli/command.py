"""The real command line, as a user starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, what it printed, and the results it wrote."""

    code: int
    text: str
    results: dict[str, Any] | None

    @property
    def counts(self) -> dict[str, int]:
        """Outcome → number of results."""
        assert self.results is not None, self.text
        return dict(self.results["counts"])


def conformance(*arguments: str, cwd: Path, **environment: str) -> Ended:
    """Run ``conformance ARGUMENTS`` in an empty environment; results are read from ``cwd/out``."""
    clean = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("OPENAI_", "GITHUB_", "PYTEST_"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "conformance.cli", *arguments],
        cwd=cwd,
        env={**clean, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    file = cwd / "out" / "results.json"
    results = json.loads(file.read_text("utf-8")) if file.is_file() else None
    text = " ".join((done.stdout + done.stderr).split())  # the terminal's width breaks lines anywhere
    return Ended(done.returncode, text, results)
