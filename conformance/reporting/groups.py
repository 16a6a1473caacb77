"""Results in the order a reader needs them: by requirement and reason, by outcome and cause, by area."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.contract import Requirement
from conformance.judging.signature import signature
from conformance.reporting.evidence import Evidence, ResultView
from conformance.reporting.vocabulary import OUTCOMES, Results
from conformance.text import one_line

Entry = Mapping[str, Any]

_CASE = re.compile(r"(?<![\w/.-])[a-z][a-z0-9{}-]*/[a-z0-9-]+/[a-z0-9.-]*[a-z0-9-]")
_LEVELS = ("MUST", "SHOULD", "MAY")


@dataclass(frozen=True, slots=True)
class Reason:
    """Results of one requirement that are broken in the same way; ``brief`` ones are shown as a line."""

    signature: str
    message: str
    cards: tuple[ResultView, ...]
    brief: tuple[Entry, ...]

    @property
    def count(self) -> int:
        """How many results."""
        return len(self.cards) + len(self.brief)


@dataclass(frozen=True, slots=True)
class Broken:
    """A requirement that is not kept."""

    id: str
    level: str
    text: str
    sources: tuple[tuple[str, str], ...]
    operations: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def count(self) -> int:
        """How many results."""
        return sum(reason.count for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Cause:
    """Results that were not judged for one reason, with the exchange that shows it."""

    message: str
    operations: tuple[str, ...]
    results: tuple[Entry, ...]
    card: ResultView | None


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement with all its results, by outcome, worst first."""

    id: str
    level: str
    text: str
    sources: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, int], ...]
    results: Mapping[str, tuple[Entry, ...]]

    @property
    def outcome(self) -> str:
        """The worst."""
        return self.counts[0][0]


@dataclass(frozen=True, slots=True)
class Area:
    """The requirements of one area."""

    name: str
    rows: tuple[Row, ...]
    counts: tuple[tuple[str, int], ...]


def broken(
    results: Results,
    outcomes: Iterable[str],
    ledger: Mapping[str, Requirement],
    evidence: Evidence,
    most: int,
) -> list[Broken]:
    """Requirements with a result of ``outcomes``; at most ``most`` results of one reason as cards."""
    wanted = set(outcomes)
    grouped: dict[str, list[Entry]] = defaultdict(list)
    for entry in results["results"]:
        if entry["outcome"] in wanted:
            grouped[entry["requirement"]].append(entry)
    found = [_broken(rid, entries, ledger, evidence, most) for rid, entries in grouped.items()]
    return sorted(found, key=lambda item: (_LEVELS.index(item.level), -item.count, item.id))


def _broken(
    rid: str, entries: list[Entry], ledger: Mapping[str, Requirement], evidence: Evidence, most: int
) -> Broken:
    reasons: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        reasons[signature_of(entry)].append(entry)
    ordered = sorted(reasons.items(), key=lambda item: -len(item[1]))
    return Broken(
        id=rid,
        level=entries[0]["level"],
        text=sentence_of(rid, ledger),
        sources=sources_of(rid, ledger),
        operations=tuple(dict.fromkeys(entry["operation"] for entry in entries)),
        reasons=tuple(_reason(key, group, evidence, most) for key, group in ordered),
    )


def _reason(key: str, entries: list[Entry], evidence: Evidence, most: int) -> Reason:
    cards = tuple(evidence.result(entry) for entry in entries[:most])
    return Reason(key, one_line(entries[0]["message"], 160), cards, tuple(entries[most:]))


def signature_of(entry: Entry) -> str:
    """The signature of a result's findings, or of its message when it has none."""
    findings = [(f["expected"], f["seen"], f["where"]) for f in entry["findings"]]
    return signature(findings or [("", entry["message"], "")])


def sentence_of(rid: str, ledger: Mapping[str, Requirement]) -> str:
    """What the requirement says, as far as the installed contract knows it."""
    requirement = ledger.get(rid)
    return requirement.text if requirement else "The installed contract has no requirement of this id."


def sources_of(rid: str, ledger: Mapping[str, Requirement]) -> tuple[tuple[str, str], ...]:
    """Kind and text of each source."""
    requirement = ledger.get(rid)
    if requirement is None:
        return ()
    pairs = [(kind, value) for kind, value in requirement.source.items()]
    return tuple(
        (kind, text) for kind, value in pairs for text in ([value] if isinstance(value, str) else value)
    )


def causes(results: Results, outcome: str, evidence: Evidence) -> list[Cause]:
    """Results of ``outcome`` by their message, which case it names left aside; most first."""
    grouped: dict[str, list[Entry]] = defaultdict(list)
    for entry in results["results"]:
        if entry["outcome"] == outcome:
            grouped[_CASE.sub("…", entry["message"])].append(entry)
    ordered = sorted(grouped.items(), key=lambda item: -len(item[1]))
    return [_cause(message, entries, evidence) for message, entries in ordered]


def _cause(message: str, entries: Sequence[Entry], evidence: Evidence) -> Cause:
    messages = {entry["message"] for entry in entries}
    message = messages.pop() if len(messages) == 1 else message
    shown = next((entry for entry in entries if entry["exchanges"]), None)
    operations = tuple(dict.fromkeys(entry["operation"] for entry in entries))
    return Cause(message, operations, tuple(entries), evidence.result(shown) if shown else None)


def areas(results: Results, ledger: Mapping[str, Requirement]) -> list[Area]:
    """Every requirement that has results, by area, in the order of ids."""
    grouped: dict[str, list[Entry]] = defaultdict(list)
    for entry in results["results"]:
        grouped[entry["requirement"]].append(entry)
    by_area: dict[str, list[Row]] = defaultdict(list)
    for rid in sorted(grouped):
        requirement = ledger.get(rid)
        by_area[
            requirement.area if requirement and requirement.area else rid.partition("-")[0].lower()
        ].append(_row(rid, grouped[rid], ledger))
    return [_area(name, rows) for name, rows in sorted(by_area.items())]


def _area(name: str, rows: list[Row]) -> Area:
    counts = Counter(outcome for row in rows for outcome, found in row.results.items() for _ in found)
    return Area(name, tuple(rows), counts_in_order(counts))


def _row(rid: str, entries: list[Entry], ledger: Mapping[str, Requirement]) -> Row:
    counts = counts_in_order(Counter(entry["outcome"] for entry in entries))
    found = {name: tuple(entry for entry in entries if entry["outcome"] == name) for name, _ in counts}
    return Row(rid, entries[0]["level"], sentence_of(rid, ledger), sources_of(rid, ledger), counts, found)


def counts_in_order(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Outcome and number, worst first, without zeros."""
    return tuple((outcome, counts[outcome]) for outcome in OUTCOMES if counts.get(outcome))


def counts_by_operation(results: Results) -> dict[str, tuple[tuple[str, int], ...]]:
    """Operation → its outcomes with their numbers."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in results["results"]:
        counts[entry["operation"]][entry["outcome"]] += 1
    return {operation: counts_in_order(found) for operation, found in counts.items()}


def operations_by_workload(results: Results) -> dict[str, list[Entry]]:
    """The rows of the endpoint table by workload, in the order of the contract."""
    grouped: dict[str, list[Entry]] = defaultdict(list)
    for row in results["operations"]:
        grouped[row["workload"]].append(row)
    return dict(grouped)
