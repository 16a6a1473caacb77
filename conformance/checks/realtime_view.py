"""A realtime conversation as its sessions, items and responses; retired names are read too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.excerpt import shown
from conformance.checks.socket_view import Event, Talk, talks, unopposed
from conformance.checks.subject import NotShown, Spoiled, Subject
from conformance.wire.websocket import Message

RETIRED: Mapping[str, str] = {
    "transcription_session.created": "session.created",
    "transcription_session.updated": "session.updated",
    "conversation.item.created": "conversation.item.added",
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
}
"""Names of the beta, each with the one that took its place."""

_KEYS = ("/item/id", "/response_id", "/output_index", "/content_index")


def retired(talk: Talk) -> list[Event]:
    """Events under a retired name that do not also come under the present one."""
    found: list[Event] = talk.answer.remembered("retired", lambda: list(_retired(talk)))
    return found


def _retired(talk: Talk) -> Iterator[Event]:
    present = {(event.type, _key(event)) for event in talk.events}
    for event in talk.events:
        name = RETIRED.get(event.type)
        if name is not None and (name, _key(event)) not in present:
            yield event


def _key(event: Event) -> tuple[str, ...]:
    return tuple(repr(event.at(path)) for path in _KEYS)


def renamed(talk: Talk) -> list[Event]:
    """Every event, under its present name; an announced item keeps its old one, which the grammar knows."""
    found: list[Event] = talk.answer.remembered("renamed", lambda: list(_renamed(talk)))
    return found


def _renamed(talk: Talk) -> Iterator[Event]:
    old = {event.number for event in retired(talk) if event.type != "conversation.item.created"}
    for event in talk.events:
        if event.number in old:
            yield Event(event.number, event.index, {**event.value, "type": RETIRED[event.type]})
        else:
            yield event


@dataclass(frozen=True)
class Response:
    """One response of a session: how it was announced, how it ended, and what was asked for."""

    talk: Talk
    created: Event
    done: Event | None
    asked: Mapping[str, Any]

    @property
    def id(self) -> Any:
        """Its id."""
        return self.created.at("/response/id")

    @property
    def value(self) -> Mapping[str, Any]:
        """The response as it ended. Spoiled when it did not."""
        response = self.done.at("/response") if self.done is not None else None
        if not isinstance(response, dict):
            raise Spoiled("a response has no end")
        return response

    @property
    def end(self) -> Event:
        """The event that ended it; ask for ``value`` first."""
        assert self.done is not None
        return self.done

    @property
    def items(self) -> list[tuple[str, dict[str, Any]]]:
        """Pointer and value of each item of its output that is an object."""
        output = self.value.get("output")
        members = enumerate(output) if isinstance(output, list) else ()
        return [(f"/response/output/{i}", item) for i, item in members if isinstance(item, dict)]

    def events(self) -> list[Event]:
        """The events between, by their response_id."""
        return [event for event in renamed(self.talk) if event.value.get("response_id") == self.id]

    def count(self, *path: str) -> int | None:
        """An integer within usage; None when there is none."""
        value: Any = self.value.get("usage")
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def responses(subject: Subject) -> Iterator[Response]:
    """The responses of each conversation. Spoiled when one has none: that is told elsewhere."""
    for talk in unopposed(subject):
        found = list(_responses(talk))
        if not found:
            raise Spoiled("no response was announced")
        yield from found


def _responses(talk: Talk) -> Iterator[Response]:
    asked = [message.payload.get("response") for message in talk.sent("response.create")]
    ends = {repr(event.at("/response/id")): event for event in reversed(talk.of("response.done"))}
    for number, event in enumerate(talk.of("response.created")):
        wanted = asked[number] if number < len(asked) else None
        yield Response(
            talk, event, ends.get(repr(event.at("/response/id"))), wanted if isinstance(wanted, dict) else {}
        )


def response_ids(talk: Talk) -> set[str]:
    """The ids of all responses that events speak of, announced or not."""
    named = [event.at(path) for event in talk.events for path in ("/response/id", "/response_id")]
    return {name for name in named if isinstance(name, str)}


def completed(subject: Subject) -> Iterator[Response]:
    """As ``responses``, of those that completed. NotShown when one did not."""
    for response in responses(subject):
        if response.value.get("status") != "completed":
            raise NotShown(f"the response is {response.value.get('status')}")
        yield response


@dataclass(frozen=True)
class Entry:
    """An item that the client asked for, and what the target made of it."""

    talk: Talk
    request: Message
    announced: Event | None
    done: Event | None

    @property
    def wanted(self) -> Mapping[str, Any]:
        """The item as it was sent."""
        item = self.request.payload.get("item")
        return item if isinstance(item, dict) else {}


def entries(subject: Subject) -> Iterator[Entry]:
    """Each item of the client's in turn. Spoiled when an error event, or the end, stands for one."""
    for talk in unopposed(subject):
        found = list(_entries(talk))
        if (talk.errors or talk.dropped) and any(entry.announced is None for entry in found):
            raise Spoiled("the target answered with an error event, or dropped the conversation")
        yield from found


def _entries(talk: Talk) -> Iterator[Entry]:
    spoken = [event for event in talk.events if event.type.startswith("response.")]
    output = {repr(event.at(path)) for event in spoken for path in ("/item/id", "/item_id")}
    announced: dict[str, Event] = {}
    for event in talk.of("conversation.item.added", "conversation.item.created"):
        if repr(event.at("/item/id")) not in output:
            announced.setdefault(repr(event.at("/item/id")), event)
    ends = {repr(event.at("/item/id")): event for event in talk.of("conversation.item.done")}
    found = list(announced.items())
    for number, request in enumerate(talk.sent("conversation.item.create")):
        if number < len(found):
            identity, event = found[number]
            yield Entry(talk, request, event, ends.get(identity))
        else:
            yield Entry(talk, request, None, None)


def updates(subject: Subject) -> Iterator[tuple[Talk, Message, Event, Event]]:
    """Each session.update that was answered: what was sent, the session before it, and the one behind it."""
    for talk in unopposed(subject):
        sessions = [event for event in renamed(talk) if event.type in {"session.created", "session.updated"}]
        for message in talk.sent("session.update"):
            before = [event for event in sessions if event.index < message.index]
            behind = [event for event in sessions if event.index > message.index]
            if not before:
                raise Spoiled("the session was not announced")
            if not behind:
                break
            yield talk, message, before[-1], behind[0]


def sessions(subject: Subject) -> Iterator[tuple[Talk, list[Event]]]:
    """The events that hold a session, of each conversation. Spoiled when there is none."""
    for talk in talks(subject):
        found = [event for event in renamed(talk) if event.type in {"session.created", "session.updated"}]
        if not found:
            raise Spoiled("no session was announced")
        yield talk, found


def differences(wanted: Any, seen: Any, path: str) -> Iterator[tuple[str, Any, str]]:
    """Places where ``seen`` lacks what ``wanted`` says; what it says beyond that is its own."""
    if isinstance(wanted, Mapping) and isinstance(seen, Mapping):
        for name, value in wanted.items():
            if name in seen:
                yield from differences(value, seen[name], f"{path}/{name}")
            else:
                yield f"{path}/{name}", value, "no such member"
    elif isinstance(wanted, list) and isinstance(seen, list) and len(wanted) == len(seen):
        for number, (one, other) in enumerate(zip(wanted, seen, strict=True)):
            yield from differences(one, other, f"{path}/{number}")
    elif wanted != seen:
        yield path, wanted, shown(seen)
