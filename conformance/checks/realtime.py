"""GET /v1/realtime: the session, the names of its events, and what they always carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from urllib.parse import parse_qs, urlsplit

from conformance.checks.excerpt import shown
from conformance.checks.realtime_view import RETIRED, differences, renamed, retired, sessions, updates
from conformance.checks.socket_view import Event, Talk, message_of, talks, unopposed
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check
from conformance.wire.websocket import Message

_MOST = 5
_PASSING = ("expires_at", "client_secret", "id", "model")  # of a session: they pass, or are told elsewhere


@check
def session_created_comes_first(subject: Subject) -> Iterator[Finding]:
    """Before any other event that is known; clients wait for it before they say anything."""
    for talk in talks(subject):
        known = subject.contract.schemas.events["realtime"]
        first = next((event for event in renamed(talk) if event.type in known), None)
        if first is None and talk.dropped is not None:
            raise Spoiled("the target dropped the conversation")
        if first is None or first.type != "session.created":
            seen = "no event" if first is None else first.type
            yield talk.finding("session.created", seen, first or 0, "/type")


@check
def session_is_of_the_kind_asked_for(subject: Subject) -> Iterator[Finding]:
    """A realtime session, or with intent=transcription one that transcribes."""
    for talk, found in sessions(subject):
        wanted = _query(talk).get("intent") or "realtime"
        for event in found:
            kind = event.at("/session/type")
            if kind is not None and kind != wanted:
                yield talk.finding(wanted, shown(kind), event, "/session/type")


def _query(talk: Talk) -> dict[str, str]:
    query = parse_qs(urlsplit(talk.answer.exchange.request.path).query)
    return {name: values[-1] for name, values in query.items()}


@check
def session_names_the_model(subject: Subject) -> Iterator[Finding]:
    """The model that was asked for, or a dated or shortened form of its name."""
    for talk, found in sessions(subject):
        asked = _query(talk).get("model")
        named = [event for event in found if isinstance(event.at("/session/model"), str)]
        if asked is None or not named:
            raise NotShown("the handshake or the session names no model")
        for event in named:
            if not _related(asked, event.at("/session/model")):
                yield talk.finding(shown(asked), shown(event.at("/session/model")), event, "/session/model")


def _related(one: str, other: str) -> bool:
    mine, theirs = (name.rsplit("/", 1)[-1].partition(":")[0].lower() for name in (one, other))
    return bool(mine) and bool(theirs) and (mine.startswith(theirs) or theirs.startswith(mine))


@check
def session_keeps_its_id(subject: Subject) -> Iterator[Finding]:
    """One session a connection."""
    for talk, found in sessions(subject):
        first = found[0].at("/session/id")
        for event in found[1:]:
            if event.at("/session/id") != first and event.at("/session/id") is not None:
                yield talk.finding(shown(first), shown(event.at("/session/id")), event, "/session/id")


@check
def session_expires_later(subject: Subject) -> Iterator[Finding]:
    """Seconds since 1970, behind the handshake."""
    for talk, found in sessions(subject):
        times = [(event, event.at("/session/expires_at")) for event in found]
        told = [(event, time) for event, time in times if isinstance(time, int | float) and time]
        if not told:
            raise NotShown("the session does not say when it ends")
        for event, time in told[:1]:
            if time < talk.answer.exchange.started_at:
                yield talk.finding("a time behind the handshake", shown(time), event, "/session/expires_at")


@check
def offered_subprotocol_is_selected(subject: Subject) -> Iterator[Finding]:
    """A browser that offers ``realtime`` fails the connection when it is not selected."""
    for talk in talks(subject):
        selected = talk.answer.response.header("sec-websocket-protocol")
        if selected != "realtime":
            seen = shown(selected) if selected else "none"
            yield Finding("realtime", seen, "sec-websocket-protocol", talk.answer.exchange.id)


@check
def session_takes_the_update(subject: Subject) -> Iterator[Finding]:
    """session.updated comes, and shows every value that was sent."""
    yield from _unanswered_updates(subject)
    for talk, message, before, behind in updates(subject):
        has = behind.at("/session") or {}
        lost = {name for name in before.at("/session") or {} if name not in has}  # told of the whole session
        wanted = {name: value for name, value in message.payload["session"].items() if name not in lost}
        for path, expected, seen in islice(differences(wanted, has, "/session"), _MOST):
            yield talk.finding(shown(expected), seen, behind, path)


def _unanswered_updates(subject: Subject) -> Iterator[Finding]:
    for talk in unopposed(subject):
        updated = [event for event in renamed(talk) if event.type == "session.updated"]
        sent = talk.sent("session.update")
        if len(updated) < len(sent) and not talk.errors and talk.dropped is None:
            expected = f"session.updated for each session.update, {len(sent)} in all"
            yield talk.finding(expected, str(len(updated)), talk.latest)


@check
def updated_session_is_whole(subject: Subject) -> Iterator[Finding]:
    """Clients put it in the place of the session they had."""
    for talk, _, before, behind in updates(subject):
        had, has = before.at("/session"), behind.at("/session")
        if isinstance(had, dict) and isinstance(has, dict):
            missing = [name for name in had if had[name] is not None and name not in has]
            if missing:
                seen = f"no {', '.join(missing)}"
                yield talk.finding("every member of the session before it", seen, behind, "/session")


@check
def update_leaves_the_rest(subject: Subject) -> Iterator[Finding]:
    """What an update does not name stays as it was; what depends on the modality may follow it."""
    for talk, message, before, behind in updates(subject):
        named = set(message.payload["session"])
        free = {*named, *_PASSING, *({"audio"} if "output_modalities" in named else ())}
        had, has = before.at("/session"), behind.at("/session")
        if isinstance(had, dict) and isinstance(has, dict):
            for name in had:
                if name not in free and name in has and has[name] != had[name]:
                    yield talk.finding(
                        f"{shown(had[name])}, as before", shown(has[name]), behind, f"/session/{name}"
                    )


@check
def core_events_are_not_refused(subject: Subject) -> Iterator[Finding]:
    """session.update, conversation.item.create and response.create: without them nothing is said."""
    for talk in unopposed(subject):
        for error in talk.errors:
            at_fault = _at_fault(talk, error)
            if at_fault is not None:
                expected = f"the answer to {at_fault.type}"
                yield talk.finding(expected, f"an error: {message_of(error)}", error)


def _at_fault(talk: Talk, error: Event) -> Message | None:
    """The client's event that an error names, else the last one before it."""
    before = [message for message in talk.conversation.from_client() if message.index < error.index]
    named = error.at("/error/event_id")
    by_name = [
        m for m in before if isinstance(m.payload, dict) and m.payload.get("event_id") == named and named
    ]
    return next(iter(by_name or before[::-1]), None)


@check
def retired_names_are_not_used(subject: Subject) -> Iterator[Finding]:
    """Clients of today do not know the names of the beta, and pass over what comes under them."""
    for talk in talks(subject):
        told: set[str] = set()
        for event in retired(talk):
            if event.type not in told:
                told.add(event.type)
                yield talk.finding(RETIRED[event.type], event.type, event, "/type")


@check
def absent_values_are_null(subject: Subject) -> Iterator[Finding]:
    """Members that are always there in events of the API, null where they have no value."""
    for talk in talks(subject):
        told: set[tuple[str, str]] = set()
        for event in talk.events:
            for path in _ALWAYS.get(event.type, ()):
                parent, _, name = path.rpartition("/")
                holder = event.at(parent) if parent else event.value
                if isinstance(holder, dict) and name not in holder and (event.type, path) not in told:
                    told.add((event.type, path))
                    yield talk.finding(f"{name}, null where it has no value", "no such member", event, path)


_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "conversation.item.added": ("/previous_item_id",),
    "conversation.item.done": ("/previous_item_id",),
    "response.created": ("/response/status_details", "/response/usage"),
    "response.done": ("/response/status_details", "/response/usage"),
    "error": ("/error/code", "/error/param", "/error/event_id"),
}


@check
def realtime_rate_limits_fit(subject: Subject) -> Iterator[Finding]:
    """What remains is not above the limit."""
    seen = False
    for talk in talks(subject):
        for event in talk.of("rate_limits.updated"):
            limits = event.value.get("rate_limits")
            for number, entry in enumerate(limits if isinstance(limits, list) else ()):
                limit, left = (
                    entry.get(n) if isinstance(entry, dict) else None for n in ("limit", "remaining")
                )
                if isinstance(limit, int) and isinstance(left, int | float):
                    seen = True
                    if left > limit:
                        path = f"/rate_limits/{number}/remaining"
                        yield talk.finding(f"at most the limit, {limit}", str(left), event, path)
    if not seen:
        raise NotShown("no rate limits were sent")
