"""GET /v1/responses as a WebSocket: turns of Responses, one message an event, and errors between them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.checks.excerpt import shown
from conformance.checks.shape import mismatches
from conformance.checks.socket_view import Event, Talk, in_words, is_trouble, message_of, talks, unopposed
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check, registered_checks
from conformance.checks.turn_view import Turn, answered, as_streams, streamed_subject, turns
from conformance.contract import Contract
from conformance.wire.grammar import Tracker, Violation
from conformance.wire.websocket import Message

_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})
_EVENT = re.compile(r"^event (\d+)")


@check
def socket_turns_keep_the_rules(subject: Subject, rules: Sequence[str]) -> Iterator[Finding]:
    """No violation of the named rules of the grammar of Responses, turn by turn."""
    for talk in talks(subject):
        for violation in _violations(subject.contract, talk):
            if violation.rule in rules:
                number = max(violation.index, 0)
                yield talk.finding(violation.expected, violation.seen, number, violation.pointer)


def _violations(contract: Contract, talk: Talk) -> tuple[Violation, ...]:
    return talk.answer.remembered("grammar", lambda: _tracked(contract, talk))


def _tracked(contract: Contract, talk: Talk) -> tuple[Violation, ...]:
    """A conversation that the target dropped is told as such, and not by what it left open."""
    tracker = Tracker(contract.grammars["responses-websocket"])
    known = {*contract.grammars["responses"].rows, "error"}
    begun: set[object] = set()  # lanes with a turn under way: there an unknown event counts, elsewhere it begins none
    for event in talk.events:
        lane = str(event.value.get("stream_id"))
        if event.type == "response.created":
            begun.add(lane)
        if event.type in known or lane in begun:
            tracker.feed(event.number, None, event.value)
        if event.type in _ENDS:
            begun.discard(lane)
    tracker.close("cut" if talk.dropped else "complete")
    return tuple(tracker.violations)


@check
def every_turn_is_answered(subject: Subject) -> Iterator[Finding]:
    """Each response.create by a response, and not by an error event or by nothing."""
    for talk in unopposed(subject):
        asked, found = talk.sent("response.create"), turns(talk)
        for turn in found:
            if turn.refused is not None:
                yield talk.finding("a response", f"an error: {message_of(turn.refused)}", turn.refused)
        if len(found) < len(asked) and talk.dropped is None:
            expected = f"a response for each response.create, {len(asked)} in all"
            yield talk.finding(expected, str(len(found)), talk.latest)


@check
def turns_succeed(subject: Subject) -> Iterator[Finding]:
    """A turn that is supported does not fail."""
    for talk in unopposed(subject):
        for turn in _some(talk):
            for event in turn.events:
                details = event.at("/response/error") if event.type == "response.failed" else None
                if is_trouble(Event(0, 0, {"error": details})):
                    raise Spoiled("the target was in trouble")
                if event.type in {"response.failed", "error"}:
                    yield talk.finding("the answer", shown(details or event.value), event, "/type")


def _some(talk: Talk) -> list[Turn]:
    found = answered(talk)
    if not found:
        raise Spoiled("no turn was answered")
    return found


@check
def every_turn_upholds(
    subject: Subject, rule: str, given: Mapping[str, Any] | None = None, *, last: bool = False
) -> Iterator[Finding]:
    """What another check demands of a streamed response, of each turn or of the last one."""
    judge = registered_checks()[rule]
    judged, reason = 0, "no turn was answered"
    for talk in unopposed(subject):
        _some(talk)
        streams = as_streams(subject.contract, talk)
        for turn, stream in streams[-1:] if last else streams:
            try:
                findings = tuple(judge(streamed_subject(subject, stream), **(given or {})))
            except NotShown as missing:
                reason = str(missing)
                continue
            judged += 1
            yield from (_in_the_socket(finding, turn) for finding in findings)
    if not judged:
        raise NotShown(reason)


def _in_the_socket(finding: Finding, turn: Turn) -> Finding:
    """The place of a finding, counted in messages of the whole conversation."""
    found = _EVENT.match(finding.where)
    if found is None or int(found[1]) >= len(turn.events):
        number, rest = turn.events[0].number, finding.where
        return dataclasses.replace(finding, where=f"message {number} {rest}".strip())
    number = turn.events[int(found[1])].number
    return dataclasses.replace(finding, where=_EVENT.sub(f"message {number}", finding.where))


@check
def lanes_are_named(subject: Subject) -> Iterator[Finding]:
    """Every event carries the stream_id of the message that it answers."""
    for talk in unopposed(subject):
        sent = [message.payload.get("stream_id") for message in talk.sent("response.create")]
        for turn in _some(talk):
            if turn.lane not in sent:
                yield talk.finding(
                    f"one of {', '.join(map(str, sent))}", shown(turn.lane), turn.events[0], "/stream_id"
                )
        unanswered = [lane for lane in sent if lane not in [turn.lane for turn in answered(talk)]]
        if unanswered and all(turn.lane in sent for turn in answered(talk)):
            yield talk.finding(f"a response in {unanswered[0]}", "none", talk.latest)


@check
def continuation_works_as_over_http(subject: Subject, shown_by: str) -> Iterator[Finding]:
    """What ``shown_by`` shows to work over HTTP is not declined on the socket."""
    if subject.answered(shown_by) is None:
        raise NotShown(f"{shown_by} was not answered")
    for talk in talks(subject):
        for error in talk.errors:
            if is_trouble(error):
                raise Spoiled(f"the target was in trouble: {message_of(error)}")
            yield talk.finding("a response, as over HTTP", f"an error: {message_of(error)}", error)


@check
def warm_up_generates_nothing(subject: Subject) -> Iterator[Finding]:
    """generate false: a response without output, completed."""
    for talk in unopposed(subject):
        for turn in _some(talk):
            output = turn.ended.at("/response/output") if turn.ended else None
            if turn.ended is not None and output:
                yield talk.finding("[]", shown(output), turn.ended, "/response/output")


# Errors


def _refused(talk: Talk) -> tuple[Message, Message | None]:
    """The invalid message of a case, and the valid one behind it, if it came to that."""
    sent = talk.conversation.from_client()
    if not sent:
        raise Spoiled("nothing was sent")
    return sent[0], sent[1] if len(sent) > 1 else None


@check
def invalid_message_is_refused(subject: Subject) -> Iterator[Finding]:
    """By an error event; not by a response, and not by the end of the connection alone."""
    for talk in talks(subject):
        invalid, valid = _refused(talk)
        answers = talk.after(invalid, valid)
        if not any(event.type == "error" for event in answers):
            seen = answers[0].type if answers else in_words(talk.dropped)
            yield talk.finding("an error event", seen, answers[0] if answers else None)


@check
def refused_message_leaves_the_socket_usable(subject: Subject) -> Iterator[Finding]:
    """The valid turn behind it is answered."""
    for talk in talks(subject):
        invalid, valid = _refused(talk)
        if not talk.errors or not any(event.type == "error" for event in talk.after(invalid, valid)):
            raise Spoiled("the invalid message was not refused by an error event")
        if talk.dropped is not None:
            yield talk.finding("a socket that stays open", in_words(talk.dropped))
            continue
        later = talk.after(valid) if valid is not None else []
        if not any(event.type.startswith("response.") for event in later):
            if any(is_trouble(event) for event in later if event.type == "error"):
                raise Spoiled("the target was in trouble")
            seen = later[-1].type if later else "nothing"
            yield talk.finding("the answer to the turn behind it", seen, later[-1] if later else None)


def _with_errors(subject: Subject) -> Iterator[Talk]:
    found = [talk for talk in talks(subject) if talk.errors]
    if not found:
        raise NotShown("no error event was seen")
    yield from found


@check
def socket_errors_have_their_shape(subject: Subject) -> Iterator[Finding]:
    """The error is an object within the event, with its type and message."""
    for talk in _with_errors(subject):
        for error in talk.errors:
            yield from _mismatches(subject, talk, error)


@check
def socket_errors_have_the_recommended_members(subject: Subject) -> Iterator[Finding]:
    """code and param, which clients read without asking whether they are there."""
    for talk in _with_errors(subject):
        for error in talk.errors:
            told = list(_mismatches(subject, talk, error))
            if isinstance(error.value.get("error"), dict):
                found = _mismatches(subject, talk, error, recommended=True)
                yield from (finding for finding in found if finding not in told)


def _mismatches(
    subject: Subject, talk: Talk, error: Event, *, recommended: bool = False
) -> Iterator[Finding]:
    return mismatches(
        subject,
        talk.answer,
        "ResponsesWebSocketErrorEvent",
        error.value,
        where=f"message {error.number}",
        recommended=recommended,
    )


@check
def socket_error_is_the_clients_fault(subject: Subject) -> Iterator[Finding]:
    """A status of 4xx, where there is one, and a type that says so."""
    for talk in _with_errors(subject):
        error = talk.errors[0]
        status, kind = error.value.get("status"), error.at("/error/type")
        if isinstance(status, int) and not 400 <= status < 500:
            yield talk.finding("a status of 4xx", str(status), error, "/status")
        elif isinstance(kind, str) and kind and not kind.startswith("invalid_request"):
            yield talk.finding("invalid_request_error", shown(kind), error, "/error/type")


@check
def socket_error_code_is(subject: Subject, code: str) -> Iterator[Finding]:
    """The code by which SDK users branch."""
    for talk in _with_errors(subject):
        seen = talk.errors[0].at("/error/code")
        if seen != code and isinstance(talk.errors[0].value.get("error"), dict):
            yield talk.finding(code, shown(seen), talk.errors[0], "/error/code")
