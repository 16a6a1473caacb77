"""``conformance diff`` and ``conformance matrix``: results beside results."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from conformance.contract import load_contract
from conformance.output import load_results, writable
from conformance.reporting.diff import KINDS, compare, diff_markdown, render_diff
from conformance.reporting.matrix import columns, matrix_csv, matrix_markdown, render_matrix
from conformance.run import write_text
from conformance.text import one_line

_MOST_LINES = 40


def print_diff(old: Path, new: Path, out: Path | None, *, allow_other_contract: bool) -> int:
    """A line for each change, the files where asked for, and exit code 1 on a new violation."""
    requirements = load_contract().requirements
    found = compare(load_results(old), load_results(new), allow_other_contract=allow_other_contract)
    for warning in found.warnings:
        click.echo(f"note: {one_line(warning)}")
    for kind in KINDS:
        changes = found.of(kind) if kind != "unchanged" else ()
        for change in changes[:_MOST_LINES]:
            click.echo(f"{kind}: {one_line(change.id)}")
        if len(changes) > _MOST_LINES:
            click.echo(f"{kind}: and {len(changes) - _MOST_LINES} more")
    click.echo(found.sentence)
    if out is not None:
        with writable(out.parent):
            write_text(out, render_diff(found, requirements))
            write_text(out.with_suffix(".md"), diff_markdown(found, requirements))
        click.echo(f"report: {out}")
    return found.exit_code


def write_matrix(runs: Sequence[tuple[str, Path]], out: Path) -> int:
    """The matrix of ``(name, results)`` as HTML, CSV and Markdown."""
    requirements = load_contract().requirements
    targets = columns([(name, load_results(path), _report_of(path, out)) for name, path in runs])
    with writable(out.parent):
        write_text(out, render_matrix(targets, requirements))
        write_text(out.with_suffix(".csv"), matrix_csv(targets, requirements))
        write_text(out.with_suffix(".md"), matrix_markdown(targets, requirements))
    click.echo(f"{len(runs)} targets: {out}")
    return 0


def _report_of(results: Path, out: Path) -> str:
    """Where the report of these results is, as seen from the matrix; empty when it is not there."""
    folder = results if results.is_dir() else results.parent
    report = folder / "index.html"
    return Path(os.path.relpath(report, out.parent)).as_posix() if report.is_file() else ""
