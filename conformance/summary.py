"""The summary on the terminal: the verdict, what failed and why, and where the report is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from conformance.contract import Contract
from conformance.judging.results import Result, Results, sentence
from conformance.text import one_line

_MOST_LINES = 25
_COLOURS = {"conforming": "green", "violations": "red", "incomplete": "yellow"}
_VERDICTS = {
    "conforming": "the target keeps its contract in everything that was judged",
    "violations": "the target breaks its contract",
    "incomplete": "not everything in scope could be judged",
}


def print_summary(contract: Contract, results: Results, out: Path, remarks: Iterable[str] = ()) -> None:
    """What a user reads last; text of the target is made harmless."""
    console = Console(highlight=False)
    for note in results.notes:
        console.print(f"[yellow]{escape(one_line(note))}[/]")
    for outcome, title in (("fail", "Broken (MUST)"), ("waived", "Waived"), ("warn", "Warnings (SHOULD)")):
        _print_broken(console, contract, title, [r for r in results.results if r.outcome == outcome])
    if not results.notes:
        _print_reasons(console, "Untestable", [r for r in results.results if r.outcome == "untestable"])
        _print_reasons(console, "Not tested", [r for r in results.results if r.outcome == "not_tested"])
    console.print()
    colour = _COLOURS[results.verdict]
    console.print(f"[bold {colour}]{results.verdict}[/]: {_VERDICTS[results.verdict]}")
    console.print(sentence(results))
    console.print(f"{results.requests} requests to {escape(one_line(results.base_url))}")
    for remark in remarks:
        console.print(Text(one_line(remark)), soft_wrap=True)
    console.print(f"report: {escape(str(out / 'index.html'))}", soft_wrap=True)


def _print_broken(console: Console, contract: Contract, title: str, results: list[Result]) -> None:
    if not results:
        return
    console.print(f"\n[bold]{title}[/]")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.requirement, []).append(result)
    for requirement, members in list(groups.items())[:_MOST_LINES]:
        text = Text(contract.requirements[requirement].text)
        table.add_row(requirement, text)
        for result in members[:3]:
            table.add_row("", Text(f"{result.case}: {one_line(result.message)[:200]}", style="dim"))
        if len(members) > 3:
            table.add_row("", Text(f"and {len(members) - 3} more", style="dim"))
    console.print(table)
    if len(groups) > _MOST_LINES:
        console.print(f"and {len(groups) - _MOST_LINES} more requirements; see the report")


def _print_reasons(console: Console, title: str, results: Iterable[Result]) -> None:
    reasons = Counter(one_line(result.message)[:160] for result in results)
    if not reasons:
        return
    console.print(f"\n[bold]{title}[/]")
    for reason, count in reasons.most_common(8):
        console.print(Text(f"{count:>5}  {reason}"))
    if len(reasons) > 8:
        console.print(f"       and {len(reasons) - 8} other reasons; see the report")
