"""Everything that a run leaves in its folder: results.json, the report, the summary, JUnit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.contract import Contract
from conformance.datafiles import check_against_schema
from conformance.exchange import Exchange
from conformance.judging.results import Results
from conformance.probing.recording import read
from conformance.reporting.html import render_report
from conformance.run import contract_identity, write_json, write_text
from conformance.settings import Settings


def write_outputs(contract: Contract, results: Results, settings: Settings) -> int:
    """Write all files below ``settings.out`` and give the exit code. Raises OutputError."""
    document = results.as_json()
    write_report_files(contract, document, settings.out)
    return results.exit_code(strict=settings.strict)


def write_report_files(contract: Contract, document: Mapping[str, Any], out: Path) -> None:
    """results.json and every view of it."""
    check_against_schema(json.loads(json.dumps(document)), "results", "results.json")
    exchanges = {exchange.id: exchange for exchange in read(out / "recording").exchanges}
    write_json(out / "results.json", document)
    write_text(out / "index.html", html_of(contract, document, exchanges))


def html_of(contract: Contract, document: Mapping[str, Any], exchanges: Mapping[str, Exchange]) -> str:
    """The report of one results document."""
    notes = {operation.name: operation.note for operation in contract.operations.values()}
    return render_report(
        document, exchanges, contract.requirements, notes=notes, installed_sha256=contract_identity(contract)["sha256"]
    )
