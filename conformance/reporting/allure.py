"""``allure-results/``: one Allure result for each of ours, for its command line (a view, never the record).

pass, warn → passed     fail → failed     waived → failed, known and muted
untestable → broken     gated, not_tested → skipped
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from conformance.contract import Requirement
from conformance.errors import OutputError
from conformance.exchange import Exchange
from conformance.reporting import groups
from conformance.reporting.curl import command
from conformance.reporting.vocabulary import OUTCOMES, Results
from conformance.text import decode, one_line, printable, shorten

_STATUS = {
    "pass": "passed", "warn": "passed", "fail": "failed", "waived": "failed", "untestable": "broken",
    "gated": "skipped", "not_tested": "skipped",
}  # fmt: skip
_SEVERITY = {"MUST": "critical", "SHOULD": "normal", "MAY": "minor"}
_NAMESPACE = uuid.UUID("6f1f7f0e-4f0e-5d6b-9a52-0f6f2a3f7a11")
_MOST_BODY = 64_000  # bytes of a response that are attached
_MOST_ATTACHED = 4  # exchanges of one result
_SCRIPT = re.compile(r"\s*<script\b([^>]*)>(.*?)</script>", re.DOTALL)
_MOST_ANALYTICS = 4000  # characters: the page's own scripts are far longer


def write_allure(
    folder: Path,
    results: Results,
    exchanges: Mapping[str, Exchange],
    requirements: Mapping[str, Requirement],
    *,
    report: str = "",
) -> int:
    """Replace ``folder`` by this run's results; returns how many. ``report`` is where the HTML report is.

    Raises OutputError when it cannot be written.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        writer = _Writer(folder, results, exchanges, requirements, report)
        for entry in results["results"]:
            writer.write(entry)
        (folder / "environment.properties").write_text(_environment(results), "utf-8")
        (folder / "categories.json").write_text(json.dumps(_CATEGORIES, indent=1), "utf-8")
    except OSError as error:
        raise OutputError(f"the Allure results cannot be written to {folder}: {error.strerror}") from None
    return len(results["results"])


_CATEGORIES = [
    {"name": "Waived failures", "matchedStatuses": ["failed"], "messageRegex": "(?s)waived: .*"},
    {"name": "Broken MUSTs", "matchedStatuses": ["failed"]},
    {"name": "Untestable", "matchedStatuses": ["broken"]},
    {"name": "Gated", "matchedStatuses": ["skipped"], "messageRegex": "(?s)gated: .*"},
    {"name": "Not tested", "matchedStatuses": ["skipped"], "messageRegex": "(?s)not tested: .*"},
    {"name": "Broken SHOULDs", "matchedStatuses": ["passed"], "messageRegex": "(?s)warn: .*"},
]


class _Writer:
    """Writes results and, once each, the exchanges that they attach."""

    def __init__(
        self,
        folder: Path,
        results: Results,
        exchanges: Mapping[str, Exchange],
        requirements: Mapping[str, Requirement],
        report: str,
    ) -> None:
        self._folder = folder
        self._results = results
        self._exchanges = exchanges
        self._requirements = requirements
        self._report = report
        self._workloads = {row["operation"]: row["workload"] for row in results["operations"]}
        self._attached: dict[str, list[dict[str, str]]] = {}
        self._started = _milliseconds(results["started_at"])

    def write(self, entry: Mapping[str, Any]) -> None:
        document = self._document(entry)
        path = self._folder / f"{document['uuid']}-result.json"
        path.write_text(json.dumps(document, ensure_ascii=True), "utf-8")

    def _document(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        judged = [self._exchanges[i] for i in entry["exchanges"] if i in self._exchanges]
        start = int(min((e.started_at for e in judged), default=0) * 1000) or self._started
        stop = int(max((e.ended_at for e in judged), default=0) * 1000) or start
        sentence = groups.sentence_of(entry["requirement"], self._requirements)
        case_id = hashlib.md5(entry["id"].encode(), usedforsecurity=False).hexdigest()
        return {
            "uuid": str(uuid.uuid5(_NAMESPACE, f"{self._results['started_at']} {entry['id']}")),
            "historyId": case_id,
            "testCaseId": case_id,
            "fullName": printable(entry["id"]),
            "name": printable(entry["id"]),
            "description": printable(self._description(entry, sentence), lines=True),
            "status": _STATUS[entry["outcome"]],
            "statusDetails": _details(entry),
            "stage": "finished",
            "start": start,
            "stop": max(start, stop),
            "labels": self._labels(entry, sentence),
            "links": self._links(entry),
            "parameters": [{"name": "attempts", "value": str(entry["attempts"])}]
            if entry["attempts"] > 1
            else [],
            "steps": [_step(finding, start, stop) for finding in entry["findings"]],
            "attachments": [a for exchange in judged[-_MOST_ATTACHED:] for a in self._attachments(exchange)],
        }

    def _description(self, entry: Mapping[str, Any], sentence: str) -> str:
        sources = groups.sources_of(entry["requirement"], self._requirements)
        lines = [f"{entry['level']}: {sentence}", *(f"{kind}: {text}" for kind, text in sources)]
        return "\n\n".join(lines)

    def _labels(self, entry: Mapping[str, Any], sentence: str) -> list[dict[str, str]]:
        requirement = self._requirements.get(entry["requirement"])
        severity = "blocker" if requirement is not None and requirement.primary else _SEVERITY[entry["level"]]
        labels = {
            "epic": self._workloads.get(entry["operation"], "run"),
            "feature": entry["operation"],
            "story": f"{entry['requirement']} {sentence}",
            "severity": severity,
            "suite": entry["operation"],
            "framework": "openai-api-conformance",
        }
        tags = [entry["level"], OUTCOMES[entry["outcome"]].label]
        pairs = [*labels.items(), *(("tag", tag) for tag in tags)]
        return [{"name": name, "value": one_line(value, 200)} for name, value in pairs]

    def _links(self, entry: Mapping[str, Any]) -> list[dict[str, str]]:
        if not self._report:
            return []
        return [{"name": "in the report", "type": "link", "url": f"{self._report}#{printable(entry['id'])}"}]

    def _attachments(self, exchange: Exchange) -> list[dict[str, str]]:
        if exchange.id not in self._attached:
            self._attached[exchange.id] = list(self._attach(exchange))
        return self._attached[exchange.id]

    def _attach(self, exchange: Exchange) -> Iterator[dict[str, str]]:
        texts = {
            "request": command(exchange, self._results["target"]["base_url"]),
            "response": _response_text(exchange),
        }
        for name, text in texts.items():
            key = uuid.uuid5(_NAMESPACE, f"{self._results['started_at']} {exchange.id} {name}")
            source = f"{key}-attachment.txt"
            (self._folder / source).write_text(text, "utf-8")
            yield {"name": f"{name} {one_line(exchange.id, 80)}", "source": source, "type": "text/plain"}


def _details(entry: Mapping[str, Any]) -> dict[str, Any]:
    if not entry["message"]:
        return {}
    message = f"{OUTCOMES[entry['outcome']].label}: {printable(shorten(entry['message'], 1000))}"
    details: dict[str, Any] = {"message": message}
    if entry["outcome"] == "waived":
        details |= {"known": True, "muted": True}
    if entry["message"].startswith("passed on attempt"):
        details["flaky"] = True
    return details


def _step(finding: Mapping[str, Any], start: int, stop: int) -> dict[str, Any]:
    where = f" at {finding['where']}" if finding["where"] else ""
    name = f"expected {finding['expected']}{where}, saw {finding['seen']}"
    return {
        "name": one_line(name, 500),
        "status": "failed",
        "stage": "finished",
        "start": start,
        "stop": stop,
    }


def _response_text(exchange: Exchange) -> str:
    lines = []
    if exchange.response is not None:
        lines.append(f"{exchange.response.http_version} {exchange.response.status}")
        lines += [f"{name}: {value}" for name, value in exchange.response.headers]
        lines += ["", shorten(decode(exchange.response.body[:_MOST_BODY]), _MOST_BODY)]
        cut = len(exchange.response.body) - _MOST_BODY
        lines += [f"… {cut:,} bytes cut; whole in the recording"] if cut > 0 else []
    for frame in exchange.frames[:200]:
        lines.append(
            f"{frame.at:8.3f} s {frame.sender} {frame.kind}: {shorten(decode(frame.data[:2000]), 1000)}"
        )
    if exchange.failure is not None:
        lines.append(f"{exchange.failure.kind}: {exchange.failure.message}")
    return printable("\n".join(lines), lines=True)


def _environment(results: Results) -> str:
    """Java properties: what is not ASCII is escaped."""
    suite, contract = results["suite"], results["suite"]["contract"]
    facts = {
        "Target": results["target"]["base_url"],
        "Scope": results["target"]["scope"],
        "Contract": f"{contract['name']} {contract['version']} {contract['sha256'][:12]}",
        "Suite": suite["version"],
        "Verdict": results["verdict"],
    } | {f"Model.{name.replace(' ', '_')}": model for name, model in results["target"]["models"].items()}
    return "".join(f"{_property(name)}={_property(value)}\n" for name, value in facts.items())


def _property(text: str) -> str:
    line = one_line(text).replace("\\", "\\\\")
    return "".join(c if " " <= c <= "~" else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else "?" for c in line)


def _milliseconds(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp() * 1000)


def strip_analytics(html: str) -> str:
    """A page of the Allure command line without the scripts that report to its maker's analytics."""
    return _SCRIPT.sub(lambda match: "" if _is_analytics(match[1], match[2]) else match[0], html)


def _is_analytics(attributes: str, script: str) -> bool:
    if len(attributes) + len(script) > _MOST_ANALYTICS:
        return False
    return "googletagmanager.com" in attributes + script or "gtag(" in script


def main(arguments: Sequence[str]) -> int:
    """``python -m conformance.reporting.allure PAGE…``: strip analytics from generated pages, in place."""
    for name in arguments:
        page = Path(name)
        page.write_text(strip_analytics(page.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
