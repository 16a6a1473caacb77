"""A Response as a whole: its status and what must agree with it, its times, its ids."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from conformance.checks.excerpt import shown
from conformance.checks.response_view import (
    FINISHED,
    Item,
    ResponseObject,
    completed,
    finished,
    readable,
    responses,
)
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check

_TRANSIENT = frozenset({"rate_limit_exceeded", "server_is_overloaded", "insufficient_quota", "slow_down"})
_YEAR_2001 = 1_000_000_000
_YEAR_5138 = 100_000_000_000  # milliseconds are beyond it, seconds are not
_DAY = 86_400
_WRITTEN = ("message", "function_call", "custom_tool_call")


@check
def response_is_finished(subject: Subject) -> Iterator[Finding]:
    """Completed or incomplete; an upstream's rate limit or quota shows nothing."""
    for response in responses(subject):
        if response.status is None:
            raise NotShown("the response has no status")
        if response.status == "failed" and _error_code(response) in _TRANSIENT:
            raise Spoiled(f"the response failed with {_error_code(response)}")
        if response.status not in FINISHED:
            yield response.finding("'completed' or 'incomplete'", shown(response.status), "/status")


def _error_code(response: ResponseObject) -> Any:
    error = response.value.get("error")
    return error.get("code") if isinstance(error, dict) else None


@check
def response_error_fits_status(subject: Subject) -> Iterator[Finding]:
    """An error where it failed, and nowhere else."""
    for response in responses(subject):
        error = response.value.get("error")
        if response.status == "failed" and error is None:
            yield response.finding("the error that made it fail", shown(error), "/error")
        elif response.status in FINISHED and error is not None:
            yield response.finding(f"null, as it is {response.status}", shown(error), "/error")


@check
def incomplete_details_fit_status(subject: Subject) -> Iterator[Finding]:
    """A reason where it is incomplete, and nowhere else."""
    for response in finished(subject):
        details = response.value.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        if response.status == "incomplete" and not reason:
            yield response.finding("the reason why it is incomplete", shown(details), "/incomplete_details")
        elif response.status == "completed" and details is not None:
            yield response.finding("null, as it is completed", shown(details), "/incomplete_details")


@check
def response_is_not_completed_before_created(subject: Subject) -> Iterator[Finding]:
    """Whole seconds are compared, since either time may be rounded down."""
    for response in finished(subject):
        created, ended = _time(response, "created_at"), _time(response, "completed_at")
        if created is None or ended is None:
            raise NotShown("the response does not have both times")
        if not _is_time(created):
            raise Spoiled("created_at is no time")
        if ended < math.floor(created):
            yield response.finding(f"at least created_at, {shown(created)}", shown(ended), "/completed_at")


def _time(response: ResponseObject, name: str) -> float | None:
    value = response.value.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if math.isfinite(value) else None


def _is_time(seconds: float) -> bool:
    return _YEAR_2001 <= seconds < _YEAR_5138


@check
def completed_at_fits_status(subject: Subject) -> Iterator[Finding]:
    """Null unless completed; a response without the member is not judged."""
    for response in finished(subject):
        if "completed_at" not in response.value:
            raise NotShown("the response has no completed_at")
        at = response.value["completed_at"]
        if response.status == "completed" and at is None:
            yield response.finding("the time of completion", "null", "/completed_at")
        elif response.status == "incomplete" and at is not None:
            yield response.finding("null, as it is incomplete", shown(at), "/completed_at")


@check
def created_at_counts_seconds(subject: Subject) -> Iterator[Finding]:
    """Not 0 and not milliseconds, of which date libraries make another age or an exception."""
    for response in responses(subject):
        created = _time(response, "created_at")
        if created is not None and not _is_time(created):
            yield response.finding("seconds since 1970", shown(created), "/created_at")


@check
def created_at_is_the_time_of_the_request(subject: Subject) -> Iterator[Finding]:
    """To within a day, whatever the time zone of either clock."""
    for response in responses(subject):
        created, sent = _time(response, "created_at"), response.answer.exchange.started_at
        if created is None or not _is_time(created):
            raise Spoiled("created_at is no time")
        if abs(created - sent) > _DAY:
            expected = f"the time of the request, {int(sent)}"
            yield response.finding(expected, shown(created), "/created_at")


@check
def output_item_ids_differ(subject: Subject) -> Iterator[Finding]:
    """Within one response; a call and its result share a call_id, not an id."""
    for response in responses(subject):
        ids = Counter(i.value["id"] for i in response.items if isinstance(i.value.get("id"), str))
        for value, times in ids.items():
            if times > 1:
                yield response.finding("an id for each item", f"{value!r} {times} times", "/output")


@check
def output_item_ids_differ_between_responses(subject: Subject) -> Iterator[Finding]:
    """An item that is sent back as input is known by its id."""
    yield from _shared(subject, "id", lambda item: item.value.get("id"))


@check
def call_ids_differ_between_responses(subject: Subject) -> Iterator[Finding]:
    """A result names its call by nothing else, so in a longer conversation the id must be alone."""
    calls = ("function_call", "custom_tool_call")
    yield from _shared(subject, "call_id", lambda i: i.value.get("call_id") if i.kind in calls else None)


def _shared(subject: Subject, member: str, read: Any) -> Iterator[Finding]:
    holders: dict[str, list[tuple[ResponseObject, Item]]] = defaultdict(list)
    for response in readable(subject):
        for item in response.items:
            if isinstance(read(item), str) and read(item):
                holders[read(item)].append((response, item))
    if not holders:
        raise NotShown(f"no answer has an item with {member}")
    for value, found in holders.items():
        if len({response.answer.exchange.id for response, _ in found}) > 1:
            cases = ", ".join(dict.fromkeys(response.answer.case.id for response, _ in found[:3]))
            response, item = found[1]
            pointer = f"{item.pointer}/{member}"
            yield response.finding("an id of its own", f"{value!r} {len(found)} times ({cases})", pointer)


@check
def call_id_is_not_the_item_id(subject: Subject) -> Iterator[Finding]:
    """Two names for two things: the item in the output, and the call that a result answers."""
    calls = [(r, item) for r in finished(subject) for item in r.of_kind("function_call")]
    if not calls:
        raise NotShown("the model called no function")
    for response, item in calls:
        call_id = item.value.get("call_id")
        if call_id is not None and call_id == item.value.get("id"):
            yield response.finding("another value than id", shown(call_id), f"{item.pointer}/call_id")


@check
def items_of_a_completed_response_are_completed(subject: Subject) -> Iterator[Finding]:
    """Only what the model writes is judged: a hosted tool may have failed."""
    for response in completed(subject):
        for item in response.of_kind(*_WRITTEN):
            if item.status in {"in_progress", "incomplete"}:
                yield response.finding("'completed'", shown(item.status), f"{item.pointer}/status")


@check
def cut_item_says_incomplete(subject: Subject) -> Iterator[Finding]:
    """The last thing written before the limit was cut, so it is not completed."""
    for response in finished(subject):
        if response.status != "incomplete" or _reason(response) != "max_output_tokens":
            raise NotShown("the response was not cut by max_output_tokens")
        last = response.items[-1] if response.items else None
        if last is None or last.status is None or last.kind not in _WRITTEN:
            raise NotShown("no written item with a status was cut")
        if last.status != "incomplete":
            yield response.finding("'incomplete'", shown(last.status), f"{last.pointer}/status")


def _reason(response: ResponseObject) -> Any:
    details = response.value.get("incomplete_details")
    return details.get("reason") if isinstance(details, dict) else None


@check
def response_cut_by_the_limit_is_incomplete(subject: Subject) -> Iterator[Finding]:
    """As many tokens as allowed, and more to say: incomplete, with that reason."""
    for response in finished(subject):
        limit, written = response.request.get("max_output_tokens"), response.count("output_tokens")
        reason = _reason(response)
        if response.status == "incomplete" or (response.status is None and reason):
            if reason not in (None, "max_output_tokens", "content_filter"):
                yield response.finding("'max_output_tokens'", shown(reason), "/incomplete_details/reason")
        elif written is None or not isinstance(limit, int) or written < limit:
            raise NotShown("the answer ended before the limit")
        else:
            expected = f"'incomplete', as {written} of {limit} tokens were used"
            yield response.finding(expected, shown(response.status), "/status")
