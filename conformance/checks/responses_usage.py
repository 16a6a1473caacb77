"""Token counts of Responses: that they are there, add up, and follow what was read and written."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.excerpt import shown
from conformance.checks.response_view import (
    ResponseObject,
    answered_response,
    finished,
    readable,
    response_of,
)
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check

_LEAST_JUDGED = 64  # characters; a short text may be one odd token
_MOST_CHARACTERS = 16  # a token; the longest words of common vocabularies have about that many
_DETAILS = (
    ("input_tokens", "input_tokens_details", "cached_tokens"),
    ("input_tokens", "input_tokens_details", "cache_write_tokens"),
    ("output_tokens", "output_tokens_details", "reasoning_tokens"),
)


@check
def finished_response_has_usage(subject: Subject) -> Iterator[Finding]:
    """Null is for the unfinished."""
    for response in finished(subject):
        if response.value.get("usage") is None:
            yield response.finding("the token counts", shown(response.value.get("usage")), "/usage")


def _with_usage(subject: Subject) -> Iterator[ResponseObject]:
    """Finished responses with usage. Spoiled when one has none, which finished_response_has_usage tells."""
    for response in finished(subject):
        if response.usage is None:
            raise Spoiled("the response has no usage")
        yield response


def _counted(subject: Subject) -> Iterator[ResponseObject]:
    """As ``_with_usage``; Spoiled when one counts nothing, which another check tells."""
    for response in _with_usage(subject):
        if _counts_nothing(response):
            raise Spoiled("usage counts nothing")
        yield response


def _counts_nothing(response: ResponseObject) -> bool:
    """An output of the model has tokens; what a compaction keeps may have none."""
    written = bool(response.items) and response.value.get("object") != "response.compaction"
    return response.count("input_tokens") == 0 or (written and response.count("output_tokens") == 0)


@check
def response_usage_adds_up(subject: Subject) -> Iterator[Finding]:
    """total = input + output, exactly."""
    for response in _with_usage(subject):
        read, written = response.count("input_tokens"), response.count("output_tokens")
        total = response.count("total_tokens")
        if read is None or written is None or total is None:
            raise Spoiled("usage lacks a count")
        if total != read + written:
            expected = f"{read + written} ({read} + {written})"
            yield response.finding(expected, str(total), "/usage/total_tokens")


@check
def response_usage_details_fit(subject: Subject) -> Iterator[Finding]:
    """No part is more than its whole."""
    for response in _counted(subject):
        for whole_name, details, name in _DETAILS:
            whole, part = response.count(whole_name), response.count(details, name)
            if whole is not None and part is not None and part > whole:
                expected = f"at most {whole_name}, {whole}"
                yield response.finding(expected, str(part), f"/usage/{details}/{name}")


@check
def response_usage_counts_what_was_done(subject: Subject, *, written: bool = True) -> Iterator[Finding]:
    """An input was read; where there is output, it was written, unless ``written`` is not judged."""
    for response in _with_usage(subject):
        for name, done in (("input_tokens", True), ("output_tokens", written and bool(response.items))):
            if done and response.count(name) == 0:
                yield response.finding("at least 1", "0", f"/usage/{name}")


@check
def output_tokens_are_plausible(subject: Subject) -> Iterator[Finding]:
    """A count that stays where it is however much was written is a constant, not a count."""
    judged = 0
    for response in readable(subject):
        written = response.count("output_tokens")
        length = sum(len(text) for _, text in response.texts())
        if not written or length < _LEAST_JUDGED:
            continue
        judged += 1
        if length > _MOST_CHARACTERS * written:
            least = -(-length // _MOST_CHARACTERS)
            expected = f"at least {least} for a text of {length} characters"
            yield response.finding(expected, str(written), "/usage/output_tokens")
    if not judged:
        raise NotShown("no answer is long enough to tell")


@check
def output_tokens_keep_the_limit(subject: Subject) -> Iterator[Finding]:
    """Reasoning is counted in, as the limit is."""
    for response in _counted(subject):
        limit, written = response.request.get("max_output_tokens"), response.count("output_tokens")
        if not isinstance(limit, int) or written is None:
            raise NotShown("there is no limit, or no count")
        if written > limit:
            yield response.finding(f"at most {limit}", str(written), "/usage/output_tokens")


@check
def incomplete_response_used_the_limit(subject: Subject) -> Iterator[Finding]:
    """Tokenizers differ by a few tokens, not by half."""
    for response in _counted(subject):
        limit, written = response.request.get("max_output_tokens"), response.count("output_tokens")
        if response.status != "incomplete" or not isinstance(limit, int) or written is None:
            raise NotShown("the response was not cut")
        if written * 2 < limit:
            expected = f"about {limit}, as the limit cut it"
            yield response.finding(expected, str(written), "/usage/output_tokens")


@check
def longer_response_input_counts_more(subject: Subject) -> Iterator[Finding]:
    """Compared with the input that this one begins with."""
    for response in _counted(subject):
        other = answered_response(subject, subject.case.compare[0])
        mine, theirs = response.count("input_tokens"), other.count("input_tokens")
        if mine is None or theirs is None:
            raise NotShown("the two answers do not both count their input")
        if mine <= theirs:
            expected = f"more than {theirs}, those of {other.answer.case.id}"
            yield response.finding(expected, str(mine), "/usage/input_tokens")


@check
def continued_turn_counts_the_earlier_one(subject: Subject) -> Iterator[Finding]:
    """What was said before is read again."""
    for response, other, mine, theirs in _turns(subject):
        if mine < theirs:
            expected = f"at least {theirs}, those of {other.answer.case.id}"
            yield response.finding(expected, str(mine), "/usage/input_tokens")


@check
def continued_turn_knows_the_earlier_one(subject: Subject, told: str) -> Iterator[Finding]:
    """Two signs together: fewer tokens were read than the earlier turn has, and ``told`` is forgotten."""
    for response, other, mine, theirs in _turns(subject):
        if mine < theirs and told.lower() not in response.text.lower():
            expected = f"an answer that knows {told!r}, and {theirs} tokens of {other.answer.case.id} read"
            yield response.finding(expected, f"{shown(response.text)}, {mine} read", "/output")


def _turns(subject: Subject) -> Iterator[tuple[ResponseObject, ResponseObject, int, int]]:
    for response in _counted(subject):
        other = answered_response(subject, subject.case.compare[0])
        mine, theirs = response.count("input_tokens"), other.count("input_tokens")
        if mine is None or theirs is None:
            raise NotShown("the two turns do not both count their input")
        yield response, other, mine, theirs


@check
def streamed_usage_equals_the_unstreamed(subject: Subject) -> Iterator[Finding]:
    """The same request reads the same; where the same was written, it counts the same."""
    twin = answered_response(subject, subject.case.mirrors)
    response = response_of(subject.answer)
    if _counts_nothing(response) or _counts_nothing(twin):
        raise Spoiled("usage counts nothing")
    names = ["input_tokens"]
    if _same_output(response, twin):
        names.append("output_tokens")
    for name in names:
        mine, theirs = response.count(name), twin.count(name)
        if mine is None or theirs is None:
            raise NotShown("the two answers do not both have usage")
        if mine != theirs:
            expected = f"{theirs}, as in {twin.answer.case.id}"
            yield response.finding(expected, str(mine), f"/usage/{name}")


def _same_output(one: ResponseObject, other: ResponseObject) -> bool:
    """True when all that was written is a text, and the same in both; hidden reasoning counts as other."""
    kinds = {item.kind for response in (one, other) for item in response.items}
    hidden = {response.count("output_tokens_details", "reasoning_tokens") for response in (one, other)}
    return kinds == {"message"} and len(hidden) == 1 and bool(one.text) and one.texts() == other.texts()
