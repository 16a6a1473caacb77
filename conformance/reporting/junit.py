"""``junit.xml``: one test case a result, as GitHub, GitLab and Jenkins read it.

fail → failure     untestable → error     gated, not_tested, waived → skipped     pass, warn → passed
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from conformance.contract import Requirement
from conformance.exchange import Exchange
from conformance.reporting import groups
from conformance.reporting.vocabulary import OUTCOMES, Results
from conformance.text import printable, shorten

_ELEMENTS = {
    "fail": "failure",
    "untestable": "error",
    "gated": "skipped",
    "not_tested": "skipped",
    "waived": "skipped",
}
_COUNTED = ("failures", "errors", "skipped")
_MOST_TEXT = 4000


def render_junit(
    results: Results,
    requirements: Mapping[str, Requirement],
    exchanges: Mapping[str, Exchange] | None = None,
    *,
    strict: bool = False,
) -> bytes:
    """The XML; ``strict`` makes warnings failures, as for the exit code; times are those of ``exchanges``."""
    root = ElementTree.Element("testsuites", name="API conformance")
    workloads = {row["operation"]: row["workload"] for row in results["operations"]}
    grouped: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for entry in results["results"]:
        grouped[entry["operation"]].append(entry)
    for operation, entries in grouped.items():
        suite = _suite(
            operation, workloads.get(operation, ""), entries, requirements, exchanges or {}, strict
        )
        suite.set("timestamp", results["started_at"][:19])
        root.append(suite)
    _count(root, root.iter("testcase"))
    root.set("time", f"{_seconds(results):.3f}")
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(
    operation: str,
    workload: str,
    entries: Sequence[Mapping[str, Any]],
    requirements: Mapping[str, Requirement],
    exchanges: Mapping[str, Exchange],
    strict: bool,
) -> ElementTree.Element:
    suite = ElementTree.Element("testsuite", name=printable(operation))
    # Jenkins takes what stands before the last dot as the package
    class_name = f"{workload}.{operation.replace('.', '_')}" if workload else operation.replace(".", "_")
    for entry in entries:
        case = _case(entry, requirements, strict)
        case.set("classname", printable(class_name))
        case.set("time", f"{_time(entry, exchanges):.3f}")
        suite.append(case)
    _count(suite, suite.iter("testcase"))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in suite.iter('testcase')):.3f}")
    return suite


def _case(
    entry: Mapping[str, Any], requirements: Mapping[str, Requirement], strict: bool
) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=printable(entry["id"]))
    sentence = groups.sentence_of(entry["requirement"], requirements)
    properties = ElementTree.SubElement(case, "properties")
    facts = {name: entry[name] for name in ("requirement", "level", "operation", "outcome")} | {
        "sentence": sentence
    }
    for name, value in facts.items():
        ElementTree.SubElement(properties, "property", name=name, value=printable(str(value)))
    outcome = entry["outcome"]
    element = "failure" if strict and outcome == "warn" else _ELEMENTS.get(outcome)
    text = shorten(_text(entry, sentence), _MOST_TEXT)
    if element:
        message = f"{OUTCOMES[outcome].label}: {shorten(entry['message'], 500)}"
        told = ElementTree.SubElement(case, element, message=printable(message), type=outcome)
        told.text = printable(text, lines=True)
    elif entry["message"]:
        ElementTree.SubElement(case, "system-out").text = printable(text, lines=True)
    return case


def _text(entry: Mapping[str, Any], sentence: str) -> str:
    lines = [f"{entry['requirement']} ({entry['level']}): {sentence}", entry["message"]]
    for finding in entry["findings"]:
        lines.append(
            f"expected {finding['expected']}, saw {finding['seen']}"
            + (f", at {finding['where']}" if finding["where"] else "")
        )
    if entry["exchanges"]:
        lines.append(f"exchanges: {', '.join(entry['exchanges'][-5:])}")
    return "\n".join(lines)


def _count(element: ElementTree.Element, cases: Any) -> None:
    found = list(cases)
    element.set("tests", str(len(found)))
    for name in _COUNTED:
        element.set(name, str(sum(case.find(name.removesuffix("s")) is not None for case in found)))


def _time(entry: Mapping[str, Any], exchanges: Mapping[str, Exchange]) -> float:
    judged = [exchanges[i] for i in entry["exchanges"] if i in exchanges]
    return sum(max(0.0, exchange.ended_at - exchange.started_at) for exchange in judged)


def _seconds(results: Results) -> float:
    if results["finished_at"] is None:
        return 0.0
    started, finished = (datetime.fromisoformat(results[key]) for key in ("started_at", "finished_at"))
    return (finished - started).total_seconds()
