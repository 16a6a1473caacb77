"""Response headers: the request id, message framing, rate limits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Literal

from conformance.answer import Answer
from conformance.checks.subject import Finding, NotShown, Subject, check

Kind = Literal["answer", "stream", "error"]

_DURATION = re.compile(r"(\d+(\.\d+)?(ms|us|µs|s|m|h|d))+")
_PRINTABLE = re.compile(r"[!-~]{1,512}")
_ACTED_ON = ("content-type", "access-control-allow-origin", "retry-after", "location", "content-encoding")


def _kind(answer: Answer) -> Kind | None:
    if answer.status >= 400:
        return "error"
    if 200 <= answer.status < 300 or answer.status == 101:
        return "stream" if answer.is_event_stream else "answer"
    return None


@check
def request_id_is_present(subject: Subject, kind: Kind) -> Iterator[Finding]:
    """Each answer of ``kind`` has an x-request-id that is not empty."""
    answers = [answer for answer in subject.answers if _kind(answer) == kind]
    if not answers:
        raise NotShown(f"no {kind} was seen")
    for answer in answers:
        value = answer.response.header("x-request-id")
        if value is None or not value.strip():
            seen = "an empty value" if value is not None else other_request_id(answer)
            yield Finding(
                "an x-request-id", f"{seen} on {answer.case.id}", "x-request-id", answer.exchange.id
            )


def other_request_id(answer: Answer) -> str:
    """What stands in the place of an x-request-id, in words."""
    for name, _ in answer.response.headers:
        if re.search(r"(request|trace|correlation).?id", name, re.IGNORECASE):
            return f"only {name}"
    return "none"


@check
def request_id_is_one(subject: Subject) -> Iterator[Finding]:
    """A second value makes it unclear which one the logs have."""
    for answer in subject.answers:
        values = answer.response.header_values("x-request-id")
        if len(values) > 1:
            yield Finding(
                "one x-request-id", f"{len(values)}: {', '.join(values)}", "x-request-id", answer.exchange.id
            )


@check
def request_ids_differ(subject: Subject) -> Iterator[Finding]:
    """Ids are unique over the run."""
    holders: dict[str, list[Answer]] = defaultdict(list)
    for answer in subject.answers:
        for value in set(answer.response.header_values("x-request-id")):
            if value.strip():
                holders[value].append(answer)
    if not holders:
        raise NotShown("no response carried an x-request-id")
    for value, answers in holders.items():
        if len(answers) > 1:
            cases = ", ".join(answer.case.id for answer in answers[:3])
            seen = f"{value!r} on {len(answers)} responses ({cases})"
            yield Finding(
                "an x-request-id of its own for each response", seen, "x-request-id", answers[1].exchange.id
            )


@check
def request_id_is_printable(subject: Subject) -> Iterator[Finding]:
    """No spaces, no control characters, no more than 512 characters."""
    for answer in subject.answers:
        value = answer.response.header("x-request-id")
        if value and value.strip() and not _PRINTABLE.fullmatch(value):
            yield Finding(
                "1 to 512 visible ASCII characters", repr(value[:80]), "x-request-id", answer.exchange.id
            )


@check
def message_framing_is_unambiguous(subject: Subject) -> Iterator[Finding]:
    """RFC 9112 §6: proxies in between may read another length than the client."""
    for answer in subject.answers:
        lengths = answer.response.header_values("content-length")
        if len(lengths) > 1:
            yield Finding("one Content-Length", ", ".join(lengths), "content-length", answer.exchange.id)
        if lengths and answer.response.header_values("transfer-encoding"):
            seen = "Content-Length and Transfer-Encoding"
            yield Finding("one way to know the body's length", seen, "transfer-encoding", answer.exchange.id)


@check
def rate_limit_headers_parse(subject: Subject) -> Iterator[Finding]:
    """Integers, Go-style durations, remaining ≤ limit."""
    for answer in subject.answers:
        headers = {
            name.lower(): value for name, value in answer.response.headers if "ratelimit" in name.lower()
        }
        timing = answer.response.header("openai-processing-ms")
        if timing is not None and not timing.strip().isdigit():
            yield Finding("milliseconds", timing, "openai-processing-ms", answer.exchange.id)
        for name, value in headers.items():
            if re.match(r"x-ratelimit-(limit|remaining)-", name) and not value.isdigit():
                yield Finding("an integer", value, name, answer.exchange.id)
            if name.startswith("x-ratelimit-reset-") and not _DURATION.fullmatch(value):
                yield Finding("a duration such as 6m0s", value, name, answer.exchange.id)
            limit = headers.get(name.replace("remaining", "limit"), "")
            if "-remaining-" in name and value.isdigit() and limit.isdigit() and int(value) > int(limit):
                yield Finding(f"at most the limit, {limit}", value, name, answer.exchange.id)


@check
def retry_after_parses(subject: Subject) -> Iterator[Finding]:
    """Seconds, or a date; whatever else a client cannot obey."""
    for answer in subject.answers:
        value = answer.response.header("retry-after")
        if value is not None and not value.strip().isdigit() and not _is_date(value):
            yield Finding("seconds or an HTTP date", value, "retry-after", answer.exchange.id)


def _is_date(value: str) -> bool:
    try:
        parsedate_to_datetime(value)
    except ValueError:
        return False
    return True


@check
def headers_are_not_empty(subject: Subject) -> Iterator[Finding]:
    """An empty value is neither the header nor its absence."""
    for answer in subject.answers:
        for name, value in answer.response.headers:
            if name.lower() in _ACTED_ON and not value.strip():
                yield Finding("a value, or no such header", "an empty value", name, answer.exchange.id)
