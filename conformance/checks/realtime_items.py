"""Items of a realtime conversation, and other events that a client asks for by name."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.excerpt import shown
from conformance.checks.realtime_view import Entry, differences, entries
from conformance.checks.socket_view import message_of, talks, unopposed
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check


@check
def created_items_are_added_and_done(subject: Subject) -> Iterator[Finding]:
    """Each item that the client creates is announced and ended in the conversation."""
    for entry in entries(subject):
        if entry.announced is None:
            yield entry.talk.finding("conversation.item.added", "no item", _last(entry))
        elif entry.done is None and entry.announced.type != "conversation.item.created":
            yield entry.talk.finding("conversation.item.done behind it", "no such event", entry.announced)


def _last(entry: Entry) -> int:
    return entry.talk.latest


@check
def items_keep_what_was_sent(subject: Subject) -> Iterator[Finding]:
    """Its role, its content, its call and the id that the client gave it."""
    for entry in entries(subject):
        for event in (entry.announced, entry.done):
            if event is not None:
                for path, expected, seen in differences(entry.wanted, event.at("/item"), "/item"):
                    yield entry.talk.finding(shown(expected), seen, event, path)


@check
def items_follow_known_ones(subject: Subject) -> Iterator[Finding]:
    """previous_item_id is null, root, or the id of an item that was announced before."""
    if any(entry.announced is None for entry in entries(subject)):
        raise Spoiled("an item was not announced")
    for talk in unopposed(subject):
        known: set[str] = {"root"}
        for event in talk.of(
            "conversation.item.added", "conversation.item.created", "conversation.item.done"
        ):
            previous, own = event.value.get("previous_item_id"), event.at("/item/id")
            if isinstance(previous, str) and (previous not in known or previous == own):
                yield talk.finding("null or an item before it", shown(previous), event, "/previous_item_id")
            if isinstance(own, str):
                known.add(own)


@check
def item_is_given_back(subject: Subject) -> Iterator[Finding]:
    """conversation.item.retrieve answers with the item, as it was created."""
    yield from _answers_for_the_item(subject, "conversation.item.retrieved", "/item/id")
    for talk in unopposed(subject):
        created = talk.sent("conversation.item.create")
        for event in talk.of("conversation.item.retrieved"):
            for path, expected, seen in differences(created[-1].payload["item"], event.at("/item"), "/item"):
                if path != "/item/id":
                    yield talk.finding(shown(expected), seen, event, path)


@check
def item_is_deleted(subject: Subject) -> Iterator[Finding]:
    """conversation.item.delete answers with the id of the item."""
    yield from _answers_for_the_item(subject, "conversation.item.deleted", "/item_id")


def _answers_for_the_item(subject: Subject, kind: str, path: str) -> Iterator[Finding]:
    for talk in unopposed(subject):
        asked = [m.payload["item_id"] for m in talk.conversation.from_client() if "item_id" in m.payload]
        if not asked:
            raise Spoiled("the conversation did not come to it")
        wanted, found = asked[-1], talk.of(kind)
        if not found and talk.dropped is None:
            seen = f"an error: {message_of(talk.errors[-1])}" if talk.errors else "no such event"
            yield talk.finding(kind, seen, talk.latest)
        for event in found:
            if event.at(path) != wanted:
                yield talk.finding(shown(wanted), shown(event.at(path)), event, path)


@check
def buffer_is_cleared(subject: Subject) -> Iterator[Finding]:
    """input_audio_buffer.clear is answered."""
    for talk in unopposed(subject):
        if not talk.of("input_audio_buffer.cleared") and talk.dropped is None:
            yield talk.finding("input_audio_buffer.cleared", "no such event", talk.latest)


@check
def deleted_item_is_gone(subject: Subject) -> Iterator[Finding]:
    """conversation.item.retrieve finds no item that conversation.item.deleted named."""
    for talk in talks(subject):
        deleted = talk.of("conversation.item.deleted")
        if not deleted:
            raise NotShown("no item was deleted")
        gone = deleted[0].value.get("item_id")
        for event in talk.of("conversation.item.retrieved"):
            if event.at("/item/id") == gone:
                yield talk.finding("an error, as the item was deleted", shown(gone), event, "/item/id")


@check
def committed_sound_becomes_an_item(subject: Subject) -> Iterator[Finding]:
    """The item has the id that the commit names; where none is announced, nothing shows that it is another."""
    for talk in unopposed(subject):
        committed = talk.of("input_audio_buffer.committed")
        if not committed and talk.dropped is None:
            yield talk.finding("input_audio_buffer.committed", "no such event", talk.latest)
        announced = [
            event.at("/item/id") for event in talk.of("conversation.item.added", "conversation.item.created")
        ]
        for event in committed:
            if announced and event.value.get("item_id") not in announced:
                seen = shown(event.value.get("item_id"))
                yield talk.finding(shown(announced[-1]), seen, event, "/item_id")


@check
def items_that_are_done_have_ended(subject: Subject) -> Iterator[Finding]:
    """Completed or incomplete, in their own events and in response.done; a status that is left out says nothing."""
    for talk in unopposed(subject):
        for event in talk.of("conversation.item.done", "response.output_item.done", "response.done"):
            output = event.at("/response/output")
            items = (
                {f"/response/output/{place}": item for place, item in enumerate(output)}
                if isinstance(output, list)
                else {}
            )
            for path, item in (items or {"/item": event.at("/item")}).items():
                if isinstance(item, dict) and item.get("status") == "in_progress":
                    yield talk.finding("completed or incomplete", '"in_progress"', event, f"{path}/status")


@check
def session_keeps_its_model(subject: Subject) -> Iterator[Finding]:
    """What session.created named, session.updated names too, or nothing."""
    for talk in talks(subject):
        named = next((event.at("/session/model") for event in talk.of("session.created")), None)
        if named is None:
            raise NotShown("the session names no model")
        for event in talk.of("session.updated"):
            if event.at("/session/model") not in (None, named):
                seen = shown(event.at("/session/model"))
                yield talk.finding(shown(named), seen, event, "/session/model")
