"""A WebSocket answer as a conversation: what the target said, in events, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance import pointer
from conformance.answer import Answer
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject
from conformance.wire.websocket import NO_CODE, Close, Conversation, Message, read

_DONE = b"[DONE]"
_TROUBLE = frozenset({
    "rate_limit_exceeded", "slow_down", "insufficient_quota", "credit_balance_exhausted",
    "server_is_overloaded",
})  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One message of the target that is a JSON object with a type.

    ``number`` counts the target's text messages, as findings do; ``index`` counts every frame, both ways.
    """

    number: int
    index: int
    value: dict[str, Any]

    @property
    def type(self) -> str:
        """Its type."""
        return str(self.value["type"])

    def at(self, path: str) -> Any:
        """The value at a JSON Pointer; None when there is none."""
        try:
            return pointer.resolve(self.value, path)
        except LookupError:
            return None


@dataclass(frozen=True)
class Talk:
    """One accepted conversation."""

    answer: Answer

    @cached_property
    def conversation(self) -> Conversation:
        """The transcript as messages."""
        return read(self.answer.exchange.frames)

    @cached_property
    def said(self) -> tuple[Message, ...]:
        """The target's text messages, whatever they hold."""
        return self.conversation.from_server()

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Those that are events."""
        return tuple(
            Event(number, message.index, message.payload)
            for number, message in enumerate(self.said)
            if message.type
        )

    @property
    def is_readable(self) -> bool:
        """True when every message of the target is one event; a marker of the end hides none."""
        frames = self.answer.exchange.frames
        if any(frames[index].sender == "server" for index in self.conversation.binary):
            return False
        return all(_is_one_event(message) or frames[message.index].data == _DONE for message in self.said)

    @property
    def latest(self) -> int:
        """The number of the last message; 0 when there is none."""
        return max(len(self.said) - 1, 0)

    def of(self, *types: str) -> list[Event]:
        """The events of the given types."""
        return [event for event in self.events if event.type in types]

    @cached_property
    def errors(self) -> list[Event]:
        """The error events."""
        return self.of("error")

    @cached_property
    def dropped(self) -> Close | None:
        """The close with which the target ended what its client had not ended."""
        first = next(iter(self.conversation.closes), None)
        return first if first is not None and first.sender == "server" else None

    def sent(self, *types: str) -> list[Message]:
        """The client's events of the given types."""
        return [message for message in self.conversation.from_client() if message.type in types]

    def after(self, message: Message, before: Message | None = None) -> list[Event]:
        """What the target said behind a client's message, and before another one if given."""
        return [
            event
            for event in self.events
            if event.index > message.index and (before is None or event.index < before.index)
        ]

    def finding(self, expected: str, seen: str, event: Event | int | None = None, path: str = "") -> Finding:
        """A finding at a place of one message, or at the end of the conversation."""
        number = event.number if isinstance(event, Event) else event
        where = "close" if number is None else f"message {number} {path}".strip()
        return Finding(expected, seen, where, self.answer.exchange.id)


def _is_one_event(message: Message) -> bool:
    return message.type is not None and all(found.kind != "trailing_bytes" for found in message.deviations)


def talk_of(answer: Answer) -> Talk:
    """The conversation of an answer, read once."""
    return answer.remembered("talk", lambda: Talk(answer))


def accepted(subject: Subject) -> Iterator[Talk]:
    """Every conversation that was opened, however it ended. NotShown when none was."""
    opened = [talk_of(answer) for answer in subject.answers if answer.status == 101]
    if not opened:
        raise NotShown("no WebSocket was opened")
    yield from opened


def talks(subject: Subject) -> Iterator[Talk]:
    """The conversations that went on to their end.

    Raises NotShown for a refused handshake, Spoiled for one that broke off or holds what is no event.
    """
    for answer in subject.answers:
        if answer.state == "refused":
            raise NotShown("it was refused as documented")
        if answer.state != "answered" or answer.status != 101:
            raise Spoiled("no WebSocket was opened, or the conversation broke off")
        talk = talk_of(answer)
        if not talk.is_readable:
            raise Spoiled("a message of the conversation is no event")
        yield talk


def unopposed(subject: Subject) -> Iterator[Talk]:
    """As ``talks``; NotShown where an error declines a capability, Spoiled where one tells of trouble."""
    for talk in talks(subject):
        for error in talk.errors:
            if is_trouble(error):
                raise Spoiled(f"the target was in trouble: {message_of(error)}")
            if subject.case.capability is not None:
                raise NotShown(f"the target declined {subject.case.capability}: {message_of(error)}")
        yield talk


def is_trouble(error: Event) -> bool:
    """A limit of rate or quota, or overload: it says nothing of the contract."""
    details = error.value.get("error")
    named = details.get("code") if isinstance(details, dict) else None
    return error.value.get("status") in (429, 503) or named in _TROUBLE


def message_of(error: Event) -> str:
    """The error's message, as far as it has one."""
    found = error.at("/error/message") or error.value.get("message")
    return found[:200] if isinstance(found, str) else shown(error.value)


def in_words(close: Close | None) -> str:
    """How a conversation ended."""
    if close is None:
        return "the connection was left open"
    code = "no code" if close.code == NO_CODE else str(close.code)
    return f"close {code}{': ' + close.reason[:120] if close.reason else ''}"
