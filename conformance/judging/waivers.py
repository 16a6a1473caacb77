"""Waivers: known failures that the user excuses, each for one reason and until a day; stale ones are told."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from conformance.datafiles import check_against_schema, parse_yaml, read_text
from conformance.errors import DataError
from conformance.judging.results import Result
from conformance.judging.signature import signature
from conformance.text import one_line

_DRAFT_DAYS = 90
_FROZEN = "/frozen/"
UNFROZEN = (
    "is judged on generated requests, which another seed changes, so only a frozen case of it can be waived, as "
    "chat/frozen/… is: a run keeps what failed in frozen/ of its folder; copy it, give it to the next run by --cases, "
    "and waive its result there"
)
"""What to do about a property's failure, to follow its requirement."""

_UNSHOWN = frozenset({"untestable", "not_tested", "gated"})


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of the file. ``number`` counts from 1."""

    requirement: str
    signature: str
    reason: str
    link: str
    owner: str
    expires: datetime.date
    operation: str = "*"
    case: str = "*"
    number: int = 0

    @property
    def name(self) -> str:
        """How it is named to the user."""
        globs = [glob for glob in (self.operation, self.case) if glob != "*"]
        return f"waiver {self.number} ({self.requirement} on {', '.join(globs) or 'everything'})"

    def covers(self, result: Result) -> bool:
        """True when it speaks of this requirement on this operation and case, whatever the outcome."""
        return (
            result.requirement == self.requirement
            and fnmatchcase(result.operation, self.operation)
            and fnmatchcase(result.case, self.case)
        )


@dataclass(frozen=True, slots=True)
class Stale:
    """A waiver that no longer excuses anything, and why."""

    waiver: Waiver
    reason: str

    def __str__(self) -> str:
        return f"{self.waiver.name} {self.reason}"


@dataclass(frozen=True, slots=True)
class Waived:
    """The results after waiving, and the waivers that are stale (exit 4)."""

    results: tuple[Result, ...]
    stale: tuple[Stale, ...]


def load_waivers(
    path: Path, requirements: Iterable[str] = (), properties: Iterable[str] = ()
) -> tuple[Waiver, ...]:
    """Read a waiver file. Raises DataError (exit 2) with the entry; also for an unknown requirement.

    Those of ``properties`` are judged on generated requests, and can be waived only as frozen cases.
    """
    document = _with_texts(parse_yaml(read_text(path), path.name))
    check_against_schema([] if document is None else document, "waivers", path.name)
    known = frozenset(requirements)
    waivers = tuple(
        _waiver(entry, number, path.name, known) for number, entry in enumerate(document or [], 1)
    )
    generated = frozenset(properties)
    for waiver in waivers:
        if waiver.requirement in generated and not is_frozen(waiver.case):
            raise DataError(path.name, f"/{waiver.number - 1}/case", f"{waiver.requirement} {UNFROZEN}")
    return waivers


def is_frozen(case: str) -> bool:
    """True for the id of a frozen case, or a glob that matches no others."""
    return _FROZEN in case


def _with_texts(document: Any) -> Any:
    """YAML reads ``2027-01-31`` as a date; the schema holds its text."""
    if isinstance(document, list):
        return [_with_texts(member) for member in document]
    if isinstance(document, dict):
        return {key: _with_texts(value) for key, value in document.items()}
    if isinstance(document, datetime.date) and not isinstance(document, datetime.datetime):
        return document.isoformat()
    return document


def _waiver(entry: Mapping[str, Any], number: int, file: str, known: frozenset[str]) -> Waiver:
    if known and entry["requirement"] not in known:
        raise DataError(
            file, f"/{number - 1}/requirement", f"the contract has no requirement {entry['requirement']}"
        )
    try:
        expires = datetime.date.fromisoformat(entry["expires"])
    except ValueError:
        raise DataError(file, f"/{number - 1}/expires", f"{entry['expires']} is no date") from None
    return Waiver(**{**entry, "expires": expires}, number=number)


def apply_waivers(results: Sequence[Result], waivers: Sequence[Waiver], ended: datetime.date) -> Waived:
    """Excuse each failure that a waiver, not expired when the run ended, covers with its signature."""
    valid = [waiver for waiver in waivers if waiver.expires >= ended]
    used: set[int] = set()
    waived = []
    for result in results:
        waiver = _excuse(result, valid)
        if waiver is not None:
            used.add(waiver.number)
            result = _excused(result, waiver)
        waived.append(result)
    unused = [waiver for waiver in waivers if waiver.number not in used]
    stale = [Stale(w, reason) for w in unused if (reason := _why_stale(w, results, ended)) is not None]
    return Waived(tuple(waived), tuple(stale))


def _excuse(result: Result, waivers: Sequence[Waiver]) -> Waiver | None:
    if result.outcome != "fail":
        return None
    own = signature_of(result)
    return next((waiver for waiver in waivers if waiver.covers(result) and waiver.signature == own), None)


def _excused(result: Result, waiver: Waiver) -> Result:
    told = f"waived until {waiver.expires} by {waiver.owner}: {waiver.reason} ({waiver.link})"
    return replace(result, outcome="waived", message=f"{told}; {result.message}")


def _why_stale(waiver: Waiver, results: Sequence[Result], ended: datetime.date) -> str | None:
    """Why an unused waiver is stale; None when the run could not show whether it is."""
    if waiver.expires < ended:
        return f"expired on {waiver.expires}"
    covered = [result for result in results if waiver.covers(result)]
    if not covered:
        return "matches no result of this run"
    failed = [result for result in covered if result.outcome == "fail"]
    if failed:
        found = ", ".join(sorted({signature_of(result) for result in failed}))
        return (
            f"does not match the failure that is there now: its signature is {found}, not {waiver.signature}"
        )
    if any(result.outcome in _UNSHOWN for result in covered):
        return None
    return "excuses what now passes"


def signature_of(result: Result) -> str:
    """The signature by which a waiver knows this failure."""
    found = [(finding.expected, finding.seen, finding.where) for finding in result.findings]
    return signature(found or [("", result.message, "")])


def draft(result: Result, today: datetime.date) -> str:
    """A waiver entry for a failure. It will not load before reason, link and owner are filled in."""
    shown = "\n".join(
        f"# expected {one_line(f.expected)}, saw {one_line(f.seen)}" for f in result.findings[:3]
    )
    entry = {
        "requirement": result.requirement,
        "operation": result.operation,
        "case": result.case,
        "signature": signature_of(result),
        "reason": "",
        "link": "",
        "owner": "",
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=True)}" for name, value in entry.items()]
    lines.append(f"expires: {today + datetime.timedelta(days=_DRAFT_DAYS)}")
    return f"{shown or '# ' + one_line(result.message)}\n- " + "\n  ".join(lines) + "\n"
