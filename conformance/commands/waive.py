"""``conformance waive``: a draft waiver from a failure."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from conformance.checks.subject import Finding
from conformance.contract import load_contract
from conformance.errors import UsageError
from conformance.judging.results import Result
from conformance.judging.waivers import UNFROZEN, draft, is_frozen
from conformance.output import load_results


def print_draft(results: Path, result_id: str) -> int:
    """Print the entry. Raises UsageError when there is no such result, or it did not fail."""
    found = next((entry for entry in load_results(results)["results"] if entry["id"] == result_id), None)
    if found is None:
        raise UsageError(f"{results} has no result {result_id}")
    if found["outcome"] != "fail":
        raise UsageError(f"{result_id} is {found['outcome']}: only a failure can be waived")
    requirement = load_contract().requirements.get(found["requirement"])
    if requirement is not None and requirement.applies_to.is_of_generated and not is_frozen(found["case"]):
        raise UsageError(f"{result_id} {UNFROZEN}{_kept(results, found['case'])}")
    findings = tuple(
        Finding(f["expected"], f["seen"], f["where"], f.get("exchange", "")) for f in found["findings"]
    )
    result = Result(**{**found, "findings": findings, "exchanges": tuple(found["exchanges"])})
    click.echo(draft(result, datetime.datetime.now(datetime.UTC).date()), nl=False)
    return 0


def _kept(results: Path, case: str) -> str:
    """Where the run kept what failed, if it did."""
    folder = results if results.is_dir() else results.parent
    file = folder / "frozen" / f"{case.partition('/')[0]}.yaml"
    return f" (here: {file})" if file.is_file() else ""
