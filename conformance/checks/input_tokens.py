"""Counts of input tokens: the same for the same, more for more, and what a Response then counts."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.answer import Answer
from conformance.checks.answering import require_json
from conformance.checks.response_view import answered_response
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check


def _count(answer: Answer) -> int:
    value = require_json(answer).get("input_tokens")
    if not isinstance(value, int) or isinstance(value, bool):
        raise Spoiled("input_tokens is not an integer")
    return value


def _counted(answer: Answer) -> int:
    """As ``_count``; Spoiled when nothing was counted, which input_is_counted tells."""
    if _count(answer) < 1:
        raise Spoiled("nothing was counted")
    return _count(answer)


def _other(subject: Subject) -> int:
    """The count of the case that this one is set beside."""
    name = subject.case.compare[0]
    answer = subject.answered(name)
    if answer is None:
        raise NotShown(f"{name} was not answered")
    try:
        return _counted(answer)
    except Spoiled as cause:
        raise NotShown(f"of {name}, {cause}") from None


def _found(answer: Answer, expected: str) -> Finding:
    return Finding(expected, str(_count(answer)), "/input_tokens", answer.exchange.id)


@check
def input_is_counted(subject: Subject) -> Iterator[Finding]:
    """An input that is not empty has a token."""
    for answer in subject.answers:
        if _count(answer) < 1:
            yield _found(answer, "at least 1")


@check
def same_input_counts_the_same(subject: Subject) -> Iterator[Finding]:
    """Sent again, or in another form that means the same."""
    due = _other(subject)
    for answer in subject.answers:
        if _counted(answer) != due:
            yield _found(answer, f"{due}, as in {subject.case.compare[0]}")


@check
def larger_input_counts_more(subject: Subject, least: int = 1) -> Iterator[Finding]:
    """At least ``least`` more than the input that it adds to."""
    due = _other(subject) + least
    for answer in subject.answers:
        if _counted(answer) < due:
            yield _found(answer, f"at least {due}, for more than {subject.case.compare[0]} has")


@check
def count_equals_what_the_response_counts(subject: Subject) -> Iterator[Finding]:
    """usage.input_tokens of the same request."""
    due = answered_response(subject, subject.case.compare[0]).count("input_tokens")
    if due is None:
        raise NotShown(f"{subject.case.compare[0]} counts no input")
    for answer in subject.answers:
        if _counted(answer) != due:
            yield _found(answer, f"{due}, as usage of {subject.case.compare[0]} says")
