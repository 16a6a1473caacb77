"""Server-sent events: framing, the terminator, and the shape of each event."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from conformance.answer import Answer
from conformance.checks.excerpt import shown
from conformance.checks.shape import mismatches
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check
from conformance.wire import sse, strict_json

_MOST_FINDINGS = 5
_UNTYPED = ("POST /v1/chat/completions", "POST /v1/completions")  # all events of these are of one shape


def streams(subject: Subject) -> Iterator[Answer]:
    """The subject's answered streams.

    Raises NotShown when it was refused, Spoiled when what came back is no stream at all.
    """
    for answer in subject.answers:
        if answer.state == "refused":
            raise NotShown("it was refused as documented")
        if not answer.transcript.events and not answer.is_event_stream:
            raise Spoiled("the answer is not a stream")
        yield answer


def judged_payloads(answer: Answer) -> Iterator[tuple[int, Any]]:
    """Index and JSON value of each event's data; ``[DONE]`` and what is not JSON are left out."""
    for index, payload in enumerate(answer.payloads):
        if payload is not None:
            yield index, payload


def _deviations(answer: Answer, expected: str, *kinds: sse.DeviationKind) -> Iterator[Finding]:
    for kind in kinds:
        for deviation in islice(answer.transcript.of_kind(kind), _MOST_FINDINGS):
            yield Finding(expected, deviation.message, f"byte {deviation.offset}", answer.exchange.id)


@check
def stream_has_events(subject: Subject) -> Iterator[Finding]:
    """A stream of comments alone, or of nothing, is not an answer."""
    for answer in streams(subject):
        if not answer.payloads and not answer.transcript.deviations:
            yield Finding("at least one event", "none", "byte 0", answer.exchange.id)


@check
def every_event_ends_with_a_blank_line(subject: Subject) -> Iterator[Finding]:
    """What is not ended is discarded by the standard's own rule."""
    for answer in streams(subject):
        yield from _deviations(answer, "a blank line behind the last event", "unterminated")


@check
def every_event_is_json(subject: Subject) -> Iterator[Finding]:
    """No empty data, no event without data, no text that is not JSON."""
    for answer in streams(subject):
        yield from _deviations(answer, "an event with data", "no_data", "empty_data")
        for event in answer.transcript.events:
            if event.data and not event.data.startswith("[DONE]") and not _is_json(event.data):
                yield Finding(
                    "a JSON text", event.data[:120], f"byte {event.data_offset}", answer.exchange.id
                )


def _is_json(data: str) -> bool:
    try:
        deviations = strict_json.loads(data).deviations
    except strict_json.JsonError:
        return False
    return not any(deviation.kind in {"trailing_bytes", "not_a_number"} for deviation in deviations)


@check
def stream_is_plain_utf8(subject: Subject) -> Iterator[Finding]:
    """Bytes that decode, from the first one on."""
    for answer in streams(subject):
        yield from _deviations(answer, "UTF-8 without a byte order mark", "bom", "invalid_utf8", "nul")


@check
def stream_has_known_fields_only(subject: Subject) -> Iterator[Finding]:
    """The fields of events and comments; ``id`` and ``retry`` make SDKs raise where they stand alone."""
    for answer in streams(subject):
        yield from _deviations(
            answer, "the field of an event, or a comment", "unknown_field", "id_field", "retry_field"
        )


@check
def data_stands_on_one_line(subject: Subject) -> Iterator[Finding]:
    """Legal by the standard, and still lost on clients that split at newlines."""
    for answer in streams(subject):
        yield from _deviations(answer, "one data line an event", "multi_line_data")


@check
def stream_ends_with_done(subject: Subject) -> Iterator[Finding]:
    """The last event is ``[DONE]`` and nothing but it."""
    for answer in streams(subject):
        events = answer.transcript.events
        if not events:
            raise Spoiled("the stream has no events")
        yield from _deviations(answer, "data: [DONE]", "done_with_extra")
        if not any(event.data.startswith("[DONE]") for event in events) and not _cut_done(answer):
            yield Finding(
                "data: [DONE]", shown(events[-1].data), f"byte {events[-1].start}", answer.exchange.id
            )


def _cut_done(answer: Answer) -> bool:
    last = answer.transcript.unterminated
    return last is not None and last.data.startswith("[DONE]")


@check
def nothing_follows_done(subject: Subject) -> Iterator[Finding]:
    """Whoever reads on would be surprised, and whoever stops loses it."""
    for answer in streams(subject):
        yield from _deviations(answer, "nothing", "after_done")


@check
def every_event_matches_its_schema(subject: Subject) -> Iterator[Finding]:
    """Each payload against the operation's event schema, or that of its ``type``; unknown types pass."""
    for answer in streams(subject):
        found = (
            finding
            for index, payload in judged_payloads(answer)
            if not _is_error(payload)
            for finding in _event_mismatches(subject, answer, index, payload)
        )
        yield from islice(found, _MOST_FINDINGS)


def _event_mismatches(subject: Subject, answer: Answer, index: int, payload: Any) -> Iterator[Finding]:
    schema = answer.operation.response_schema("text/event-stream")
    by_type = subject.contract.schemas.events.get(answer.operation.event_area, {})
    if answer.operation.name not in _UNTYPED and isinstance(payload, dict):
        schema = by_type.get(str(payload.get("type")), schema)
    if schema is not None:
        yield from mismatches(subject, answer, schema, payload, where=f"event {index}")


def _is_error(payload: Any) -> bool:
    return isinstance(payload, dict) and (bool(payload.get("error")) and not payload.get("choices"))


@check
def stream_holds_no_error(subject: Subject) -> Iterator[Finding]:
    """A request that is supported is not answered by an error event."""
    for answer in streams(subject):
        for index, payload in judged_payloads(answer):
            failed = isinstance(payload, dict) and payload.get("type") in ("error", "response.failed")
            if failed or _is_error(payload):
                yield Finding("the answer", shown(payload), f"event {index}", answer.exchange.id)


@check
def events_are_unnamed(subject: Subject) -> Iterator[Finding]:
    """Data-only events, as clients of these two operations expect."""
    for answer in streams(subject):
        for index, event in enumerate(answer.transcript.events):
            if event.event_field:
                yield Finding(
                    "no event field", f"event: {event.event_field}", f"event {index}", answer.exchange.id
                )
