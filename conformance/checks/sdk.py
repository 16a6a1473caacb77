"""What users of the official Python client get for what was recorded; judged where the extra ``sdk`` is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from conformance.answer import Answer
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, Unequipped, check

_MOST_FINDINGS = 5
_MOST_TEXT = 300
_OLDEST = 3  # the first major version that reads answers through httpx2, as the replay does


@check
def client_reads_every_answer(subject: Subject) -> Iterator[Finding]:
    """The operation's method returns an object of its documented type and raises nothing."""
    _require_client()
    from conformance.sdk import calls, reading

    for answer in _answered(subject, _is_whole):
        read = reading.read_answer(answer)
        wanted = calls.type_of_answer(answer.case)
        if read.raised is not None:
            yield _complaint(f"client.{read.call} gives the answer", read.complaint, answer)
        elif wanted is not None and not isinstance(read.value, wanted):
            seen = f"{type(read.value).__name__}: {str(read.value)[:_MOST_TEXT]}"
            yield _complaint(f"client.{read.call} gives a {wanted.__name__}", seen, answer)


@check
def client_follows_every_stream(subject: Subject) -> Iterator[Finding]:
    """Iterating over the stream, and the streaming helper over it where there is one, come to the end."""
    _require_client()
    from conformance.sdk import reading

    for answer in _answered(subject, _is_stream):
        read = reading.read_stream(answer)
        if read.raised is not None:
            yield _complaint(f"client.{read.call} comes to the stream's end", read.complaint, answer)


@check
def client_reads_every_message(subject: Subject) -> Iterator[Finding]:
    """The SDK's connection gives an event for each message of the server."""
    _require_client()
    from openai import BaseModel

    from conformance.sdk import reading

    for answer in _answered(subject, _is_conversation):
        read = reading.read_conversation(answer)
        if read.raised is not None:
            yield _complaint(f"{read.call} gives an event", read.complaint, answer, f"message {len(read.value)}")
        for index, event in enumerate(read.value):
            if not isinstance(event, BaseModel):
                yield _complaint(f"{read.call} gives an event", shown(event), answer, f"message {index}")


@check
def client_raises_the_documented_error(subject: Subject) -> Iterator[Finding]:
    """A refusal becomes the exception class of its status, with the envelope's code, param and message."""
    _require_client()
    from conformance.sdk import reading

    for answer in _refused(subject):
        raised = reading.read_refusal(answer).raised
        wanted = reading.documented_class(answer.status)
        if type(raised) is not wanted:
            yield _complaint(f"openai.{wanted.__name__}", f"{type(raised).__name__}: {raised}", answer)
            continue
        body = getattr(raised, "body", None)
        if not isinstance(body, dict):
            yield _complaint(f"openai.{wanted.__name__} with the error as its body", shown(body), answer)
            continue
        for member in ("code", "param"):
            given, kept = answer.error.get(member), getattr(raised, member)
            if given != kept or not (kept is None or isinstance(kept, str)):
                expected = f"openai.{wanted.__name__}.{member} is the envelope's text or None"
                yield _complaint(expected, f"{kept!r} for {shown(given)}", answer, f"/error/{member}")


@check
def client_exposes_the_request_id(subject: Subject) -> Iterator[Finding]:
    """``_request_id`` of an answer's object and ``request_id`` of an exception are a text that is not empty."""
    _require_client()
    from conformance.sdk import calls, reading

    for answer in _answered(subject, lambda answer: _is_whole(answer) or answer.state == "refused"):
        if answer.state == "refused":
            read, name = reading.read_refusal(answer), "request_id of the exception"
        elif calls.type_of_answer(answer.case) is str:
            continue  # a plain text has no attributes
        else:
            read, name = reading.read_answer(answer), "_request_id of the answer"
            if read.raised is not None or isinstance(read.value, str):
                continue
        if not read.request_id:
            yield Finding(f"{name}: a text", repr(read.request_id), "x-request-id", answer.exchange.id)


@check
def answers_fit_the_client_types(subject: Subject) -> Iterator[Finding]:
    """Every value is of the type that the client announces; enums, items and events may be newer than the client."""
    _require_client()

    for answer in _answered(subject, lambda _: True):
        yield from _first_misfits(subject, answer)


def _first_misfits(subject: Subject, answer: Answer) -> tuple[Finding, ...]:
    return answer.remembered("sdk misfits", lambda: tuple(islice(_misfits(subject, answer), _MOST_FINDINGS)))


def _misfits(subject: Subject, answer: Answer) -> Iterator[Finding]:
    from conformance.sdk import fit

    for where, value, wanted, schema in _values(subject, answer):
        found = list(fit.misfits(value, wanted))
        if any(misfit.absent for misfit in found):
            lacking = _lacking(subject, schema, value)
            found = [misfit for misfit in found if not misfit.absent or _is_at(misfit.pointer, lacking)]
        for misfit in found:
            place = f"{where} {misfit.pointer}".strip() or "/"
            yield Finding(misfit.expected, shown(misfit.seen), place, answer.exchange.id)


def _values(subject: Subject, answer: Answer) -> Iterator[tuple[str, Any, Any, str | None]]:
    """Where each JSON value of an answer is, the value, the client's type of it, and the contract's schema of it."""
    from conformance.sdk import calls

    operation = answer.operation
    if _is_whole(answer):
        wanted = calls.type_of_answer(answer.case)
        if answer.json is not None and wanted not in (None, str):
            yield "", answer.json, wanted, operation.response_schema("application/json")
        return
    unit, values = ("event", answer.payloads) if _is_stream(answer) else ("message", answer.messages)
    by_type = subject.contract.schemas.events.get(operation.event_area, {})
    usual = operation.response_schema("text/event-stream")
    for index, value in enumerate(values):
        if isinstance(value, dict) and not value.get("error"):
            schema = by_type.get(str(value.get("type")), usual)
            yield f"{unit} {index}", value, calls.type_of_event(operation.name), schema


def _lacking(subject: Subject, schema: str | None, value: Any) -> frozenset[str]:
    """Where the contract misses something too. What it lets be absent or null, no client may insist on."""
    if schema is None or schema not in subject.contract.schemas:
        return frozenset()
    found = subject.contract.schemas.mismatches(schema, value, recommended=True)
    return frozenset(mismatch.pointer for mismatch in found)


def _is_at(pointer: str, places: frozenset[str]) -> bool:
    return any(f"{pointer}/".startswith(f"{place}/") or f"{place}/".startswith(f"{pointer}/") for place in places)


def _require_client() -> None:
    try:
        import httpx2  # noqa: F401 - the client's own transport
        import openai
    except ModuleNotFoundError:
        raise Unequipped("install openai-api-conformance[sdk] to see what the official client makes of it") from None
    if int(openai.__version__.partition(".")[0]) < _OLDEST:
        raise Unequipped(f"openai {openai.__version__} is too old to be judged with: install openai-api-conformance[sdk]")


def _answered(subject: Subject, wanted: Callable[[Answer], bool]) -> Iterator[Answer]:
    """The answers of the kind that is wanted. Raises NotShown or Spoiled when there is none."""
    found = [answer for answer in subject.answers if _is_judged(answer) and wanted(answer)]
    if not found and any(answer.state in {"broken", "none"} for answer in subject.answers):
        raise Spoiled("no request of it was answered as it should be")
    if not found:
        raise NotShown("no answer of this kind was given")
    yield from found


def _refused(subject: Subject) -> Iterator[Answer]:
    return _answered(subject, lambda answer: answer.state == "refused")


def _is_judged(answer: Answer) -> bool:
    """Refusals, and answers to requests that may be answered; of odd requests others say what may come back."""
    return answer.state == "refused" or (answer.state == "answered" and answer.case.expects in {"answer", "either"})


def _is_whole(answer: Answer) -> bool:
    from conformance.sdk import calls

    streamed = answer.case.stream or answer.operation.transport == "websocket"
    return answer.state == "answered" and not streamed and answer.operation.name in calls.READS


def _is_stream(answer: Answer) -> bool:
    from conformance.sdk import calls

    known = answer.operation.name in calls.STREAMS
    return answer.state == "answered" and answer.case.stream and answer.is_event_stream and known


def _is_conversation(answer: Answer) -> bool:
    from conformance.sdk import sockets

    return answer.state == "answered" and answer.status == 101 and sockets.is_known(answer.operation.name)


def _complaint(expected: str, seen: str, answer: Answer, where: str = "") -> Finding:
    return Finding(expected, seen[:_MOST_TEXT], where, answer.exchange.id)
