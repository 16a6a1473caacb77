"""``conformance audit``: many targets with one command, each in a process of its own, and one matrix."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from conformance.commands.compare import write_matrix
from conformance.datafiles import check_against_schema, read_text
from conformance.errors import DataError
from conformance.output import writable
from conformance.reporting.matrix import worst_exit


def audit_targets(file: Path, out: Path, jobs: int) -> int:
    """Test every target of ``file``; one that fails does not stop the others. Raises DataError."""
    targets = read_targets(file)
    with writable(out):
        return _audit(targets, out, jobs)


def _audit(targets: Mapping[str, Mapping[str, Any]], out: Path, jobs: int) -> int:
    with ThreadPoolExecutor(jobs) as pool:
        codes = list(pool.map(lambda entry: _test(entry[0], entry[1], out / entry[0]), targets.items()))
    for name, code in zip(targets, codes, strict=True):
        click.echo(
            f"{name}: exit {code}" + ("" if (out / name / "results.json").is_file() else ", no results")
        )
    done = [(name, out / name) for name in targets if (out / name / "results.json").is_file()]
    if done:
        write_matrix(done, out / "matrix.html")
    return worst_exit(codes)


def read_targets(file: Path) -> Mapping[str, Mapping[str, Any]]:
    """Name → settings. Raises DataError when the file breaks its schema."""
    try:
        document = tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise DataError(str(file), "", f"is not TOML: {error}") from None
    check_against_schema(document, "targets", str(file))
    targets: Mapping[str, Mapping[str, Any]] = document["targets"]
    return targets


def _test(name: str, settings: Mapping[str, Any], out: Path) -> int:
    """A process of its own: one target's trouble, and its key, stay its own."""
    command = [sys.executable, "-m", "conformance.cli", "run", f"--out={out}"]
    for key, value in settings.items():
        if key == "models":
            command += [f"--model={workload}={model}" for workload, model in value.items()]
        elif value is True:
            command.append(f"--{key}")
        elif value is not False:
            command += [f"--{key}={one}" for one in (value if isinstance(value, list) else [value])]
    out.mkdir(parents=True, exist_ok=True)
    with (out / "output.txt").open("wb") as log:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
        ).returncode
