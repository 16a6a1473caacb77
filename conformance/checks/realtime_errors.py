"""Error events of GET /v1/realtime: their shape, what they name, and that the session survives them."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.answering import raise_if_gate_may_speak
from conformance.checks.excerpt import shown
from conformance.checks.realtime_view import renamed
from conformance.checks.shape import mismatches
from conformance.checks.socket_view import Event, Talk, in_words, is_trouble, message_of, talks
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check

_INVALID = "conformance_invalid"  # the event_id of invalid events in fixtures/cases


@check
def realtime_errors_have_their_shape(subject: Subject) -> Iterator[Finding]:
    """type, event_id, and an error with its type and message."""
    for talk in _with_errors(subject):
        for error in talk.errors:
            yield from mismatches(
                subject, talk.answer, "RealtimeErrorEvent", error.value, where=f"message {error.number}"
            )


def _with_errors(subject: Subject) -> Iterator[Talk]:
    """The conversations in which something that the client said was answered by an error event."""
    found = [talk for talk in talks(subject) if talk.errors]
    if not found:
        raise NotShown("no error event was seen")
    for talk in found:
        first = next(iter(talk.conversation.from_client()), None)
        if first is None or talk.errors[0].index < first.index:
            raise Spoiled("the error came before anything was said")
        yield talk


@check
def invalid_message_leaves_the_session_usable(subject: Subject) -> Iterator[Finding]:
    """The session stays open, and a valid update behind the invalid message is answered."""
    for talk in talks(subject):
        if not any(event.type == "session.created" for event in renamed(talk)):
            raise Spoiled("no session was announced")
        if talk.dropped is not None:
            told = f" behind {message_of(talk.errors[-1])!r}" if talk.errors else ""
            yield talk.finding("a session that goes on", in_words(talk.dropped) + told)
        elif not _answered_updates(talk):
            if any(is_trouble(error) for error in talk.errors):
                raise Spoiled("the target was in trouble")
            seen = f"an error: {message_of(talk.errors[-1])}" if talk.errors else "no answer to it"
            yield talk.finding("session.updated", seen, talk.latest)


def _answered_updates(talk: Talk) -> list[Event]:
    return [event for event in renamed(talk) if event.type == "session.updated"]


@check
def invalid_message_is_answered_by_an_error(subject: Subject) -> Iterator[Finding]:
    """Whoever waits for an answer to it would wait for ever."""
    for talk in talks(subject):
        if talk.dropped is not None:
            raise Spoiled("the target dropped the conversation")
        if not talk.errors:
            seen = ", ".join(event.type for event in talk.events[:4])
            yield talk.finding("an error event", seen, talk.latest)


@check
def error_names_the_event_at_fault(subject: Subject) -> Iterator[Finding]:
    """error.event_id tells which of the events that were sent without waiting was refused."""
    for talk in _with_errors(subject):
        error = talk.errors[0]
        if error.at("/error/event_id") is None and isinstance(error.at("/error"), dict):
            yield talk.finding(shown(_INVALID), "null, or no such member", error, "/error/event_id")


@check
def error_names_no_other_event(subject: Subject) -> Iterator[Finding]:
    """error.event_id is the client's id of the event at fault; the event's own id is the target's."""
    for talk in _with_errors(subject):
        sent = _event_ids(talk)
        for error in talk.errors:
            named, own = error.at("/error/event_id"), error.value.get("event_id")
            first = _INVALID in sent and error is talk.errors[0]
            if isinstance(named, str) and named not in ([_INVALID] if first else sent):
                expected = shown(_INVALID) if first else "null, or the id of an event that was sent"
                yield talk.finding(expected, shown(named), error, "/error/event_id")
            if isinstance(own, str) and own in sent:
                yield talk.finding("an id of the target's", shown(own), error, "/event_id")


def _event_ids(talk: Talk) -> list[str]:
    """The ids that the client gave its events."""
    objects = [m.payload for m in talk.conversation.from_client() if isinstance(m.payload, dict)]
    return [payload["event_id"] for payload in objects if isinstance(payload.get("event_id"), str)]


@check
def invalid_message_is_the_clients_fault(subject: Subject) -> Iterator[Finding]:
    """Clients retry what they take for a failure of the server."""
    for talk in _with_errors(subject):
        kind = talk.errors[0].at("/error/type")
        if isinstance(kind, str) and kind and not kind.startswith("invalid_request"):
            yield talk.finding("invalid_request_error", shown(kind), talk.errors[0], "/error/type")


@check
def unknown_model_opens_no_session(subject: Subject) -> Iterator[Finding]:
    """The handshake is refused, or an error event stands in the place of a session."""
    for answer in subject.answers:
        if answer.state == "refused":
            continue
        for talk in talks(subject):
            for event in [event for event in renamed(talk) if event.type == "session.created"][:1]:
                named = event.at("/session/model")
                yield talk.finding("a refusal of the model", f"a session of {shown(named)}", event, "/type")


@check
def unknown_realtime_model_has_its_code(subject: Subject) -> Iterator[Finding]:
    """model_not_found, in the refusal of the handshake or in the error event."""
    for answer in subject.answers:
        if answer.state == "refused":
            code, where = answer.error.get("code"), "/error/code"
        else:
            error = next((talk.errors[0] for talk in talks(subject) if talk.errors), None)
            if error is None:
                raise NotShown("the model was not refused")
            code, where = error.at("/error/code"), f"message {error.number} /error/code"
        if code != "model_not_found":
            if answer.state == "refused":
                raise_if_gate_may_speak(subject, answer)
            yield Finding("model_not_found", shown(code), where, answer.exchange.id)
