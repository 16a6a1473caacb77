"""Altering WebSocket conversations turn by turn: a recorded transcript, or a session as it speaks.

A turn is one client message and what the server says to it; the first turn is what it says unasked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from conformance.exchange import Exchange, Frame, Request
from conformance.reference.answers import encode_json
from conformance.reference.app import Connect
from conformance.reference.sockets import Reply, Session

AlterReply = Callable[[tuple[Frame, ...], Reply], Reply]
"""Takes the client's frames so far, the last one being answered (none at the opening), and the reply."""


@dataclass(slots=True)
class Turn:
    """One reply to be altered in place; ``asked`` is what the client said, ``number`` 0 at the opening."""

    events: list[Any]
    asked: Any
    number: int


EditTurn = Callable[[Turn], None]


def editing_turns(edit: EditTurn) -> AlterReply:
    """An alteration of frames that edits the JSON of the text messages."""

    def alter(history: tuple[Frame, ...], reply: Reply) -> Reply:
        texts = [frame for frame in reply if frame.kind == "text"]
        asked = _parsed(history[-1].data) if history else {}
        events = [_parsed(frame.data) for frame in texts]
        turn = Turn(events, asked if isinstance(asked, dict) else {}, len(history))
        before = [_data(event) for event in turn.events]
        edit(turn)
        after = [_data(event) for event in turn.events]
        if after == before:
            return reply
        at = texts[-1].at if texts else 0.0
        rest = tuple(frame for frame in reply if frame.kind != "text")
        return (*(Frame(at, "server", "text", data) for data in after), *rest)

    return alter


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return {}


def _data(event: Any) -> bytes:
    return event.encode() if isinstance(event, str) else encode_json(event)


def altered_transcript(exchange: Exchange, alter: AlterReply) -> Exchange:
    """The recorded conversation under an alteration; the exchange itself when nothing changed."""
    frames: list[Frame] = []
    history: tuple[Frame, ...] = ()
    for asked, reply in _turns(exchange.frames):
        if asked is not None:
            frames.append(asked)
            history = (*history, asked)
        frames += alter(history, reply)
    ended = _up_to_the_close(frames)
    return exchange if ended == exchange.frames else replace(exchange, frames=ended)


def _turns(frames: tuple[Frame, ...]) -> Iterator[tuple[Frame | None, Reply]]:
    asked: Frame | None = None
    reply: list[Frame] = []
    for frame in frames:
        if frame.sender == "client":
            yield asked, tuple(reply)
            asked, reply = frame, []
        else:
            reply.append(frame)
    yield asked, tuple(reply)


def _up_to_the_close(frames: list[Frame]) -> tuple[Frame, ...]:
    """Nothing follows the server's close but the client's own."""
    for place, frame in enumerate(frames):
        if frame.sender == "server" and frame.kind == "close":
            closes = [
                late for late in frames[place + 1 :] if late.sender == "client" and late.kind == "close"
            ]
            return (*frames[: place + 1], *closes[:1])
    return tuple(frames)


class _AlteredSession:
    """A session whose replies are altered before they are sent."""

    def __init__(self, session: Session, alter: AlterReply) -> None:
        self._session = session
        self._alter = alter
        self._history: tuple[Frame, ...] = ()

    def opened(self) -> Reply:
        return self._alter((), self._session.opened())

    def receive(self, frame: Frame) -> Reply:
        self._history = (*self._history, frame)
        return self._alter(self._history, self._session.receive(frame))


def altered_session(connect: Connect, path: str, alter: AlterReply) -> Connect:
    """Sessions at ``path``, a glob, under an alteration."""

    def connected(request: Request) -> Session:
        session = connect(request)
        here = fnmatchcase(request.path.partition("?")[0], path)
        return _AlteredSession(session, alter) if here else session

    return connected
