"""``junit.xml``: one test case a result, as GitHub, GitLab and Jenkins read it.

fail → failure     untestable → error     gated, not_tested, waived → skipped     pass, warn → passed
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

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
    workloads = {row["operation"]: row["workload"] for row in results["operations"]}
    grouped: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for entry in results["results"]:
        grouped[entry["operation"]].append(entry)
    suites = [
        _suite(
            operation, workloads.get(operation, ""), entries, results, requirements, exchanges or {}, strict
        )
        for operation, entries in grouped.items()
    ]
    counts = _counts(results["results"], strict)
    root = _element(
        "testsuites", {"name": "API conformance", **counts, "time": f"{_seconds(results):.3f}"}, suites
    )
    return f"<?xml version='1.0' encoding='utf-8'?>\n{root}\n".encode()


def _suite(
    operation: str,
    workload: str,
    entries: Sequence[Mapping[str, Any]],
    results: Results,
    requirements: Mapping[str, Requirement],
    exchanges: Mapping[str, Exchange],
    strict: bool,
) -> str:
    # Jenkins takes what stands before the last dot as the package
    class_name = f"{workload}.{operation.replace('.', '_')}" if workload else operation.replace(".", "_")
    times = [_time(entry, exchanges) for entry in entries]
    cases = [
        _case(entry, {"classname": class_name, "time": f"{time:.3f}"}, requirements, strict)
        for entry, time in zip(entries, times, strict=True)
    ]
    facts = {**_counts(entries, strict), "time": f"{sum(times):.3f}", "timestamp": results["started_at"][:19]}
    return _element("testsuite", {"name": operation, **facts}, cases)


def _case(
    entry: Mapping[str, Any], facts: Mapping[str, str], requirements: Mapping[str, Requirement], strict: bool
) -> str:
    sentence = groups.sentence_of(entry["requirement"], requirements)
    known = {name: entry[name] for name in ("requirement", "level", "operation", "outcome")}
    properties = [
        _element("property", {"name": name, "value": value})
        for name, value in {**known, "sentence": sentence}.items()
    ]
    inside = [_element("properties", {}, properties)]
    outcome = entry["outcome"]
    element = _element_of(outcome, strict)
    if element:
        message = f"{OUTCOMES[outcome].label}: {shorten(entry['message'], 500)}"
        inside.append(_element(element, {"message": message, "type": outcome}, text=_text(entry, sentence)))
    elif entry["message"]:
        inside.append(_element("system-out", {}, text=_text(entry, sentence)))
    return _element("testcase", {"name": entry["id"], **facts}, inside)


def _element(name: str, attributes: Mapping[str, str], inside: Sequence[str] = (), *, text: str = "") -> str:
    """One element as XML, its children a line each; a tree of objects takes twice as long."""
    given = "".join(f" {key}={_quoted(value)}" for key, value in attributes.items())
    content = "".join(f"\n{child}" for child in inside) + ("\n" if inside else "")
    content += escape(printable(text, lines=True))
    return f"<{name}{given}>{content}</{name}>" if content else f"<{name}{given}/>"


@functools.lru_cache(maxsize=4096)  # levels, operations and sentences, again and again
def _quoted(value: str) -> str:
    return quoteattr(printable(value))


def _element_of(outcome: str, strict: bool) -> str | None:
    return "failure" if strict and outcome == "warn" else _ELEMENTS.get(outcome)


def _text(entry: Mapping[str, Any], sentence: str) -> str:
    lines = [f"{entry['requirement']} ({entry['level']}): {sentence}", entry["message"]]
    for finding in entry["findings"]:
        lines.append(
            f"expected {finding['expected']}, saw {finding['seen']}"
            + (f", at {finding['where']}" if finding["where"] else "")
        )
    if entry["exchanges"]:
        lines.append(f"exchanges: {', '.join(entry['exchanges'][-5:])}")
    return shorten("\n".join(lines), _MOST_TEXT)


def _counts(entries: Sequence[Mapping[str, Any]], strict: bool) -> dict[str, str]:
    found = Counter(_element_of(entry["outcome"], strict) for entry in entries)
    return {"tests": str(len(entries)), **{name: str(found[name.removesuffix("s")]) for name in _COUNTED}}


def _time(entry: Mapping[str, Any], exchanges: Mapping[str, Exchange]) -> float:
    judged = [exchanges[i] for i in entry["exchanges"] if i in exchanges]
    return sum(max(0.0, exchange.ended_at - exchange.started_at) for exchange in judged)


def _seconds(results: Results) -> float:
    if results["finished_at"] is None:
        return 0.0
    started, finished = (datetime.fromisoformat(results[key]) for key in ("started_at", "finished_at"))
    return (finished - started).total_seconds()
