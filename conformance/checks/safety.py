"""Nothing internal leaks: errors, model records, headers and successes hold only what a client may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from conformance.answer import Answer
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Subject, check
from conformance.wire import leaks, sse, strict_json
from conformance.wire.leaks import Kind, Leak, Sent

_EXPECTED: dict[str, str] = {
    "trace": "no stack trace, exception name or raw exception text",
    "path": "no path of a file or a module",
    "address": "no private address, host name or port",
    "credential": "no credential but the caller's own, masked",
    "upstream": "no error, address or name of an upstream provider or of the gateway's inside",
    "storage": "no text of a database, cache or queue",
    "identifier": "no identifier of a back end: deployment, channel, pod, worker, account",
}
_SHORTEST_KEY = 8  # a shorter one may be an ordinary word
_TEXT_TYPES = ("text/", "application/problem", "application/xml", "application/xhtml")

Places = list[tuple[str, Any]]


@check
def errors_disclose_no(subject: Subject, kind: Kind) -> Iterator[Finding]:
    """No error of any answer, in a body, a stream or a WebSocket, holds an internal of this kind."""
    judged = [answer for answer in subject.answers if _speaks_of_errors(answer) or kind == "credential"]
    if not judged:
        raise NotShown("no error answer was seen")
    yield from _findings(judged, lambda answer: _error_leaks(subject, answer, kind), _EXPECTED[kind])


@check
def model_records_are_client_safe(subject: Subject) -> Iterator[Finding]:
    """Neither the names nor the values of a model record's members disclose what serves it."""
    judged = [answer for answer in subject.answers if answer.state == "answered" and answer.json is not None]
    if not judged:
        raise NotShown("no model record was seen")
    yield from _findings(judged, _model_leaks, "only client-visible details of a model")


@check
def the_key_is_not_echoed(subject: Subject) -> Iterator[Finding]:
    """The credential that a request sent does not come back whole."""
    for answer in subject.answers:
        for key in _sent(answer).keys:
            where = _place_of(answer, key) if len(key) >= _SHORTEST_KEY else None
            if where is not None:
                yield Finding(
                    "the key masked, or not at all",
                    f"the whole key on {answer.case.id}",
                    where,
                    answer.exchange.id,
                )


@check
def headers_disclose_no_backend(subject: Subject) -> Iterator[Finding]:
    """No response header names an upstream URL, a private host or an identifier of a back end."""
    yield from _findings(subject.answers, _header_leaks, "no header about what is behind the API")


@check
def successes_name_no_backend(subject: Subject) -> Iterator[Finding]:
    """No member of a success or of an event names the provider, deployment or channel that answered."""
    judged = [answer for answer in subject.answers if answer.state == "answered" and _successes(answer)]
    if not judged:
        raise NotShown("no success in JSON was seen")
    yield from _findings(judged, _success_leaks, "no member that names who answered behind the API")


def _findings(
    answers: Iterable[Answer], leaks_of: Callable[[Answer], Iterable[Leak]], expected: str
) -> Iterator[Finding]:
    """One finding for each thing disclosed, where it was first seen."""
    told: set[tuple[str, str]] = set()
    for answer in answers:
        for leak in leaks_of(answer):
            if (leak.where, leak.excerpt) not in told:
                told.add((leak.where, leak.excerpt))
                yield Finding(
                    expected, f"{_readable(leak)} on {answer.case.id}", leak.where, answer.exchange.id
                )


def _readable(leak: Leak) -> str:
    """The excerpt; of a credential only its beginning, as a report is passed around."""
    return shown(leak.excerpt[:12] + "…") if leak.kind == "credential" else shown(leak.excerpt)


def _error_leaks(subject: Subject, answer: Answer, kind: Kind) -> Iterator[Leak]:
    found = answer.remembered("leaks", lambda: _all_error_leaks(answer, _sent(answer)))
    if kind == "credential":
        found = [*found, *_header_leaks(answer, kinds=("credential",))]
        if any(leak.kind == kind for leak in found) and _is_refused_key(subject, answer):
            found = _all_error_leaks(answer, leaks.sent_in(answer.exchange, key_is_unproven=True))
    return (leak for leak in found if leak.kind == kind)


def _all_error_leaks(answer: Answer, sent: Sent) -> list[Leak]:
    found: list[Leak] = []
    for where, value in _error_places(answer):
        if isinstance(value, str):
            found += [replace(leak, where=where) for leak in leaks.in_page(value, sent)]
        else:
            prefix = where if not where or "/" in where else f"{where} "
            found += leaks.in_json(value, sent, prefix)
    return found


def _is_refused_key(subject: Subject, answer: Answer) -> bool:
    """True when a masked key shown is taken for the caller's own, as it cannot be compared with it.

    So it is where that key was refused wherever it was sent, and where the key that was refused is longer than the
    caller's own, which the recording overwrites.
    """
    if answer.case.credential == "longer":
        return True
    if answer.status != 401 or answer.case.credential != "key":
        return False
    cases = subject.contract.cases.values()
    guarded = {
        case.operation for case in cases if case.credential == "wrong" and _was(subject, case.id, {401, 403})
    }
    baselines = [case for case in cases if case.baseline and case.credential == "key"]
    refused = any(_was(subject, case.id, {401}) for case in baselines)
    return refused and not any(subject.answered(case.id) for case in baselines if case.operation in guarded)


def _was(subject: Subject, case_id: str, statuses: set[int]) -> bool:
    return any(answer.status in statuses for answer in subject.others(case_id))


def _speaks_of_errors(answer: Answer) -> bool:
    return answer.remembered("speaks_of_errors", lambda: next(iter(_error_places(answer)), None) is not None)


def _error_places(answer: Answer) -> Iterator[tuple[str, Any]]:
    """Every place of an answer that tells of an error, with its value: JSON or text."""
    if answer.exchange.response is None:
        return
    if answer.exchange.frames:
        yield from _socket_errors(answer)
    if answer.is_event_stream:
        yield from _stream_errors(answer)
    elif answer.document is not None:
        yield from _body_errors(answer)
    elif _is_page(answer):
        yield "", answer.response.body.decode("utf-8", "replace")


def _is_page(answer: Answer) -> bool:
    """An error that is no JSON, or a page in the place of a success; not a sound or an image."""
    response = answer.response
    if not response.body.strip():
        return False
    if answer.status < 300:
        return response.media_type in {"text/html", "application/xhtml+xml"}
    return response.media_type.startswith(_TEXT_TYPES) or b"\0" not in response.body[:1000]


def _body_errors(answer: Answer) -> Iterator[tuple[str, Any]]:
    if answer.status >= 300:
        yield "", answer.json
    elif isinstance(answer.json, dict) and answer.json.get("error"):
        hallmark = answer.case.recognise or answer.operation.hallmark or "id"
        yield ("/error", answer.json["error"]) if hallmark in answer.json else ("", answer.json)


def _stream_errors(answer: Answer) -> Iterator[tuple[str, Any]]:
    transcript = answer.transcript
    events = [*transcript.events, *([transcript.unterminated] if transcript.unterminated else [])]
    for index, event in enumerate(events):
        where = f"event {index}"
        payload = _parsed(event.data)
        if payload is not None:
            yield from _message_errors(
                payload, where, named_error=event.type == "error" or answer.status >= 300
            )
        elif event.type == "error" or (answer.status >= 300 and event.data != sse.DONE):
            yield where, event.data


def _socket_errors(answer: Answer) -> Iterator[tuple[str, Any]]:
    frames = [frame for frame in answer.exchange.frames if frame.sender == "server"]
    for index, frame in enumerate(frames):
        if frame.kind == "close" and len(frame.data) > 2:
            yield "close", frame.data[2:].decode("utf-8", "replace")
        elif frame.kind == "text":
            payload = _parsed(frame.data.decode("utf-8", "replace"))
            yield from _message_errors(payload, f"message {index}", named_error=False)


def _message_errors(payload: Any, where: str, *, named_error: bool) -> Iterator[tuple[str, Any]]:
    """The errors in one event: itself, its ``error``, or that of the response that it carries."""
    if not isinstance(payload, dict):
        return
    if named_error or payload.get("type") == "error":
        yield where, payload
        return
    if payload.get("error"):
        yield f"{where} /error", payload["error"]
    response = payload.get("response")
    if isinstance(response, dict):
        details = response.get("status_details")
        for pointer, holder in (("/response", response), ("/response/status_details", details)):
            if isinstance(holder, dict) and holder.get("error"):
                yield f"{where} {pointer}/error", holder["error"]


def _parsed(data: str) -> Any:
    try:
        return strict_json.loads(data).value
    except strict_json.JsonError:
        return None


def _model_leaks(answer: Answer) -> list[Leak]:
    return leaks.in_model(answer.json, leaks.sent_in(answer.exchange))


def _header_leaks(answer: Answer, kinds: tuple[str, ...] = ()) -> list[Leak]:
    if answer.exchange.response is None:
        return []
    found = answer.remembered(
        "header_leaks", lambda: leaks.in_headers(answer.response.headers, _sent(answer))
    )
    return [leak for leak in found if (leak.kind in kinds if kinds else leak.kind != "credential")]


def _sent(answer: Answer) -> Sent:
    return answer.remembered("sent", lambda: leaks.sent_in(answer.exchange))


def _success_leaks(answer: Answer) -> list[Leak]:
    return answer.remembered("success_leaks", lambda: _all_success_leaks(answer, _sent(answer)))


def _all_success_leaks(answer: Answer, sent: Sent) -> list[Leak]:
    return [leak for where, value in _successes(answer) for leak in leaks.in_success(value, sent, where)]


def _successes(answer: Answer) -> Places:
    """The JSON of an answer, or of each event or message; model records have a requirement of their own."""
    if answer.operation.workload == "models":
        return []
    if answer.exchange.frames:
        return [
            (f"message {i} ", value) for i, value in enumerate(answer.messages) if isinstance(value, dict)
        ]
    if answer.is_event_stream:
        return [(f"event {i} ", value) for i, value in enumerate(answer.payloads) if isinstance(value, dict)]
    return [("", answer.json)] if isinstance(answer.json, dict) else []


def _place_of(answer: Answer, key: str) -> str | None:
    """Where the key stands in an answer: a header's name, ``body`` or ``message 3``."""
    if answer.exchange.response is None:
        return None
    for name, value in answer.response.headers:
        if key in value:
            return name.lower()
    secret = key.encode("utf-8", "replace")
    if secret in answer.response.body:
        return "body"
    server = [frame for frame in answer.exchange.frames if frame.sender == "server"]
    return next((f"message {index}" for index, frame in enumerate(server) if secret in frame.data), None)
