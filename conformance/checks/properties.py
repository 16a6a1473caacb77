"""Generated requests: each property is one result an operation, over all its examples.

A failure that a frozen case of the operation shows too, by a request of the same family, is told there alone.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from conformance.answer import Answer
from conformance.cases import Case
from conformance.checks.answering import ending, is_only_an_error, is_page
from conformance.checks.asked import asked
from conformance.checks.subject import (
    Finding,
    NotShown,
    Spoiled,
    Subject,
    Unequipped,
    check,
    registered_checks,
)
from conformance.contract import Requirement

_REFUSAL = 'a 4xx with {"error": {"message": …}}'
_HOW_IT_IS_SENT = frozenset({"binary", "plain-text", "own-shape", "socket"})
"""Features that tell kinds of answers apart, and that a generated request has in common with its baseline."""


def alike(finding: Finding, answer: Answer, other: Finding, other_answer: Answer) -> bool:
    """True when two answers break a promise in the same way; what was asked may differ."""
    return _manner(finding, answer) == _manner(other, other_answer)


def _manner(finding: Finding, answer: Answer) -> tuple[object, ...]:
    failure = answer.exchange.failure
    where = re.sub(r"\d+", "N", finding.where)
    return finding.expected, where, answer.status, answer.state, failure.kind if failure else None


def family_of(case: Case) -> frozenset[str]:
    """The features that a generated case has in common with those made in the same way."""
    return frozenset(feature for feature in case.features if feature.startswith("generated-"))


Judged = Callable[..., Iterator[Finding]]


def _unless_frozen(judged: Judged) -> Judged:
    """Leave out what a frozen case tells, so that it is told, and can be waived, once."""

    @functools.wraps(judged)
    def remaining(subject: Subject, **arguments: Any) -> Iterator[Finding]:
        answers = {answer.exchange.id: answer for answer in subject.answers}
        for finding in judged(subject, **arguments):
            answer = answers.get(finding.exchange)
            if (
                answer is None
                or answer.case.is_frozen
                or not any(
                    alike(finding, answer, *other)
                    for other in _frozen(subject, judged, arguments, answer.case)
                )
            ):
                yield finding

    return remaining


def _frozen(
    subject: Subject, judged: Judged, arguments: Mapping[str, Any], case: Case
) -> Iterator[tuple[Finding, Answer]]:
    """What the same check finds in frozen cases of the family of ``case``, as far as they were sent."""
    for other in subject.contract.cases.values():
        if other.is_frozen and other.operation == case.operation and family_of(other) == family_of(case):
            for answer in subject.others(other.id):
                one = Subject(subject.contract, (answer,), subject.others, subject.models)
                with contextlib.suppress(NotShown, Spoiled, Unequipped):
                    yield from ((finding, answer) for finding in judged(one, **arguments))


@check
@_unless_frozen
def every_generated_request_is_refused(subject: Subject) -> Iterator[Finding]:
    """In the documented form, whatever its status of 4xx."""
    _hold_the_baseline(subject)
    accepted = [answer for answer in subject.answers if answer.state != "refused"]
    yield from (_finding(subject, _REFUSAL, answer) for answer in accepted)
    if not accepted:
        _show_the_baseline(subject)


@check
@_unless_frozen
def no_generated_request_is_accepted(subject: Subject) -> Iterator[Finding]:
    """As every_generated_request_is_refused, save for what is worse than that, and told of as such."""
    _hold_the_baseline(subject)
    accepted = [answer for answer in subject.answers if answer.state != "refused" and not _is_trouble(answer)]
    yield from (_finding(subject, _REFUSAL, answer) for answer in accepted)
    if not accepted:
        _show_the_baseline(subject)


@check
@_unless_frozen
def every_generated_request_is_answered_or_refused(subject: Subject) -> Iterator[Finding]:
    """No 5xx, no page, no silence. Of what should be refused, only this is judged."""
    _hold_the_baseline(subject)
    for answer in subject.answers:
        is_odd = "generated-odd" in answer.case.features
        if _is_trouble(answer) or (is_odd and answer.state not in {"answered", "refused"}):
            yield _finding(subject, f"an answer of 2xx or {_REFUSAL}", answer)


@check
@_unless_frozen
def every_valid_request_is_answered_or_refused(subject: Subject) -> Iterator[Finding]:
    """And not with an error in disguise."""
    _hold_the_baseline(subject)
    for answer in subject.answers:
        disguised = answer.state == "answered" and is_only_an_error(answer)
        if answer.state not in {"answered", "refused"} or is_page(answer) or disguised:
            yield _finding(subject, f"an answer of 2xx or {_REFUSAL}", answer)


@check
@_unless_frozen
def every_spelling_is_answered_alike(subject: Subject) -> Iterator[Finding]:
    """Spellings are sent at once and their baseline alone, so that concurrent and serial answers agree too."""
    _hold_the_baseline(subject)
    baseline = _show_the_baseline(subject)
    for answer in subject.answers:
        if answer.state != "answered" or is_only_an_error(answer):
            yield _finding(subject, "an answer of 2xx, as to the same document in another spelling", answer)
        elif baseline is not None and _outline(answer) != _outline(baseline):
            yield _finding(subject, _outline(baseline), answer, _outline(answer))


@check
@_unless_frozen
def generated_answers_keep_the_ledger(subject: Subject) -> Iterator[Finding]:
    """Every MUST on single answers; what written cases of the operation show too is told there."""
    told: dict[str, bool] = {}
    for answer in subject.answers:
        if answer.state != "answered":
            continue
        for requirement in _on_answers(subject, answer):
            for finding in _judged(subject, requirement, answer):
                if requirement.id not in told:
                    told[requirement.id] = _is_told(subject, requirement, answer)
                if not told[requirement.id]:
                    where = f"{requirement.id} {finding.where}".strip()
                    yield _finding(subject, finding.expected, answer, finding.seen, where)


@check
@_unless_frozen
def every_generated_message_is_survived(subject: Subject, by: str) -> Iterator[Finding]:
    """Each conversation is whole, and keeps to the check ``by`` of invalid messages."""
    _hold_the_baseline(subject)
    _show_the_baseline(subject)
    for answer in subject.answers:
        if answer.state != "answered":
            yield _finding(subject, "101 and a whole conversation", answer)
            continue
        for finding in _findings(by, {}, subject, answer):
            yield _finding(subject, finding.expected, answer, finding.seen, finding.where)


def _hold_the_baseline(subject: Subject) -> None:
    """Where the operation is broken altogether, its baseline says so."""
    baseline = _baseline(subject)
    if baseline is not None and baseline.state in {"broken", "none"}:
        raise Spoiled(f"{baseline.case.id}: {ending(baseline)}")


def _show_the_baseline(subject: Subject) -> Answer | None:
    """A refusal shows nothing where everything is refused; without consent the baseline was not sent."""
    baseline = _baseline(subject)
    if baseline is not None and baseline.state == "refused":
        raise NotShown(f"so was its positive twin {baseline.case.id}: {ending(baseline)}")
    return baseline


def _baseline(subject: Subject) -> Answer | None:
    return next(reversed(subject.others(subject.case.base or "")), None)


def _is_trouble(answer: Answer) -> bool:
    """A server error, a page, or no whole answer: nothing that anyone may send earns that."""
    if answer.exchange.response is None or answer.exchange.failure is not None:
        return True
    return is_page(answer) or (answer.status >= 500 and answer.state != "refused")


def _finding(
    subject: Subject, expected: str, answer: Answer, seen: str = "", where: str = "status"
) -> Finding:
    baseline = subject.contract.cases[answer.case.base or ""]
    return Finding(
        expected, f"{seen or ending(answer)} to {asked(answer.case, baseline)}", where, answer.exchange.id
    )


def _outline(answer: Answer) -> str:
    """Media type and members; a member that is null counts as absent."""
    members = (
        sorted(name for name, value in answer.json.items() if value is not None) if _is_object(answer) else []
    )
    return f"{answer.response.media_type} with {', '.join(members) or 'no members'}"


def _is_object(answer: Answer) -> bool:
    return isinstance(answer.json, dict)


def _on_answers(subject: Subject, answer: Answer) -> Iterator[Requirement]:
    """Requirements that hold of any answer of the operation, whatever was asked."""
    baseline = subject.contract.cases[answer.case.base or ""]
    as_written = replace(answer.case, features=baseline.features, expects="answer")
    for requirement in subject.contract.requirements.values():
        applies = requirement.applies_to
        if (
            requirement.level == "MUST"
            and requirement.check is not None
            and applies.scope == "case"
            and applies.without <= _HOW_IT_IS_SENT
            and applies.covers(as_written, answer.operation)
        ):
            yield requirement


def _judged(subject: Subject, requirement: Requirement, answer: Answer) -> list[Finding]:
    return _findings(requirement.check or "", requirement.arguments or {}, subject, answer)


def _findings(name: str, arguments: Mapping[str, Any], subject: Subject, answer: Answer) -> list[Finding]:
    """What another check finds in this answer alone; nothing where it cannot be judged by it."""
    one = Subject(subject.contract, (answer,), subject.others, subject.models)
    try:
        return list(registered_checks()[name](one, **arguments))
    except (NotShown, Spoiled, Unequipped):
        return []


def _is_told(subject: Subject, requirement: Requirement, answer: Answer) -> bool:
    """True when a written case of the operation breaks the requirement, where it has its own result."""
    written = (
        other
        for case in subject.contract.cases.values()
        if case.operation == answer.case.operation and requirement.applies_to.covers(case, answer.operation)
        for other in subject.others(case.id)
    )
    return any(_judged(subject, requirement, other) for other in written if other.state == "answered")
