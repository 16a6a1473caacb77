"""Everything that a run leaves in its folder: results.json, the report, the summary, JUnit, Allure, the comparison."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.contract import Contract
from conformance.datafiles import check_against_schema
from conformance.errors import DataError, OutputError, UsageError
from conformance.exchange import Exchange
from conformance.judging.results import Results
from conformance.judging.waivers import Waiver, apply_waivers, load_waivers
from conformance.probing.recording import read
from conformance.reporting.allure import write_allure
from conformance.reporting.diff import compare, diff_markdown, render_diff
from conformance.reporting.github import step_summary, workflow_commands
from conformance.reporting.html import render_report
from conformance.reporting.junit import render_junit
from conformance.reporting.summary import render_summary
from conformance.run import contract_identity, write_bytes, write_json, write_text


@dataclass(frozen=True)
class Outputs:
    """What is written besides the results, and how strictly the exit code is taken."""

    out: Path
    strict: bool = False
    waivers: tuple[Waiver, ...] = ()
    baseline: Mapping[str, Any] | None = None
    allure: bool = False


@dataclass(frozen=True)
class Written:
    """The results as written, with the exit code and what the user should read besides."""

    results: Results
    exit_code: int
    remarks: tuple[str, ...] = ()


def outputs_of(
    contract: Contract,
    out: Path,
    *,
    strict: bool,
    waivers: Path | None,
    baseline: Path | None = None,
    allure: bool = False,
) -> Outputs:
    """Read waivers and baseline before anything is sent. Raises DataError and UsageError."""
    return Outputs(
        out=out,
        strict=strict,
        waivers=_waivers(contract, waivers) if waivers else (),
        baseline=load_results(baseline) if baseline else None,
        allure=allure,
    )


def _waivers(contract: Contract, path: Path) -> tuple[Waiver, ...]:
    requirements = contract.requirements.values()
    properties = [one.id for one in requirements if one.applies_to.is_of_generated]
    return load_waivers(path, contract.requirements, properties)


def load_results(path: Path) -> Mapping[str, Any]:
    """A results.json, or the folder that holds one. Raises UsageError and DataError."""
    file = path / "results.json" if path.is_dir() else path
    try:
        document: Mapping[str, Any] = json.loads(file.read_bytes())
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except ValueError:
        raise DataError(str(file), "", "is not JSON") from None
    check_against_schema(document, "results", str(file))
    return document


@contextmanager
def writable(out: Path) -> Iterator[None]:
    """The folder, made; and taken away again when nothing came of it. Raises UsageError, as nothing was done yet."""
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise UsageError(f"--out {out} cannot be written: {error.strerror}") from None
    try:
        yield
    finally:
        with suppress(OSError):  # it is not empty, as it should be
            for folder in made:
                folder.rmdir()


_LEFT = (
    "results.json", "index.html", "summary.md", "junit.xml", "workflow-commands.txt", "diff.html", "diff.md",
)  # fmt: skip


_LEFT_FOLDERS = ("frozen", "shrinking")


def remove_outputs(out: Path) -> None:
    """Remove what an earlier run left, so that nobody takes it for this one's. Raises OutputError."""
    try:
        for name in _LEFT:
            (out / name).unlink(missing_ok=True)
        for folder in _LEFT_FOLDERS:
            for path in (out / folder).glob("*"):
                path.unlink()
            with suppress(FileNotFoundError):
                (out / folder).rmdir()
    except OSError as error:
        raise OutputError(f"{error.filename} cannot be replaced: {error.strerror}") from None


def write_outputs(contract: Contract, results: Results, recording: Path, outputs: Outputs) -> Written:
    """Write all files below ``outputs.out``. Raises OutputError."""
    ended = datetime.datetime.fromisoformat(results.finished_at or results.started_at).date()
    waived = apply_waivers(results.results, outputs.waivers, ended)
    results = dataclasses.replace(results, results=waived.results)
    document = json.loads(json.dumps(results.as_json()))
    check_against_schema(document, "results", "results.json")
    exchanges = {exchange.id: exchange for exchange in read(recording).exchanges}
    write_json(outputs.out / "results.json", document)
    _write_views(contract, document, exchanges, outputs)
    remarks = [f"stale: {stale}" for stale in waived.stale]
    remarks += _compared(contract, document, outputs)
    code = results.exit_code(strict=outputs.strict, stale_waivers=bool(waived.stale))
    return Written(results, code, tuple(remarks))


def _write_views(
    contract: Contract, document: Mapping[str, Any], exchanges: Mapping[str, Exchange], outputs: Outputs
) -> None:
    requirements = contract.requirements
    write_text(outputs.out / "index.html", html_of(contract, document, exchanges))
    write_text(outputs.out / "summary.md", render_summary(document, requirements, report="index.html"))
    write_bytes(
        outputs.out / "junit.xml", render_junit(document, requirements, exchanges, strict=outputs.strict)
    )
    if outputs.allure:
        write_allure(outputs.out / "allure-results", document, exchanges, requirements, report="index.html")
    _tell_github(contract, document, outputs)


def html_of(contract: Contract, document: Mapping[str, Any], exchanges: Mapping[str, Exchange]) -> str:
    """The report of one results document."""
    notes = {operation.name: operation.note for operation in contract.operations.values()}
    installed = contract_identity(contract)["sha256"]
    return render_report(document, exchanges, contract.requirements, notes=notes, installed_sha256=installed)


def _compared(contract: Contract, document: Mapping[str, Any], outputs: Outputs) -> list[str]:
    """The comparison with the baseline, in two files and a sentence; it informs and never gates."""
    if outputs.baseline is None:
        return []
    diff = compare(outputs.baseline, document, allow_other_contract=True)
    write_text(outputs.out / "diff.html", render_diff(diff, contract.requirements))
    write_text(outputs.out / "diff.md", diff_markdown(diff, contract.requirements))
    return [*diff.warnings, f"since the baseline: {diff.sentence} See {outputs.out / 'diff.html'}"]


def _tell_github(contract: Contract, document: Mapping[str, Any], outputs: Outputs) -> None:
    """The step summary where a workflow has asked for one; workflow commands go to a file that action.yml prints."""
    commands = workflow_commands(document, contract.requirements)
    write_text(outputs.out / "workflow-commands.txt", "\n".join(commands) + "\n")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(step_summary(document, contract.requirements))
        except OSError as error:
            raise OutputError(f"GITHUB_STEP_SUMMARY {summary} cannot be written: {error.strerror}") from None
