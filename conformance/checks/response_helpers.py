"""Reads of a stored Response: it is retrieved, replayed and cancelled as what it was."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.answer import Answer
from conformance.checks.excerpt import shown
from conformance.checks.response_view import (
    TERMINAL_EVENTS,
    ResponseObject,
    answered_response,
    response_of,
    responses,
)
from conformance.checks.streams import judged_payloads, streams
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check

_TERMINAL = ("completed", "incomplete", "failed", "cancelled")
_TOLD_AGAIN = (
    "type",
    "sequence_number",
    "item_id",
    "output_index",
    "content_index",
    "delta",
    "text",
    "arguments",
)


@check
def retrieved_response_equals_the_created(subject: Subject, members: Sequence[str]) -> Iterator[Finding]:
    """The given members, null and absent taken alike."""
    for response in responses(subject):
        yield from _differences(response, _created(subject), members)


@check
def retrieved_response_equals_it_in_all_else(subject: Subject, without: Sequence[str]) -> Iterator[Finding]:
    """Every other member that either has; created_at may lose its fraction."""
    for response in responses(subject):
        created = _created(subject)
        names = sorted((set(response.value) | set(created.value)) - set(without))
        yield from _differences(response, created, names)


def _created(subject: Subject) -> ResponseObject:
    return answered_response(subject, subject.case.compare[0])


def _differences(one: ResponseObject, other: ResponseObject, members: Sequence[str]) -> Iterator[Finding]:
    for name in members:
        mine, theirs = _bare(one.value.get(name)), _bare(other.value.get(name))
        if name in {"created_at", "completed_at"}:
            mine, theirs = _whole(mine), _whole(theirs)
        if mine != theirs:
            expected = f"{shown(theirs)}, as in {other.answer.case.id}"
            yield one.finding(expected, shown(mine), f"/{name}")


def _whole(value: Any) -> Any:
    return math.floor(value) if isinstance(value, float) and math.isfinite(value) else value


def _bare(value: Any) -> Any:
    """The value without members that are null.

    Loops rather than comprehensions, which would double the frames that a deeply nested value takes.
    """
    if isinstance(value, dict):
        members = {}
        for name, member in value.items():
            if member is not None:
                members[name] = _bare(member)
        return members
    if isinstance(value, list):
        elements = []
        for element in value:
            elements.append(_bare(element))
        return elements
    return value


@check
def cancelled_response_is_at_its_end(subject: Subject) -> Iterator[Finding]:
    """It was completed before, so cancelling it cannot set it going again."""
    for response in responses(subject):
        if response.status is None:
            raise NotShown("the response has no status")
        if response.status not in _TERMINAL:
            expected = "'completed', as it was, or 'cancelled'"
            yield response.finding(expected, shown(response.status), "/status")


@check
def unstored_response_is_not_found(subject: Subject) -> Iterator[Finding]:
    """store false: nothing is kept that could be read."""
    for answer in subject.answers:
        if answer.state == "answered":
            yield Finding("a refusal", f"{answer.status} with the response", "status", answer.exchange.id)
        elif answer.state != "refused":
            raise Spoiled("it was neither answered nor refused")


def _payloads(answer: Answer) -> list[tuple[int, dict[str, Any]]]:
    return [
        (index, payload)
        for index, payload in judged_payloads(answer)
        if isinstance(payload, dict) and str(payload.get("type")).startswith("response.")
    ]


def _after(answer: Answer) -> int:
    """The number behind which a replay was asked to start; -1 for the whole."""
    return int(answer.case.query.get("starting_after", "-1"))


def _number(payload: dict[str, Any]) -> int | None:
    number = payload.get("sequence_number")
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _first_number(answer: Answer) -> int | None:
    """That of the first event that has one, whatever its type: a keepalive may take a number too."""
    numbers = (_number(payload) for _, payload in judged_payloads(answer) if isinstance(payload, dict))
    return next((number for number in numbers if number is not None), None)


@check
def replay_starts_behind_the_number(subject: Subject) -> Iterator[Finding]:
    """starting_after is exclusive: the first event has the number that follows."""
    for answer in streams(subject):
        events = _payloads(answer)
        if not events:
            raise Spoiled("the replay has no events")
        index, first = events[0]
        if _number(first) is None:
            raise Spoiled("the first event has no sequence_number")
        if _after(answer) + 1 not in {_number(first), _first_number(answer)}:
            where = f"event {index} /sequence_number"
            yield Finding(str(_after(answer) + 1), str(_number(first)), where, answer.exchange.id)


@check
def replay_equals_the_stream(subject: Subject) -> Iterator[Finding]:
    """Event by event: type, number, place and text; obfuscation, and what is known later, may differ."""
    for answer in streams(subject):
        original = subject.answered(subject.case.compare[0])
        if original is None:
            raise NotShown(f"{subject.case.compare[0]} was not answered")
        before = [payload for _, payload in _payloads(original)]
        if any(_number(payload) is None for payload in before) or not before:
            raise NotShown("the events of the original stream have no numbers")
        due = [payload for payload in before if (_number(payload) or 0) > _after(answer)]
        yield from _compared(answer, due)


def _compared(answer: Answer, due: list[dict[str, Any]]) -> Iterator[Finding]:
    """The first difference: those that follow come from it."""
    found = _payloads(answer)
    for (index, mine), theirs in zip(found, due, strict=False):
        for name in _TOLD_AGAIN:
            if mine.get(name) != theirs.get(name):
                where = f"event {index} /{name}"
                expected = f"{shown(theirs.get(name))}, as in the original stream"
                yield Finding(expected, shown(mine.get(name)), where, answer.exchange.id)
                return
    if len(found) != len(due):
        last = f"event {max(len(found) - 1, 0)}"
        yield Finding(
            f"{len(due)} events, as in the original stream", str(len(found)), last, answer.exchange.id
        )


@check
def replayed_response_equals_the_created(subject: Subject, members: Sequence[str]) -> Iterator[Finding]:
    """The response in the last event of a replay, against the one that was created, streamed or not."""
    for answer in streams(subject):
        yield from _differences(response_of(answer), _created(subject), members)


@check
def replay_beyond_the_end_is_empty(subject: Subject) -> Iterator[Finding]:
    """Nothing follows the last event; the terminal one alone is legal too."""
    for answer in streams(subject):
        for index, payload in _payloads(answer):
            if payload.get("type") not in TERMINAL_EVENTS:
                where = f"event {index} /type"
                yield Finding("no event", shown(payload.get("type")), where, answer.exchange.id)
                return
