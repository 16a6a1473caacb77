"""The words of a report: what each outcome, verdict and availability is called, and a run in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.text import one_line

Results = Mapping[str, Any]
"""A document that ``spec/schemas/results.schema.json`` describes."""


@dataclass(frozen=True, slots=True)
class Word:
    """How a term is shown: its label, and what it means in a sentence."""

    label: str
    meaning: str


OUTCOMES: Mapping[str, Word] = {
    "fail": Word("fail", "A MUST is broken."),
    "waived": Word("waived", "A MUST is broken, and a waiver of the user's excuses it until a date."),
    "warn": Word("warn", "A SHOULD is broken."),
    "untestable": Word("untestable", "In scope, and could not be judged."),
    "gated": Word("gated", "Promised only for some models or accounts, and refused as documented here."),
    "not_tested": Word("not tested", "Left out by the selection, or for want of consent to spend."),
    "pass": Word("pass", "Judged, and kept."),
}
"""Worst first: the order in which reports list outcomes."""

VERDICTS: Mapping[str, Word] = {
    "conforming": Word("conforming", "Everything in scope was judged, and no MUST is broken."),
    "violations": Word("violations", "At least one MUST is broken."),
    "incomplete": Word("incomplete", "Something in scope could not be judged."),
    "gated": Word("gated", "The baseline was refused as documented."),
    "not_tested": Word("not tested", "Not tested in this run."),
}

AVAILABILITIES: Mapping[str, Word] = {
    "ready": Word("Ready", "Promised when the selected model is available for the workload."),
    "limited": Word("Limited", "Promised only where model and account support it."),
    "helper": Word("Helper", "A bounded helper: its answer and a documented refusal both conform."),
    "unavailable": Word("Unavailable", "Not promised: must be refused as documented."),
}

OBSERVATIONS: Mapping[str, Word] = {
    "works": Word("works", "Answered as the operation is known."),
    "gated": Word("gated", "Refused as documented, where that is allowed."),
    "refused": Word("refused", "Refused as documented."),
    "broken": Word("broken", "Answered in no documented way."),
    "unknown": Word("unknown", "Nothing was seen that shows it."),
}


_MOST_REASON = 100  # characters
_JUDGED = ("pass", "fail", "warn", "gated", "waived")


def tally(results: Results, quoted: Callable[[str], str] = one_line) -> str:
    """``412 of 412 judged: 409 pass, 3 warn; 6 not tested (why)``: never a bare percentage.

    ``quoted`` makes a reason, which may carry the target's words, fit for where it is shown.
    """
    counts = results["counts"]
    judged = sum(counts[name] for name in _JUDGED)
    parts = [f"{counts[name]} {OUTCOMES[name].label}" for name in _JUDGED if counts[name]]
    text = f"{judged} of {judged + counts['untestable']} judged: {', '.join(parts) or 'nothing'}"
    rest = [
        f"{counts[name]} {OUTCOMES[name].label} ({_main_reason(results, name, quoted)})"
        for name in ("untestable", "not_tested")
        if counts[name]
    ]
    return "; ".join([text, *rest])


def _main_reason(results: Results, outcome: str, quoted: Callable[[str], str]) -> str:
    reasons = Counter(entry["message"] for entry in results["results"] if entry["outcome"] == outcome)
    first = reasons.most_common(1)[0][0]
    reason = quoted(first if len(first) <= _MOST_REASON else first[:_MOST_REASON].rstrip() + "…")
    return f"{reason}; and {plural(len(reasons) - 1, 'other reason')}" if len(reasons) > 1 else reason


def verdict_sentence(results: Results) -> str:
    """The run's verdict, as one sentence that a reader may quote."""
    counts = results["counts"]
    broken = broken_requirements(results)
    if results["verdict"] == "violations":
        where = len({e["operation"] for e in results["results"] if e["outcome"] in {"fail", "waived"}})
        excused = "; all are waived" if not counts["fail"] else ""
        told = f"{are(len(broken), 'requirement')} broken, on {plural(where, 'operation')}"
        return f"Does not conform: {told}{excused}."
    if results["verdict"] == "incomplete":
        if results["finished_at"] is None:
            return "Incomplete: the run broke off before everything in scope was judged."
        left = plural(counts["untestable"], "result")
        return f"Incomplete: nothing that was judged is broken, but {left} in scope could not be judged."
    warned = f"; {are(counts['warn'], 'recommendation')} not kept" if counts["warn"] else ""
    return f"Conforms: everything in scope was judged, and no MUST is broken{warned}."


def broken_requirements(results: Results) -> set[str]:
    """The ids of requirements with a failure, waived or not."""
    return {entry["requirement"] for entry in results["results"] if entry["outcome"] in {"fail", "waived"}}


def plural(count: int, noun: str) -> str:
    """``1 case``, ``2 cases``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def are(count: int, noun: str) -> str:
    """``1 case is``, ``2 cases are``."""
    return f"{plural(count, noun)} {'is' if count == 1 else 'are'}"


def in_order(outcomes: Iterable[str]) -> list[str]:
    """Outcomes, worst first."""
    order = list(OUTCOMES)
    return sorted(outcomes, key=order.index)
