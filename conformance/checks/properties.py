"""Generated requests: each property is one result an operation, over all its examples."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.answer import Answer
from conformance.checks.answering import ending, is_only_an_error, is_page
from conformance.checks.shape import mismatches
from conformance.checks.subject import Finding, NotShown, Subject, check

_REFUSAL = 'a 4xx with {"error": {"message": …}}'


def _judged(subject: Subject) -> list[Answer]:
    """Answers of an operation whose baseline works: of another one a refusal shows nothing."""
    judged = [answer for answer in subject.answers if subject.answered(answer.case.base)]
    if not judged and subject.answers:
        if all(not subject.others(answer.case.base or "") for answer in subject.answers):
            return list(subject.answers)  # the baseline was not sent, for want of consent
        raise NotShown("the operation's baseline was not answered")
    return judged


@check
def every_generated_request_is_refused(subject: Subject) -> Iterator[Finding]:
    """In the documented form, whatever its status of 4xx."""
    for answer in _judged(subject):
        if answer.state != "refused":
            yield Finding(_REFUSAL, f"{ending(answer)} on {answer.case.id}", "status", answer.exchange.id)


@check
def every_generated_request_is_answered_or_refused(subject: Subject) -> Iterator[Finding]:
    """No 5xx, no page, no silence."""
    for answer in _judged(subject):
        if answer.state not in {"answered", "refused"} or (answer.state == "answered" and is_page(answer)):
            expected = f"an answer of 2xx or {_REFUSAL}"
            yield Finding(expected, f"{ending(answer)} on {answer.case.id}", "status", answer.exchange.id)


@check
def every_valid_request_is_answered_in_shape(subject: Subject) -> Iterator[Finding]:
    """Streams are judged by the requirements of streams; here the JSON answers are."""
    for answer in _judged(subject):
        if answer.state == "refused":
            continue
        if answer.state != "answered" or is_only_an_error(answer):
            expected = f"an answer of 2xx or {_REFUSAL}"
            yield Finding(expected, f"{ending(answer)} on {answer.case.id}", "status", answer.exchange.id)
        elif not answer.is_event_stream:
            schema = answer.operation.response_schema("application/json") or ""
            yield from mismatches(subject, answer, schema, answer.json)
