"""What holds on every WebSocket: the handshake, JSON in text frames, schemas, ids and the close."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from conformance.answer import Answer
from conformance.checks.excerpt import shown, shown_bytes
from conformance.checks.headers import other_request_id
from conformance.checks.shape import mismatches
from conformance.checks.socket_view import Event, Talk, accepted, in_words, talks
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check
from conformance.exchange import Frame
from conformance.wire.strict_json import DeviationKind
from conformance.wire.websocket import NO_CODE, Message

_MOST = 5  # findings of one conversation
_FRAMED = (b"data:", b"event:", b"id:", b"retry:", b":")
_NOT_JSON: tuple[DeviationKind, ...] = ("trailing_bytes", "not_a_number", "invalid_utf8")
_READ_APART: tuple[DeviationKind, ...] = ("bom", "duplicate_key", "lone_surrogate", "huge_number")
_CLEAN = frozenset({1000, 1001, NO_CODE})
_NEGOTIATED = ("sec-websocket-protocol", "sec-websocket-extensions")
_IDENTITIES = (("session.created", "/session/id"), ("response.created", "/response/id"))


def _server_frames(talk: Talk) -> list[tuple[int, Frame]]:
    """Each data frame of the target with the number of text messages before it."""
    found: list[tuple[int, Frame]] = []
    texts = 0
    for frame in talk.answer.exchange.frames:
        if frame.sender == "server" and frame.kind != "close":
            found.append((texts, frame))
            texts += frame.kind == "text"
    return found


@check
def messages_are_text_frames(subject: Subject) -> Iterator[Finding]:
    """Both SDKs read text; what comes as binary they hand over unread or drop."""
    for talk in accepted(subject):
        binary = [(number, frame) for number, frame in _server_frames(talk) if frame.kind == "binary"]
        for number, frame in binary[:_MOST]:
            seen = f"a binary frame: {shown_bytes(frame.data)}"
            yield talk.finding("a text frame", seen, number)


@check
def messages_are_json(subject: Subject) -> Iterator[Finding]:
    """One JSON text a frame: no server-sent events inside, no marker of the end, no two in one."""
    for talk in accepted(subject):
        found = (
            talk.finding("one JSON text in UTF-8", seen, number)
            for number, message in enumerate(talk.said)
            for seen in _not_json(talk, message)
        )
        yield from islice(found, _MOST)


def _not_json(talk: Talk, message: Message) -> Iterator[str]:
    data = talk.answer.exchange.frames[message.index].data
    if message.error is not None:
        framed = data.lstrip().startswith(_FRAMED)
        yield f"{'server-sent events in the frame: ' if framed else ''}{shown_bytes(data)}"
        return
    yield from (deviation.message for deviation in message.deviations if deviation.kind in _NOT_JSON)


@check
def messages_are_events(subject: Subject) -> Iterator[Finding]:
    """An object with a type; openai-node raises on anything else, openai-python takes it for some event."""
    for talk in accepted(subject):
        found = (
            talk.finding("a JSON object with a type", shown(message.payload), number, "/type")
            for number, message in enumerate(talk.said)
            if message.error is None and not message.type
        )
        yield from islice(found, _MOST)


@check
def messages_are_read_alike(subject: Subject) -> Iterator[Finding]:
    """Nothing in a message that parsers read differently."""
    for talk in accepted(subject):
        found = (
            talk.finding(
                "JSON that every parser reads alike", deviation.message, number, deviation.pointer or ""
            )
            for number, message in enumerate(talk.said)
            for deviation in message.deviations
            if deviation.kind in _READ_APART
        )
        yield from islice(found, _MOST)


@check
def socket_events_match_their_schemas(subject: Subject) -> Iterator[Finding]:
    """Each event of a known type; error events have a requirement of their own."""
    yield from _against_schemas(subject, recommended=False)


@check
def socket_events_have_the_recommended_members(subject: Subject) -> Iterator[Finding]:
    """Also what ``x-should-require`` lists; each missing member of a type is told once."""
    told: set[tuple[str, str]] = set()
    for finding in _against_schemas(subject, recommended=True):
        place = finding.where.partition(" /")[2]
        if finding.expected.startswith("the member") and (finding.expected, place) not in told:
            told.add((finding.expected, place))
            yield finding


def _against_schemas(subject: Subject, *, recommended: bool) -> Iterator[Finding]:
    for talk in talks(subject):
        schemas = subject.contract.schemas.events.get(talk.answer.operation.event_area, {})
        found = (
            finding
            for event in talk.events
            if event.type != "error" and event.type in schemas
            for finding in _mismatches(subject, talk, event, schemas[event.type], recommended=recommended)
        )
        yield from islice(found, _MOST)


def _mismatches(
    subject: Subject, talk: Talk, event: Event, schema: str, *, recommended: bool
) -> Iterator[Finding]:
    """Where an event breaks its schema; of recommended members, none that is required anyway."""
    where = f"message {event.number}"
    required = list(mismatches(subject, talk.answer, schema, event.value, where=where))
    if not recommended:
        yield from required
        return
    for finding in mismatches(subject, talk.answer, schema, event.value, where=where, recommended=True):
        if finding not in required:
            yield finding


@check
def conversation_is_not_dropped(subject: Subject) -> Iterator[Finding]:
    """Its client ends it. That a target gives up behind an error is told by what the error is about."""
    for talk in talks(subject):
        if talk.dropped is not None and talk.errors:
            raise Spoiled("an error event came before the end")
        if talk.dropped is not None:
            seen = f"{in_words(talk.dropped)} after {len(talk.said)} messages"
            yield talk.finding("a conversation that its client ends", seen)


@check
def close_is_answered(subject: Subject) -> Iterator[Finding]:
    """RFC 6455 §5.5.1: a close frame answers a close frame, with its code."""
    closed = [talk for talk in accepted(subject) if _was_closed(talk)]
    if not closed:
        raise NotShown("no conversation came to a close of ours")
    for talk in closed:
        answers = [close for close in talk.conversation.closes if close.sender == "server"]
        if not answers:
            yield talk.finding("a close frame", "the connection ended, or was left open, without one")
        elif answers[0].code not in _CLEAN:
            yield talk.finding("close 1000", in_words(answers[0]))


def _was_closed(talk: Talk) -> bool:
    closes = talk.conversation.closes
    given_up = talk.answer.exchange.failure is not None or talk.errors
    return not given_up and bool(closes) and closes[0].sender == "client"


@check
def accepted_handshake_has_a_request_id(subject: Subject) -> Iterator[Finding]:
    """The one response of a WebSocket is the answer to its handshake."""
    for talk in accepted(subject):
        value = talk.answer.response.header("x-request-id")
        if value is None or not value.strip():
            seen = "an empty value" if value is not None else other_request_id(talk.answer)
            yield Finding(
                "an x-request-id", f"{seen} on {talk.answer.case.id}", "x-request-id", talk.answer.exchange.id
            )


@check
def handshake_selects_only_what_was_offered(subject: Subject) -> Iterator[Finding]:
    """RFC 6455 §4.1: a client must fail the connection otherwise, as browsers and libraries do."""
    for talk in accepted(subject):
        for name in _NEGOTIATED:
            offered = _tokens(talk.answer.exchange.request.headers, name)
            for token in _tokens(talk.answer.response.headers, name):
                if token not in offered:
                    wanted = (
                        "one of " + ", ".join(sorted(offered)) if offered else "none, as none was offered"
                    )
                    yield Finding(wanted, token, name, talk.answer.exchange.id)


def _tokens(headers: Any, name: str) -> list[str]:
    values = [value for key, value in headers if key.lower() == name]
    return [
        token.partition(";")[0].strip() for value in values for token in value.split(",") if token.strip()
    ]


@check
def connections_share_no_id(subject: Subject) -> Iterator[Finding]:
    """A session or a response belongs to the connection that it was made on."""
    holders: dict[tuple[str, str], list[tuple[Talk, int]]] = defaultdict(list)
    for talk in accepted(subject):
        for kind, path in _IDENTITIES:
            for event in talk.of(kind):
                identity = event.at(path)
                if isinstance(identity, str):
                    holders[(path, identity)].append((talk, event.number))
    if not holders:
        raise NotShown("no session or response was seen")
    for (path, identity), found in holders.items():
        if len({talk.answer.exchange.id for talk, _ in found}) > 1:
            talk, number = found[-1]
            seen = f"{identity!r} on {found[0][0].answer.case.id} too"
            yield talk.finding("an id of its own", seen, number, path)


@check
def old_version_is_told_the_right_one(subject: Subject) -> Iterator[Finding]:
    """RFC 6455 §4.4: the refusal of a version names those that are understood."""
    refused = [answer for answer in subject.answers if answer.status == 426]
    if not refused:
        raise NotShown("no handshake was refused with 426")
    for answer in refused:
        yield from _version(answer)


def _version(answer: Answer) -> Iterator[Finding]:
    value = answer.response.header("sec-websocket-version")
    if "13" not in (value or "").replace(" ", "").split(","):
        seen = value or "no Sec-WebSocket-Version"
        yield Finding("Sec-WebSocket-Version: 13", seen, "sec-websocket-version", answer.exchange.id)


@check
def socket_deltas_hold_whole_characters(subject: Subject) -> Iterator[Finding]:
    """A character that is cut between two deltas is lost to whoever shows each as it comes."""
    for talk in talks(subject):
        sent = shown([message.payload for message in talk.conversation.from_client()], limit=1_000_000)
        for event in talk.events:
            delta = event.value.get("delta")
            if isinstance(delta, str) and "\ufffd" not in sent:
                broken = next((c for c in delta if c == "\ufffd" or "\ud800" <= c <= "\udfff"), None)
                if broken is not None:
                    yield talk.finding("whole characters", f"U+{ord(broken):04X}", event, "/delta")
