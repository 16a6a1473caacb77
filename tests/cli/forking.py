"""Runs commands in processes forked from one that has everything loaded: start-up is paid once, not a command.

A line of JSON in, ``{"module", "arguments", "cwd", "environment", "output"}``; a line of JSON out, the exit code.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

import openai
import pytest

import conformance.reference.embedded
import conformance.sdk.reading
from conformance import cli
from conformance.commands import audit, doctor, explain, judge, merge, plan, run, waive
from conformance.contract import load_contract
from conformance.judging.judge import check_ledger

LOADED = (
    openai,
    audit,
    doctor,
    explain,
    judge,
    merge,
    plan,
    run,
    waive,
    conformance.reference.embedded,
    conformance.sdk.reading,
)


def main() -> None:
    check_ledger(load_contract())
    for line in sys.stdin:
        print(_run(json.loads(line)), flush=True)


def _run(job: dict[str, Any]) -> int:
    child = os.fork()
    if child == 0:
        _become(job)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _become(job: dict[str, Any]) -> None:
    """Never returns."""
    code = 70  # neither ours nor pytest's
    try:
        output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for ours, theirs in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(ours, theirs)
        os.chdir(job["cwd"])
        os.environ.clear()
        os.environ.update(job["environment"])
        sys.path[:0] = [path for path in [job["environment"].get("PYTHONPATH")] if path]
        sys.argv = [job["module"], *job["arguments"]]
        code = int(pytest.main(job["arguments"])) if job["module"] == "pytest" else _command(job["arguments"])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _command(arguments: list[str]) -> int:
    try:
        cli.main(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 70


if __name__ == "__main__":
    main()
