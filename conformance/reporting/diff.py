"""What changed between two runs of the same contract, result by result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.contract import Requirement
from conformance.errors import UsageError
from conformance.reporting.groups import sentence_of, signature_of
from conformance.reporting.markdown import code, prose, table
from conformance.reporting.page import render
from conformance.reporting.vocabulary import OUTCOMES, Results, Word, plural

Kind = Literal["broken", "changed", "fixed", "shifted", "added", "removed", "unchanged"]

KINDS: Mapping[Kind, Word] = {
    "broken": Word("broken", "Fails now, and did not before."),
    "changed": Word("changed", "Failed before and fails now, for another reason."),
    "fixed": Word("fixed", "Failed before, and is judged and kept now."),
    "shifted": Word("shifted", "Another outcome, and neither is a failure that appeared or was mended."),
    "added": Word("added", "Only in the new run."),
    "removed": Word("removed", "Only in the old run."),
    "unchanged": Word("unchanged", "The same outcome for the same reason."),
}
"""In the order in which they are shown."""

_VIOLATED = frozenset({"fail", "waived"})
_KEPT = frozenset({"pass", "warn"})


@dataclass(frozen=True, slots=True)
class Change:
    """One result in both runs; None where a run does not have it."""

    kind: Kind
    id: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None

    @property
    def entry(self) -> Mapping[str, Any]:
        """The newer of the two."""
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def is_new_violation(self) -> bool:
        """A failure that the old run did not have, waived or not."""
        failed = self.new is not None and self.new["outcome"] == "fail"
        return failed and (self.old is None or self.old["outcome"] not in _VIOLATED)


@dataclass(frozen=True, slots=True)
class Diff:
    """Every result of either run. ``warnings`` say what makes the comparison unequal."""

    old: Results
    new: Results
    changes: tuple[Change, ...]
    warnings: tuple[str, ...]

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """The changes of one kind, in the order of the new run."""
        return tuple(change for change in self.changes if change.kind == kind)

    @property
    def new_violations(self) -> tuple[Change, ...]:
        """Failures that the old run did not have."""
        return tuple(change for change in self.changes if change.is_new_violation)

    @property
    def exit_code(self) -> int:
        """1 on a new violation, else 0."""
        return 1 if self.new_violations else 0

    @property
    def sentence(self) -> str:
        """The comparison in a sentence."""
        counts = {kind: len(self.of(kind)) for kind in KINDS}
        told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
        found = len(self.new_violations)
        first = plural(found, "new violation") if found else "No new violation"
        return f"{first}: {told or 'nothing to compare'}."


def compare(old: Results, new: Results, *, allow_other_contract: bool = False) -> Diff:
    """Compare result by result. Raises UsageError for different contracts, unless they are allowed."""
    warnings = list(_warnings(old, new))
    if _sha(old) != _sha(new) and not allow_other_contract:
        raise UsageError(
            f"{warnings[0]}; the same id may judge something else (allow it with --allow-other-contract)"
        )
    before = {entry["id"]: entry for entry in old["results"]}
    after = {entry["id"]: entry for entry in new["results"]}
    changes = [_change(rid, before.get(rid), entry) for rid, entry in after.items()]
    changes += [_change(rid, entry, None) for rid, entry in before.items() if rid not in after]
    return Diff(old, new, tuple(changes), tuple(warnings))


def _sha(results: Results) -> str:
    return str(results["suite"]["contract"]["sha256"])


def _warnings(old: Results, new: Results) -> Iterable[str]:
    if _sha(old) != _sha(new):
        first, second = (f"{r['suite']['contract']['version']} ({_sha(r)[:12]})" for r in (old, new))
        yield f"the runs were judged by different contracts: {first} and {second}"
    if old["target"]["scope"] != new["target"]["scope"]:
        yield f"the runs have different scopes: {old['target']['scope']}; and {new['target']['scope']}"
    if old["target"]["models"] != new["target"]["models"]:
        yield "the runs named different models"
    if old["target"]["base_url"] != new["target"]["base_url"]:
        yield f"the runs had different targets: {old['target']['base_url']} and {new['target']['base_url']}"
    for name, results in (("old", old), ("new", new)):
        if results["finished_at"] is None:
            yield f"the {name} run broke off"


def _change(rid: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Change:
    return Change(_kind(old, new), rid, old, new)


def _kind(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Kind:
    if old is None or new is None:
        return "added" if old is None else "removed"
    before, after = old["outcome"], new["outcome"]
    if before in _VIOLATED and after in _VIOLATED:
        if signature_of(old) != signature_of(new) and old["findings"] and new["findings"]:
            return "changed"
        return "unchanged" if before == after else "shifted"
    if after in _VIOLATED:
        return "broken"
    if before in _VIOLATED and after in _KEPT:
        return "fixed"
    return "unchanged" if before == after else "shifted"


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one kind for one requirement on one operation."""

    requirement: str
    level: str
    text: str
    operation: str
    changes: tuple[Change, ...]


def grouped(changes: Sequence[Change], requirements: Mapping[str, Requirement]) -> list[Group]:
    """By requirement and operation, new violations first."""
    found: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        found[change.entry["requirement"], change.entry["operation"]].append(change)
    ordered = sorted(
        found.items(), key=lambda item: (-sum(c.is_new_violation for c in item[1]), -len(item[1]), item[0])
    )
    return [
        Group(rid, group[0].entry["level"], sentence_of(rid, requirements), operation, tuple(group))
        for (rid, operation), group in ordered
    ]


def render_diff(diff: Diff, requirements: Mapping[str, Requirement]) -> str:
    """The comparison as one HTML page."""
    return render(
        "diff.html.j2",
        styles=("base.css", "report.css", "diff.css"),
        scripts=("base.js", "diff.js"),
        diff=diff,
        kinds=[
            (kind, word, grouped(diff.of(kind), requirements))
            for kind, word in KINDS.items()
            if kind != "unchanged"
        ],
        unchanged=len(diff.of("unchanged")),
    )


def diff_markdown(diff: Diff, requirements: Mapping[str, Requirement]) -> str:
    """The comparison in Markdown, for a pull request."""
    lines = [f"## {'❌' if diff.new_violations else '✅'} {prose(diff.sentence)}", ""]
    lines += [f"Old: {_run(diff.old)}  ", f"New: {_run(diff.new)}"]
    lines += [f"\n> ⚠️ {code(warning, 400)}" for warning in diff.warnings]
    for kind, word in KINDS.items():
        rows = [_row(group) for group in grouped(diff.of(kind), requirements)] if kind != "unchanged" else []
        if rows:
            lines += ["", f"### {word.label.capitalize()}", "", prose(word.meaning), ""]
            lines += table(["Requirement", "Operation", "Cases", "Was", "Is", "Why"], rows[:100])
            lines += [f"\n… and {len(rows) - 100} more."] if len(rows) > 100 else []
    return "\n".join(lines) + "\n"


def _run(results: Results) -> str:
    suite = prose(results["suite"]["version"])
    return f"{code(results['target']['base_url'])} {results['started_at'][:19]}Z, suite {suite}"


def _row(group: Group) -> tuple[str, ...]:
    first = group.changes[0]
    return (
        f"**{group.requirement}** {group.level} {prose(group.text, 120)}",
        code(group.operation),
        f"{code(first.entry['case'])}"
        + (f" and {len(group.changes) - 1} more" if len(group.changes) > 1 else ""),
        OUTCOMES[first.old["outcome"]].label if first.old else "",
        OUTCOMES[first.new["outcome"]].label if first.new else "",
        code(first.entry["message"], 160) if first.entry["message"] else "",
    )
