"""``conformance selftest``: the kill matrix on the terminal, as JSON and as a page; and the legal variants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from conformance.contract import load_contract
from conformance.errors import UsageError
from conformance.proof.kill_matrix import KillMatrix, kill_matrix, problems
from conformance.proof.legal import Legal, try_legal_variants
from conformance.reference.faults import FAULTS
from conformance.reporting.page import render
from conformance.run import write_json, write_text

_MOST_LINES = 60


def print_kill_matrix(out: Path, faults: Sequence[str]) -> int:
    """Exit 0 when every fault is caught by exactly what it names and every check can fail; else 1."""
    unknown = [name for name in faults if name not in FAULTS]
    if unknown:
        raise UsageError(f"--fault {unknown[0]}: there is no such fault; conformance serve --list names them")
    matrix = kill_matrix(faults)
    write_json(out / "selftest.json", as_json(matrix))
    write_text(out / "selftest.html", page(matrix))
    found = [problem for problem in problems(matrix) if not faults or "turned red by no fault" not in problem]
    for problem in found[:_MOST_LINES]:
        click.echo(problem)
    if len(found) > _MOST_LINES:
        click.echo(f"and {len(found) - _MOST_LINES} more")
    click.echo(sentence(matrix))
    click.echo(f"report: {out / 'selftest.html'}")
    return 1 if found else 0


def print_legal_variants(out: Path) -> int:
    """Exit 0 when no combination of legal variants raises an alarm, else 1."""
    legal = try_legal_variants(progress=lambda row, rows: click.echo(f"run {row} of {rows}"))
    write_json(out / "variants.json", legal_as_json(legal))
    for alarm in legal.alarms[:_MOST_LINES]:
        click.echo(f"{alarm.outcome} {alarm.result}: {alarm.message}")
    click.echo(legal_sentence(legal))
    click.echo(f"report: {out / 'variants.json'}")
    return 1 if legal.alarms else 0


def legal_sentence(legal: Legal) -> str:
    """What was tried, in a sentence."""
    together, possible = legal.together
    return (
        f"{len(legal.variants)} legal variants tried in {len(legal.rows)} whole runs, "
        f"{together} of {possible} pairs together, {len(legal.alarms)} false alarms"
    )


def legal_as_json(legal: Legal) -> dict[str, object]:
    """The document that is written as variants.json."""
    return {
        "schema": "conformance-variants/1",
        "sentence": legal_sentence(legal),
        "runs": [sorted(row) for row in legal.rows],
        "alarms": [
            {"variants": sorted(a.row), "result": a.result, "outcome": a.outcome, "message": a.message}
            for a in legal.alarms
        ],
    }


def sentence(matrix: KillMatrix) -> str:
    """The matrix in a sentence."""
    return (
        f"{len(matrix.kills)} faults: {len(matrix.of('named'))} caught by exactly what they name, "
        f"{len(matrix.of('both'))} by more, {len(matrix.of('others'))} by others; "
        f"{len(matrix.of('survived'))} survived. "
        f"{len(matrix.never_red)} of {len(matrix.checked)} checked requirements are turned red by no fault."
    )


def as_json(matrix: KillMatrix) -> dict[str, object]:
    """The document that is written as selftest.json."""
    return {
        "schema": "conformance-selftest/1",
        "sentence": sentence(matrix),
        "never_red": list(matrix.never_red),
        "faults": [
            {
                "name": kill.fault,
                "lies": kill.lies,
                "verdict": kill.verdict,
                "names": list(kill.named),
                "caught_by": list(kill.killed_by),
                "results": dict(kill.results),
                "untestable": kill.untestable,
            }
            for kill in matrix.kills
        ],
    }


def page(matrix: KillMatrix) -> str:
    """The matrix as one HTML file."""
    return render(
        "selftest.html.j2",
        styles=("base.css", "report.css"),
        scripts=("base.js",),
        sentence=sentence(matrix),
        kills=sorted(matrix.kills, key=lambda kill: (kill.verdict == "named", kill.fault)),
        never_red=matrix.never_red,
        requirements=load_contract().requirements,
    )
