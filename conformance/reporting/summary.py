"""``summary.md``: a run in Markdown, short enough for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conformance.contract import Requirement
from conformance.reporting import groups, vocabulary
from conformance.reporting.markdown import code, prose, table
from conformance.reporting.vocabulary import AVAILABILITIES, OBSERVATIONS, OUTCOMES, VERDICTS, Results

MARKS: Mapping[str, str] = {
    "pass": "✅", "fail": "❌", "warn": "⚠️", "gated": "🔷", "untestable": "❔", "not_tested": "⚪",
    "waived": "🏳️", "conforming": "✅", "violations": "❌", "incomplete": "❔",
}  # fmt: skip
_MOST_ROWS = 50


def render_summary(results: Results, requirements: Mapping[str, Requirement], *, report: str = "") -> str:
    """The summary; ``report`` is where the HTML report can be read."""
    lines = [*_top(results, report)]
    for title, outcome in (("Failures", "fail"), ("Waived", "waived"), ("Warnings", "warn")):
        lines += _section(title, _broken(results, outcome, requirements))
    for outcome in ("untestable", "gated", "not_tested"):
        lines += _section(OUTCOMES[outcome].label.capitalize(), _causes(results, outcome))
    lines += _section("Endpoints", _endpoints(results))
    return "\n".join(lines) + "\n"


def _top(results: Results, report: str) -> Iterator[str]:
    yield f"## {MARKS[results['verdict']]} {prose(vocabulary.verdict_sentence(results))}"
    yield ""
    yield vocabulary.tally(results, code)
    yield ""
    contract = results["suite"]["contract"]
    target, sha256 = results["target"], code(contract["sha256"][:12])
    yield f"Target {code(target['base_url'])}, {prose(target['scope'])}, {results['started_at'][:19]}Z; "
    yield f"contract {prose(contract['name'])} {prose(contract['version'])} ({sha256}), "
    yield f"suite {prose(results['suite']['version'])}, {vocabulary.plural(results['requests'], 'request')}."
    for note in results.get("notes", []):
        yield f"\n> {code(note)}"
    if report:
        yield f"\nReport: {report}"


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", f"### {title}", "", *lines] if lines else []


def _broken(results: Results, outcome: str, requirements: Mapping[str, Requirement]) -> list[str]:
    grouped: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for entry in results["results"]:
        if entry["outcome"] == outcome:
            grouped.setdefault((entry["requirement"], groups.signature_of(entry)), []).append(entry)
    rows = [
        (
            f"**{rid}** {found[0]['level']}",
            prose(groups.sentence_of(rid, requirements)),
            code(str(found[0]["message"]), 200),
            f"{code(str(found[0]['case']))}{f' and {len(found) - 1} more' if len(found) > 1 else ''}",
        )
        for (rid, _), found in sorted(grouped.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return _bounded(["Requirement", "Sentence", "Seen", "Case"], rows)


def _causes(results: Results, outcome: str) -> list[str]:
    counts: dict[str, int] = {}
    for entry in results["results"]:
        if entry["outcome"] == outcome:
            counts[entry["message"]] = counts.get(entry["message"], 0) + 1
    rows = [
        (str(count), code(message, 200))
        for message, count in sorted(counts.items(), key=lambda item: -item[1])
    ]
    return _bounded(["Results", "Why"], rows)


def _endpoints(results: Results) -> list[str]:
    rows = [
        (
            code(row["operation"]),
            AVAILABILITIES[row["availability"]].label,
            OBSERVATIONS[row["observed"]].label,
            f"{MARKS[row['verdict']]} {VERDICTS[row['verdict']].label}",
            code(row["message"], 120) if row["message"] else "",
        )
        for row in results["operations"]
    ]
    return table(["Operation", "Promised", "Observed", "Verdict", ""], rows)


def _bounded(head: list[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = table(head, rows[:_MOST_ROWS])
    return (
        [*lines, "", f"… and {len(rows) - _MOST_ROWS} more, in the report."]
        if len(rows) > _MOST_ROWS
        else lines
    )
