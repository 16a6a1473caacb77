"""Whether a request was answered or refused as it should be, and the head of what came back."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.answer import Answer
from conformance.checks.excerpt import shown, shown_bytes
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check

_REFUSAL = 'a 4xx with {"error": {"message": …}}'
_MOST_BODY = 160


def ending(answer: Answer) -> str:
    """What came back in place of the expected answer, in half a sentence."""
    exchange = answer.exchange
    if exchange.response is None:
        return f"no response: {exchange.failure.message if exchange.failure else 'nothing came back'}"
    broken = f", then {exchange.failure.message}" if exchange.failure else ""
    if answer.status == 101:
        return f"101 and {len(answer.messages)} messages{broken}"
    body = shown_bytes(exchange.response.body, _MOST_BODY)
    return f"{answer.status} {exchange.response.media_type or 'without Content-Type'}{broken}: {body}"


@check
def is_answered(subject: Subject) -> Iterator[Finding]:
    """Every step of the case was answered with 2xx, whole, and is not an error in disguise."""
    for answer in subject.answers:
        if answer.state != "answered":
            yield Finding(_wanted(answer), ending(answer), "status", answer.exchange.id)
        elif is_not_upgraded(answer):
            yield Finding("101 Switching Protocols", ending(answer), "status", answer.exchange.id)
        elif is_only_an_error(answer):
            yield Finding("an answer, or an error status", ending(answer), "/error", answer.exchange.id)


def _wanted(answer: Answer) -> str:
    return "101 and a whole conversation" if answer.status == 101 else "an answer of 2xx"


def is_not_upgraded(answer: Answer) -> bool:
    """True when an upgrade to a WebSocket was answered as if it were an ordinary GET."""
    asked = answer.operation.transport == "websocket" and bool(answer.case.script)
    return asked and answer.state == "answered" and answer.status != 101


def is_only_an_error(answer: Answer) -> bool:
    """True when a 2xx JSON body holds an error and not the member by which its operation is known."""
    return (
        bool(answer.error)
        and isinstance(answer.json, dict)
        and (answer.operation.hallmark or "id") not in answer.json
    )


@check
def is_refused(subject: Subject) -> Iterator[Finding]:
    """Every step of the case was refused in the documented form."""
    for answer in subject.answers:
        if answer.state != "refused":
            yield Finding(_REFUSAL, ending(answer), "status", answer.exchange.id)


@check
def is_refused_as_unavailable(subject: Subject) -> Iterator[Finding]:
    """As is_refused, save for operations that a query parameter alone tells from a supported one."""
    if "may-succeed" in subject.case.features and subject.answer.state == "answered":
        raise NotShown(
            "it differs from a supported operation in a query parameter alone, which a server may ignore"
        )
    yield from is_refused(subject)


@check
def refusal_does_not_blame_the_request(subject: Subject) -> Iterator[Finding]:
    """A refusal that names ``param``, or a key that is accepted elsewhere, does not show that the resource is absent."""
    answer = subject.answer
    if answer.state == "refused" and answer.status == 401:
        yield Finding("a refusal of the operation", ending(answer), "status", answer.exchange.id)
    if answer.state == "refused" and answer.blames_the_request():
        yield Finding(
            "error.param null", shown(answer.error.get("param")), "/error/param", answer.exchange.id
        )


@check
def is_answered_or_refused(subject: Subject) -> Iterator[Finding]:
    """Any 2xx or documented refusal will do; nothing else."""
    for answer in subject.answers:
        if answer.state not in {"answered", "refused"}:
            yield Finding(f"{_wanted(answer)} or {_REFUSAL}", ending(answer), "status", answer.exchange.id)
        elif is_not_upgraded(answer):
            yield Finding(f"101 or {_REFUSAL}", ending(answer), "status", answer.exchange.id)
        elif answer.state == "answered" and is_page(answer):
            yield Finding("JSON or a stream", ending(answer), "content-type", answer.exchange.id)
        elif answer.state == "answered" and is_only_an_error(answer):
            yield Finding("an answer, or an error status", ending(answer), "/error", answer.exchange.id)


def is_page(answer: Answer) -> bool:
    """True for HTML, whatever its Content-Type."""
    start = answer.response.body[:64].lstrip().lower()
    return answer.response.media_type == "text/html" or start.startswith((b"<!doctype html", b"<html"))


@check
def status_is_200(subject: Subject) -> Iterator[Finding]:
    """The contract documents 200 alone for an answer; 101 for a WebSocket."""
    for answer in subject.answers:
        if answer.state == "answered" and answer.case.expects == "answer" and answer.status not in {200, 101}:
            yield Finding("200", str(answer.status), "status", answer.exchange.id)


@check
def status_names_the_reason(subject: Subject) -> Iterator[Finding]:
    """The status is one of those that the case lists, where it lists any."""
    wanted = subject.case.statuses
    for answer in subject.answers:
        if wanted and answer.status not in wanted:
            raise_if_gate_may_speak(subject, answer)
            expected = " or ".join(str(status) for status in wanted)
            yield Finding(expected, str(answer.status), "status", answer.exchange.id)


def raise_if_gate_may_speak(subject: Subject, answer: Answer) -> None:
    """Raises NotShown for a refusal that a Limited operation may give to every request, whatever is wrong with it.

    Only the answer to a request with nothing wrong shows that the model and the account have the operation; the key is
    looked at before either.
    """
    case = answer.case
    limited = answer.operation.availability == "limited"
    if limited and "auth" not in case.features and subject.answered(case.twin) is None:
        raise NotShown("nothing shows that the operation is available, and it may refuse every request so")


@check
def content_type_is_json(subject: Subject) -> Iterator[Finding]:
    """``application/json`` or ``application/*+json``, in any case, with any parameters."""
    for answer in subject.answers:
        media_type = answer.response.media_type
        if answer.state == "answered" and not is_json_type(media_type):
            seen = answer.response.header("content-type") or "no Content-Type"
            yield Finding("Content-Type: application/json", seen, "content-type", answer.exchange.id)


def is_json_type(media_type: str) -> bool:
    """True for JSON and its ``+json`` relatives."""
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )


@check
def content_type_is_event_stream(subject: Subject) -> Iterator[Finding]:
    """``text/event-stream``, with any parameters."""
    for answer in subject.answers:
        if answer.state == "answered" and not answer.is_event_stream:
            seen = answer.response.header("content-type") or "no Content-Type"
            yield Finding("Content-Type: text/event-stream", seen, "content-type", answer.exchange.id)


@check
def body_is_json(subject: Subject) -> Iterator[Finding]:
    """One RFC 8259 text and nothing else."""
    for answer in subject.answers:
        if answer.state != "answered":
            continue
        if answer.is_event_stream:
            raise Spoiled("it came as a stream")
        if answer.document is None:
            yield Finding("a JSON text", shown_bytes(answer.response.body), "body", answer.exchange.id)
            continue
        for deviation in answer.document.deviations:
            if deviation.kind in {"trailing_bytes", "not_a_number", "invalid_utf8"}:
                where = (
                    f"byte {deviation.offset}" if deviation.offset is not None else deviation.pointer or ""
                )
                yield Finding("a JSON text and nothing else", deviation.message, where, answer.exchange.id)


@check
def json_is_interoperable(subject: Subject) -> Iterator[Finding]:
    """Nothing in the text that parsers read differently."""
    for answer in subject.answers:
        if answer.exchange.response is None or answer.is_event_stream or answer.document is None:
            continue
        for deviation in answer.document.deviations:
            if deviation.kind in {"bom", "duplicate_key", "lone_surrogate", "huge_number"}:
                where = deviation.pointer if deviation.pointer is not None else f"byte {deviation.offset}"
                yield Finding(
                    "a JSON text that every parser reads alike", deviation.message, where, answer.exchange.id
                )


def require_json(answer: Answer) -> dict[str, object]:
    """The JSON object of an answer. Raises Spoiled when another requirement already tells that it is none."""
    if answer.state != "answered":
        raise Spoiled("it was not answered")
    if not isinstance(answer.json, dict):
        raise Spoiled("the answer is not a JSON object")
    return answer.json
