"""A made-up run, as realistic as a real one: results.json, its exchanges and the requirements they name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.contract import Applicability, Requirement
from conformance.datafiles import load_yaml
from conformance.exchange import Exchange
from tests.reporting.sample_exchanges import (
    HOSTILE,
    chat_exchange,
    cut_exchanges,
    html_exchange,
    leak_exchange,
    socket_exchange,
    sse_exchange,
)

CONTRACT = load_yaml(Path(__file__).with_name("sample_contract.yaml"))
OPERATIONS: list[dict[str, str]] = CONTRACT["operations"]
LEVELS: dict[str, str] = {entry["id"]: entry["level"] for entry in CONTRACT["requirements"]}
_FILE_PATH = 'File "/srv/gateway/app.py", line 88, in route: KeyError upstream-7'


@dataclass(frozen=True)
class Sample:
    """What a report is rendered from."""

    results: dict[str, Any]
    exchanges: dict[str, Exchange]
    requirements: dict[str, Requirement]
    notes: dict[str, str]


def requirements() -> dict[str, Requirement]:
    """The sample's ledger."""
    return {
        entry["id"]: Requirement(**entry, applies_to=Applicability(), check="c")
        for entry in CONTRACT["requirements"]
    }


def finding(expected: str, seen: str, where: str, exchange: str = "") -> dict[str, str]:
    """One finding as results.json has it."""
    return {"expected": expected, "seen": seen, "where": where, "exchange": exchange}


def result(
    case: str,
    requirement: str,
    level: str,
    operation: str,
    outcome: str = "pass",
    message: str = "",
    findings: list[dict[str, str]] | None = None,
    exchanges: list[str] | None = None,
    attempts: int = 1,
) -> dict[str, Any]:
    """One result as results.json has it."""
    return {
        "id": f"{case}::{requirement}",
        "requirement": requirement,
        "level": level,
        "operation": operation,
        "case": case,
        "outcome": outcome,
        "message": message,
        "findings": findings or [],
        "exchanges": exchanges or [],
        "attempts": attempts,
    }


def _telling(hostile: bool) -> tuple[list[dict[str, Any]], list[Exchange]]:
    """The results that are not plain passes, and what they were judged on."""
    exchanges = [
        chat_exchange("chat/minimal/json"),
        chat_exchange("chat/tools/auto", number=2, total=99),
        sse_exchange("chat/minimal/stream"),
        socket_exchange("realtime/session/minimal"),
        leak_exchange("responses/unknown/previous", HOSTILE if hostile else _FILE_PATH),
        html_exchange("unavailable/files/list"),
        *cut_exchanges("responses/minimal/stream"),
    ]
    return [_told(entry, exchanges, hostile) for entry in CONTRACT["results"]], exchanges


def _told(entry: Mapping[str, Any], exchanges: list[Exchange], hostile: bool) -> dict[str, Any]:
    """A result of the file; where a text begins with ``~``, a hostile target puts its own in."""

    def text(value: str) -> str:
        harmless, _, rest = value.partition("~")
        return harmless + (HOSTILE if hostile and rest else rest)

    judged = [exchange.id for exchange in exchanges if exchange.case == entry["case"]]
    found = [finding(text(e), text(s), where, judged[-1]) for e, s, where in entry.get("findings", [])]
    told = {"message": text(entry.get("message", "")), "attempts": entry.get("attempts", max(1, len(judged)))}
    return result(
        entry["case"],
        entry["requirement"],
        LEVELS[entry["requirement"]],
        entry["operation"],
        entry["outcome"],
        findings=found,
        exchanges=judged,
        **told,
    )


def _bulk(count: int, fail_share: int, body_size: int) -> Iterator[tuple[dict[str, Any], list[Exchange]]]:
    """Plain passes, and one failure in every ``fail_share`` (0: none) with an exchange of its own."""
    ledger = [rid for rid in LEVELS if rid not in {"IMG-001", "RT-002"}]
    judged = [row for row in OPERATIONS if row.get("verdict", "conforming") in {"conforming", "violations"}]
    for number in range(count):
        rid = ledger[number % len(ledger)]
        row = judged[(number // len(ledger)) % len(judged)]
        case = f"{row['workload']}/bulk-{number // len(ledger)}/json"
        if fail_share and number % fail_share == 0 and LEVELS[rid] == "MUST":
            exchange = chat_exchange(case, number=number, body_size=body_size)
            found = [finding("21", "27", "/usage/total_tokens", exchange.id)]
            message = "expected 21 at /usage/total_tokens, saw 27"
            yield (
                result(case, rid, "MUST", row["operation"], "fail", message, found, [exchange.id]),
                [exchange],
            )
        else:
            yield result(case, rid, LEVELS[rid], row["operation"], exchanges=[f"{case}#0.1"]), []


def sample(
    results: int = 200,
    *,
    fail_share: int = 0,
    body_size: int = 0,
    hostile: bool = False,
    telling: bool = True,
    base_url: str = "https://api.example.com/v1",
) -> Sample:
    """A run of about ``results`` results; a ``hostile`` target attacks whoever reads its answers."""
    found, exchanges = _telling(hostile) if telling else ([], [])
    for entry, more in _bulk(max(0, results - len(found)), fail_share, body_size):
        found.append(entry)
        exchanges += more
    rows = [_row(row, telling) for row in OPERATIONS]
    document = document_of(found, rows, base_url=base_url)
    if hostile:
        document["target"]["models"]["images"] = HOSTILE
        document["notes"] = [f"The target said {HOSTILE}"]
        rows[3]["message"] = HOSTILE
    notes = {row["operation"]: row["note"] for row in OPERATIONS}
    return Sample(document, {e.id: e for e in exchanges}, requirements(), notes)


def _row(row: Mapping[str, str], telling: bool) -> dict[str, Any]:
    kept = {"verdict": "conforming", "observed": "works", "message": ""}
    told = kept | {key: value for key, value in row.items() if key != "note" and (telling or key not in kept)}
    return {**told, "requests": 0 if told["verdict"] in {"not_tested", "incomplete"} else 14}


def document_of(
    results: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    *,
    base_url: str = "https://api.example.com/v1",
    sha256: str = "ab" * 32,
) -> dict[str, Any]:
    """A results.json around ``results``."""
    counts = Counter(entry["outcome"] for entry in results)
    verdict = (
        "violations"
        if counts["fail"] or counts["waived"]
        else "incomplete"
        if counts["untestable"]
        else "conforming"
    )
    outcomes = ("pass", "fail", "warn", "gated", "untestable", "not_tested", "waived")
    return {
        "schema": "conformance-results/1",
        "suite": {
            "version": "0.1.0",
            "contract": {"name": "Public OpenAI-compatible API", "version": "1.0.0", "sha256": sha256},
        },
        "target": {
            "base_url": base_url,
            "models": {"text": "example-large"},
            "scope": "every operation that has cases",
        },
        "started_at": "2026-11-25T09:00:00Z",
        "finished_at": "2026-11-25T09:01:12Z",
        "requests": 231,
        "verdict": verdict,
        "counts": {name: counts[name] for name in outcomes},
        "notes": [],
        "operations": rows,
        "results": results,
    }


def with_outcomes(changes: Mapping[str, str], base: Sample | None = None) -> dict[str, Any]:
    """The sample's results.json with the outcomes of some results replaced, by result id."""
    document: dict[str, Any] = json.loads(json.dumps((base or sample(60)).results))
    for entry in document["results"]:
        if entry["id"] in changes:
            entry["outcome"] = changes[entry["id"]]
            entry["findings"] = (
                [finding("yes", "no", "/x")] if entry["outcome"] in {"fail", "warn", "waived"} else []
            )
            entry["message"] = entry["message"] or f"made {entry['outcome']}"
    return document_of(document["results"], document["operations"])
