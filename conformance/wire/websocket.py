"""A WebSocket transcript as JSON messages: what each side said, in order, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from conformance.exchange import Frame
from conformance.wire.strict_json import Deviation, JsonError, loads

Sender = Literal["client", "server"]
NO_CODE = 1005  # a close without a code (RFC 6455 §7.4.1)


@dataclass(frozen=True, slots=True)
class Message:
    """One text frame. ``index`` counts every frame of the transcript, both ways, from 0.

    ``payload`` is the parsed JSON, None when there is none; ``error`` then says why.
    """

    index: int
    at: float
    sender: Sender
    payload: Any
    error: JsonError | None = None
    deviations: tuple[Deviation, ...] = ()

    @property
    def type(self) -> str | None:
        """The ``type`` of an event, None when the message is no event."""
        found = self.payload.get("type") if isinstance(self.payload, dict) else None
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class Close:
    """A close frame: its code (`NO_CODE` when it has none) and its reason."""

    index: int
    at: float
    sender: Sender
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A transcript. ``binary`` are the indexes of binary frames, which no contract here knows."""

    messages: tuple[Message, ...]
    closes: tuple[Close, ...]
    binary: tuple[int, ...]

    def from_server(self) -> tuple[Message, ...]:
        """What the target said."""
        return tuple(message for message in self.messages if message.sender == "server")

    def from_client(self) -> tuple[Message, ...]:
        """What we said."""
        return tuple(message for message in self.messages if message.sender == "client")

    def answers_to(self, index: int) -> tuple[Message, ...]:
        """What the target said between client message ``index`` and our next one."""
        ends = [message.index for message in self.from_client() if message.index > index]
        end = min(ends, default=None)
        return tuple(
            message
            for message in self.from_server()
            if message.index > index and (end is None or message.index < end)
        )


def read(frames: Iterable[Frame]) -> Conversation:
    """Read a transcript; nothing in it can make this raise."""
    messages: list[Message] = []
    closes: list[Close] = []
    binary: list[int] = []
    for index, frame in enumerate(frames):
        if frame.kind == "text":
            messages.append(_message(index, frame))
        elif frame.kind == "close":
            closes.append(_close(index, frame))
        else:
            binary.append(index)
    return Conversation(tuple(messages), tuple(closes), tuple(binary))


def _message(index: int, frame: Frame) -> Message:
    try:
        document = loads(frame.data)
    except JsonError as error:
        return Message(index, frame.at, frame.sender, None, error)
    return Message(index, frame.at, frame.sender, document.value, None, document.deviations)


def _close(index: int, frame: Frame) -> Close:
    code = int.from_bytes(frame.data[:2], "big") if len(frame.data) >= 2 else NO_CODE
    return Close(index, frame.at, frame.sender, code, frame.data[2:].decode("utf-8", "replace"))
