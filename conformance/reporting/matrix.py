"""Many targets side by side: operations by targets, opening into requirements by targets."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from conformance.contract import Requirement
from conformance.reporting.groups import sentence_of
from conformance.reporting.markdown import code, prose, table
from conformance.reporting.page import render
from conformance.reporting.summary import MARKS
from conformance.reporting.vocabulary import (
    AVAILABILITIES,
    OBSERVATIONS,
    OUTCOMES,
    VERDICTS,
    Results,
    plural,
    tally,
    verdict_sentence,
)
from conformance.text import one_line

ABSENT = "absent"
"""The outcome of a cell for which a run has no result."""

_MOST_WHY = 220
_SHAPES = {"conforming": "pass", "violations": "fail", "incomplete": "untestable"}


@dataclass(frozen=True, slots=True)
class Column:
    """One target's run. ``report`` is where its HTML report is, seen from the matrix; empty when nowhere."""

    name: str
    results: Results
    report: str = ""

    @property
    def sentence(self) -> str:
        """Its verdict."""
        return verdict_sentence(self.results)

    @property
    def tally(self) -> str:
        """Its counts."""
        return tally(self.results)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one target showed of one row, why, and where the evidence is.

    ``broken`` is how many of an operation's ``requirements`` failed; both are 0 where nothing did.
    """

    outcome: str
    label: str
    why: str
    href: str = ""
    broken: int = 0
    requirements: int = 0

    @property
    def share(self) -> str:
        """How much of an operation is broken."""
        return f"{self.broken} of {self.requirements}" if self.broken else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement, or an operation, over all targets."""

    name: str
    text: str
    level: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        """True when not all targets came out alike."""
        return len({cell.outcome for cell in self.cells}) > 1


@dataclass(frozen=True, slots=True)
class Block:
    """An operation's row, and the rows that it opens into."""

    row: Row
    workload: str
    availability: str
    rows: tuple[Row, ...]

    @property
    def differs(self) -> bool:
        """True when any of its rows differs."""
        return self.row.differs or any(row.differs for row in self.rows)


def columns(runs: Sequence[tuple[str, Results, str]]) -> list[Column]:
    """Columns of ``(name, results, report)``; without a name the target's host, numbered where it repeats."""
    names = [name or results["target"]["base_url"].partition("://")[2] for name, results, _ in runs]
    repeated = {name for name, count in Counter(names).items() if count > 1}
    seen: Counter[str] = Counter()
    made = []
    for name, (_, results, report) in zip(names, runs, strict=True):
        seen[name] += 1
        made.append(Column(f"{name} #{seen[name]}" if name in repeated else name, results, report))
    return made


def blocks(targets: Sequence[Column], requirements: Mapping[str, Requirement]) -> list[Block]:
    """The matrix: every operation that any run has, in the order of the first run that has it."""
    rows = {row["operation"]: row for column in reversed(targets) for row in column.results["operations"]}
    order = dict.fromkeys(row["operation"] for column in targets for row in column.results["operations"])
    found = [_results_by_requirement(column.results) for column in targets]
    return [_block(rows[operation], targets, found, requirements) for operation in order]


_Found = Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]


def _results_by_requirement(results: Results) -> _Found:
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for entry in results["results"]:
        grouped[entry["operation"], entry["requirement"]].append(entry)
    return grouped


def _block(
    row: Mapping[str, Any],
    targets: Sequence[Column],
    found: Sequence[_Found],
    ledger: Mapping[str, Requirement],
) -> Block:
    operation = row["operation"]
    ids = sorted({rid for results in found for op, rid in results if op == operation})
    opened = tuple(_requirement_row(operation, rid, targets, found, ledger) for rid in ids)
    cells = tuple(_operation_cell(operation, column) for column in targets)
    return Block(Row(operation, "", "", cells), row["workload"], row["availability"], opened)


def _requirement_row(
    operation: str,
    rid: str,
    targets: Sequence[Column],
    found: Sequence[_Found],
    ledger: Mapping[str, Requirement],
) -> Row:
    entries = [results.get((operation, rid), ()) for results in found]
    level = next(group[0]["level"] for group in entries if group)
    cells = tuple(_cell(group, column) for group, column in zip(entries, targets, strict=True))
    return Row(rid, sentence_of(rid, ledger), level, cells)


def _operation_cell(operation: str, column: Column) -> Cell:
    row = next((row for row in column.results["operations"] if row["operation"] == operation), None)
    if row is None:
        return Cell(ABSENT, "not in scope", "this run did not have it in its scope")
    entries = [entry for entry in column.results["results"] if entry["operation"] == operation]
    counts = Counter(entry["outcome"] for entry in entries)
    outcome = _SHAPES.get(row["verdict"], row["verdict"])
    if outcome == "pass" and counts["warn"]:
        outcome = "warn"
    if outcome == "fail" and not counts["fail"] and counts["waived"]:
        outcome = "waived"
    told = ", ".join(f"{counts[name]} {OUTCOMES[name].label}" for name in OUTCOMES if counts[name])
    worst = next((e for name in OUTCOMES for e in entries if e["outcome"] == name and name != "pass"), None)
    reason = row["message"] or (worst["message"] if worst else "")
    why = f"{OBSERVATIONS[row['observed']].label}: {told or 'no results'}" + (f". {reason}" if reason else "")
    broken, every = _broken(entries), len({entry["requirement"] for entry in entries})
    label, href = VERDICTS[row["verdict"]].label, _link(column, worst)
    return Cell(outcome, label, one_line(why, _MOST_WHY), href, broken, every if broken else 0)


def _broken(entries: Iterable[Mapping[str, Any]]) -> int:
    """How many requirements failed, whether a waiver excuses them or not."""
    return len({entry["requirement"] for entry in entries if entry["outcome"] in {"fail", "waived"}})


def _cell(entries: Sequence[Mapping[str, Any]], column: Column) -> Cell:
    if not entries:
        return Cell(ABSENT, "absent", "this run has no result for it")
    worst = min(entries, key=lambda entry: list(OUTCOMES).index(entry["outcome"]))
    same = sum(entry["outcome"] == worst["outcome"] for entry in entries)
    count = f"{same} of {len(entries)} {OUTCOMES[worst['outcome']].label}" if len(entries) > 1 else ""
    why = ": ".join(part for part in (count, worst["message"] or "kept") if part)
    return Cell(
        worst["outcome"], OUTCOMES[worst["outcome"]].label, one_line(why, _MOST_WHY), _link(column, worst)
    )


def _link(column: Column, entry: Mapping[str, Any] | None) -> str:
    if not column.report:
        return ""
    return report_href(column) + (f"#{quote(entry['id'], safe='/:')}" if entry else "#endpoints")


def report_href(column: Column) -> str:
    """The report's address; a folder's name cannot pass for a scheme."""
    is_address = column.report.startswith(("https://", "http://"))
    return column.report if is_address else quote(column.report, safe="/")


def render_matrix(targets: Sequence[Column], requirements: Mapping[str, Requirement]) -> str:
    """The matrix as one HTML page."""
    made = blocks(targets, requirements)
    contracts = {column.results["suite"]["contract"]["sha256"] for column in targets}
    return render(
        "matrix.html.j2",
        styles=("base.css", "matrix.css"),
        scripts=("base.js", "matrix.js"),
        targets=targets,
        hrefs=[report_href(column) for column in targets],
        blocks=made,
        workloads=list(dict.fromkeys(block.workload for block in made)),
        shapes=_SHAPES,
        contracts=len(contracts),
        scopes=len({column.results["target"]["scope"] for column in targets}),
        sentence=_sentence(targets),
    )


def _sentence(targets: Sequence[Column]) -> str:
    verdicts = Counter(column.results["verdict"] for column in targets)
    told = [
        f"{verdicts[name]} {VERDICTS[name].label}" for name in ("conforming", "incomplete") if verdicts[name]
    ]
    told += [f"{verdicts['violations']} with violations"] if verdicts["violations"] else []
    return f"{plural(len(targets), 'target')}: {', '.join(told)}"


def matrix_csv(targets: Sequence[Column], requirements: Mapping[str, Requirement]) -> str:
    """One line for each target of each row; what a spreadsheet would run as a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["operation", "availability", "requirement", "level", "target", "outcome", "why"])
    for block in blocks(targets, requirements):
        for row in (block.row, *block.rows):
            rid = row.name if row is not block.row else ""
            for column, cell in zip(targets, row.cells, strict=True):
                line = [
                    block.row.name,
                    block.availability,
                    rid,
                    row.level,
                    column.name,
                    cell.outcome,
                    cell.why,
                ]
                writer.writerow([_no_formula(text) for text in line])
    return out.getvalue()


def _no_formula(text: str) -> str:
    text = one_line(text, 1000)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text


def matrix_markdown(targets: Sequence[Column], requirements: Mapping[str, Requirement]) -> str:
    """Operations by targets, and below it each requirement whose outcome differs."""
    made = blocks(targets, requirements)
    lines = [f"## {prose(_sentence(targets))}", ""]
    lines += [_told(column) for column in targets]
    head = [prose(column.name) for column in targets]
    rows = [
        (code(b.row.name), AVAILABILITIES[b.availability].label, *(_mark(cell) for cell in b.row.cells))
        for b in made
    ]
    lines += ["", *table(["Operation", "Promised", *head], rows)]
    differing = [
        (
            code(block.row.name),
            f"{row.name} {row.level} {prose(row.text, 120)}",
            *(_mark(cell) for cell in row.cells),
        )
        for block in made
        for row in block.rows
        if row.differs
    ]
    if differing:
        lines += ["", "### Where they differ", "", *table(["Operation", "Requirement", *head], differing)]
    return "\n".join(lines) + "\n"


def _told(column: Column) -> str:
    base_url = code(column.results["target"]["base_url"])
    return f"* **{prose(column.name)}** {base_url}: {prose(column.sentence)} {tally(column.results, code)}"


def _mark(cell: Cell) -> str:
    return f"{MARKS.get(cell.outcome, '·')} {cell.label}" + (f" ({cell.share})" if cell.share else "")


def worst_exit(codes: Iterable[int]) -> int:
    """The exit code of many runs: the worst of theirs, in the order 5, 2, 1, 3, 4, 0."""
    order = (5, 2, 1, 3, 4, 0)
    return min(codes, key=lambda code: order.index(code) if code in order else 0, default=0)
