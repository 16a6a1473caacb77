"""GET /v1/realtime upgraded: one session, its conversation, and the responses to it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any

from conformance.exchange import Frame
from conformance.reference import errors
from conformance.reference.answers import JsonObject
from conformance.reference.audio import HEARD
from conformance.reference.parameters import Rule, array, check, integer, mapping, one_of, string, text
from conformance.reference.realtime_response import RealtimeResponse
from conformance.reference.realtime_settings import RESPONSE, known, new_session, updated
from conformance.reference.sockets import (
    Reply,
    close_frame,
    message_type,
    read_message,
    text_frame,
    text_frames,
)
from conformance.reference.state import State
from conformance.reference.text import Turn
from conformance.reference.tokens import count

BETA_REFUSED = 4000
_TEXTS = ("text", "transcript")

Events = Iterator[JsonObject]


class RetiredSession:
    """What a client of the retired beta gets: one error, and the close."""

    def __init__(self, state: State) -> None:
        self._state = state

    def opened(self) -> Reply:
        """The error that says so."""
        text_ = "The Realtime Beta API is no longer available."
        refusal = errors.Refusal(400, text_, code="beta_api_shape_disabled")
        return text_frame(_error_event(self._state, refusal, None)), close_frame(BETA_REFUSED, "beta shape")

    def receive(self, frame: Frame) -> Reply:
        """Nothing: it is over."""
        return ()


def _error_event(state: State, refusal: errors.Refusal, client_event: Any) -> JsonObject:
    named = client_event if isinstance(client_event, str) else None
    error = {**refusal.error(), "event_id": named}
    return {"type": "error", "event_id": state.new_id("event_"), "error": error}


class RealtimeSession:
    """One session. Every client event is answered at once, so that no response is ever left running."""

    def __init__(self, state: State, model: str) -> None:
        self._state = state
        self._session = new_session(state, model)
        self._conversation = state.new_id("conv_")
        self._items: list[JsonObject] = []
        self._buffer = b""
        self._handlers: dict[str, Callable[[JsonObject], Events]] = {
            "session.update": self._update,
            "conversation.item.create": self._create_item,
            "conversation.item.retrieve": self._retrieve_item,
            "conversation.item.delete": self._delete_item,
            "conversation.item.truncate": self._truncate_item,
            "input_audio_buffer.append": self._append,
            "input_audio_buffer.commit": self._commit,
            "input_audio_buffer.clear": self._clear,
            "response.create": self._respond,
            "response.cancel": self._cancel,
        }

    def opened(self) -> Reply:
        """The session as it begins."""
        return self._sent(iter([{"type": "session.created", "session": self._session}]))

    def receive(self, frame: Frame) -> Reply:
        """The events that answer a client's event, or one error event; the session stays open."""
        event: JsonObject = {}
        try:
            event = read_message(frame)
            check(event, {"event_id": string(longest=512)})
            return self._sent(iter(list(self._handler(event)(event))))
        except errors.Refusal as refusal:
            return (text_frame(_error_event(self._state, _as_event(refusal), event.get("event_id"))),)

    def _sent(self, events: Events) -> Reply:
        return text_frames({**event, "event_id": self._state.new_id("event_")} for event in events)

    def _handler(self, event: JsonObject) -> Callable[[JsonObject], Events]:
        kind = message_type(event)
        if not isinstance(kind, str) or kind not in self._handlers:
            raise errors.invalid_value("type", f"Invalid value: '{str(kind)[:80]}'.")
        return self._handlers[kind]

    # The session

    def _update(self, event: JsonObject) -> Events:
        if "session" not in event:
            raise errors.missing("session")
        self._session = updated(self._session, event["session"])
        yield {"type": "session.updated", "session": self._session}

    # The conversation

    def _create_item(self, event: JsonObject) -> Events:
        check(event, {"item": mapping, "previous_item_id": text}, ("item",))
        item = self._new_item(event["item"], "item")
        previous = self._insert(item, event.get("previous_item_id"))
        for kind in ("added", "done"):
            yield {"type": f"conversation.item.{kind}", "previous_item_id": previous, "item": item}

    def _new_item(self, given: JsonObject, at: str) -> JsonObject:
        check(given, _ITEM, ("type",), at=f"{at}.")
        check(given, _ITEM, _NEEDED[given["type"]], at=f"{at}.")
        for place, part in enumerate(given.get("content") or ()):
            _check_part(part, f"{at}.content[{place}]")
        identifier = given.get("id") or self._state.new_id("item_")
        if any(item["id"] == identifier for item in self._items):
            raise errors.invalid_value(f"{at}.id", "An item with this id already exists.")
        return {"object": "realtime.item", "status": "completed", **given, "id": identifier}

    def _insert(self, item: JsonObject, after: str | None) -> str | None:
        """Put an item behind another, or at the end; gives the id of the one before it."""
        place = 0 if after == "root" else len(self._items) if after is None else self._place(after) + 1
        self._items.insert(place, item)
        return self._items[place - 1]["id"] if place else None

    def _place(self, identifier: Any, param: str = "previous_item_id") -> int:
        for place, item in enumerate(self._items):
            if item["id"] == identifier:
                return place
        raise errors.invalid_value(param, "No item of the conversation has this id.")

    def _find(self, event: JsonObject) -> JsonObject:
        check(event, {"item_id": text}, ("item_id",))
        return self._items[self._place(event["item_id"], "item_id")]

    def _retrieve_item(self, event: JsonObject) -> Events:
        yield {"type": "conversation.item.retrieved", "item": self._find(event)}

    def _delete_item(self, event: JsonObject) -> Events:
        item = self._find(event)
        self._items.remove(item)
        yield {"type": "conversation.item.deleted", "item_id": item["id"]}

    def _truncate_item(self, event: JsonObject) -> Events:
        rules: dict[str, Rule] = {"item_id": text, "content_index": integer(0), "audio_end_ms": integer(0)}
        check(event, rules, ("item_id", "content_index", "audio_end_ms"))
        item = self._find(event)
        if item.get("role") != "assistant":
            raise errors.invalid_value("item_id", "Only messages of the assistant can be truncated.")
        yield {"type": "conversation.item.truncated", **{name: event[name] for name in rules}}

    # The input audio

    def _append(self, event: JsonObject) -> Events:
        check(event, {"audio": text}, ("audio",))
        try:
            self._buffer += base64.b64decode(event["audio"], validate=True)
        except (binascii.Error, ValueError):
            raise errors.invalid_value("audio", "The audio is not valid base64.") from None
        return iter(())

    def _clear(self, event: JsonObject) -> Events:
        self._buffer = b""
        yield {"type": "input_audio_buffer.cleared"}

    def _commit(self, event: JsonObject) -> Events:
        if not self._buffer:
            message = "The input audio buffer is empty."
            raise errors.Refusal(400, message, code="input_audio_buffer_commit_empty")
        self._buffer = b""
        part = {"type": "input_audio", "transcript": HEARD}
        item = self._new_item({"type": "message", "role": "user", "content": [part]}, "item")
        previous = self._insert(item, None)
        yield {"type": "input_audio_buffer.committed", "previous_item_id": previous, "item_id": item["id"]}
        for kind in ("added", "done"):
            yield {"type": f"conversation.item.{kind}", "previous_item_id": previous, "item": item}

    # Responses

    def _respond(self, event: JsonObject) -> Events:
        change = event.get("response") or {}
        known(change, RESPONSE, "response")
        aside = change.get("conversation") == "none"
        settings = {**self._session, **change, "audio": self._session["audio"]}
        conversation = None if aside else self._conversation
        previous = self._items[-1]["id"] if self._items else None
        turns = self._turns(change)
        response = RealtimeResponse(self._state.new_id, settings, turns, conversation, previous)
        yield from response.events()
        if not aside:
            self._items += response.items

    def _turns(self, change: JsonObject) -> list[Turn]:
        given = change.get("input")
        items = self._items if given is None else [self._new_item(one, "response.input") for one in given]
        instructions = change.get("instructions") or self._session["instructions"]
        return [Turn("system", instructions), *(_turn(item) for item in items)]

    def _cancel(self, event: JsonObject) -> Events:
        text_ = "Cancellation failed: no active response found."
        raise errors.Refusal(400, text_, code="response_cancel_not_active")


def _as_event(refusal: errors.Refusal) -> errors.Refusal:
    """A refusal of what is no event at all has a code of its own here."""
    if refusal.code is None and refusal.param is None:
        return errors.Refusal(400, refusal.message, code="invalid_event")
    return refusal


_ITEM: dict[str, Rule] = {
    "id": string(shortest=1, longest=64),
    "type": one_of("message", "function_call", "function_call_output"),
    "role": one_of("system", "user", "assistant"),
    "content": array(mapping, fewest=1),
    "name": text,
    "arguments": text,
    "call_id": text,
    "output": text,
}
_NEEDED = {
    "message": ("role", "content"),
    "function_call": ("name", "arguments"),
    "function_call_output": ("call_id", "output"),
}
_PART_NEEDS = {
    "input_text": ("text",),
    "output_text": ("text",),
    "input_audio": (),
    "output_audio": (),
    "input_image": ("image_url",),
}
_PART: dict[str, Rule] = {
    "type": one_of(*_PART_NEEDS),
    "text": text,
    "transcript": text,
    "audio": text,
    "image_url": text,
}


def _check_part(part: JsonObject, at: str) -> None:
    check(part, _PART, ("type",), at=f"{at}.")
    check(part, _PART, _PART_NEEDS[part["type"]], at=f"{at}.")


def _turn(item: JsonObject) -> Turn:
    if item["type"] == "function_call_output":
        return Turn("tool", item["output"])
    if item["type"] == "function_call":
        return Turn("assistant", "", count(item["name"]) + count(item["arguments"]) + 3)
    words = [part[name] for part in item["content"] for name in _TEXTS if isinstance(part.get(name), str)]
    return Turn(item["role"], "\n".join(words))
