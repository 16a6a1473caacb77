"""A Responses WebSocket as its turns: each read as the stream that the same body would have over HTTP."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.answer import Answer
from conformance.checks.response_view import TERMINAL_EVENTS
from conformance.checks.socket_view import Event, Talk, talk_of
from conformance.checks.subject import Subject
from conformance.contract import Contract
from conformance.exchange import Chunk, Request, Response
from conformance.wire.websocket import Message

_OPERATION = "POST /v1/responses"
_OF_THE_SOCKET = ("type", "stream_id", "generate")  # members of a message that are no part of a body


@dataclass
class Turn:
    """The events that answer one message: a response's, or the one error that refused it."""

    lane: str | None
    events: list[Event] = field(default_factory=list)
    message: Message | None = None  # of the client

    @property
    def id(self) -> Any:
        """The id of its response, as first told."""
        return next((found for event in self.events if (found := event.at("/response/id")) is not None), None)

    @property
    def refused(self) -> Event | None:
        """The error event, where there is nothing else."""
        return self.events[0] if self.events[0].type == "error" else None

    @property
    def ended(self) -> Event | None:
        """Its terminal event."""
        return next((event for event in self.events if event.type in TERMINAL_EVENTS), None)


def turns(talk: Talk) -> list[Turn]:
    """Every turn and every refusal, in the order of their first events."""
    found: list[Turn] = talk.answer.remembered("turns", lambda: _turns(talk))
    return found


def _turns(talk: Talk) -> list[Turn]:
    found: list[Turn] = []
    latest: dict[str | None, Turn] = {}
    for event in talk.events:
        lane = event.value.get("stream_id")
        lane = lane if isinstance(lane, str) else None
        turn = latest.get(lane)
        if _begins(event, turn):
            turn = latest[lane] = Turn(lane)
            found.append(turn)
        if turn is not None and (event.type == "error" or event.type.startswith("response.")):
            turn.events.append(event)
    _assign(talk, found)
    return found


def _begins(event: Event, turn: Turn | None) -> bool:
    """Whether an event is not of the turn before it in its lane."""
    if event.type == "response.created":
        return True
    over = turn is None or turn.ended is not None or turn.refused is not None
    if event.type == "error":
        return over
    if turn is None or turn.refused is not None:
        return event.type.startswith("response.") and (
            "response" in event.value or "output_index" in event.value
        )
    return over and event.at("/response/id") not in (None, turn.id)


def _assign(talk: Talk, found: list[Turn]) -> None:
    """Give each turn the message that it answers: the first of its lane that has none."""
    waiting: dict[str | None, list[Message]] = {}
    for message in talk.conversation.from_client():
        lane = message.payload.get("stream_id") if isinstance(message.payload, dict) else None
        waiting.setdefault(lane, []).append(message)
    for turn in found:
        messages = waiting.get(turn.lane) or waiting.get(None, [])
        if messages:
            turn.message = messages.pop(0)


def answered(talk: Talk) -> list[Turn]:
    """The turns that are responses."""
    return [turn for turn in turns(talk) if turn.refused is None]


def as_streams(contract: Contract, talk: Talk) -> list[tuple[Turn, Answer]]:
    """Each response with the answer that it would be over HTTP."""
    found: list[tuple[Turn, Answer]] = talk.answer.remembered(
        "streams", lambda: [(turn, _as_stream(contract, talk, turn)) for turn in answered(talk)]
    )
    return found


def _as_stream(contract: Contract, talk: Talk, turn: Turn) -> Answer:
    exchange = talk.answer.exchange
    body = turn.message.payload if turn.message is not None else None
    members = body.items() if isinstance(body, dict) else ()
    sent = {name: value for name, value in members if name not in _OF_THE_SOCKET}
    data = "".join(f"event: {event.type}\ndata: {json.dumps(event.value)}\n\n" for event in turn.events)
    response = Response(200, (("content-type", "text/event-stream"),), (Chunk(0.0, data.encode()),))
    request = Request("POST", "/v1/responses", exchange.request.headers, json.dumps(sent).encode())
    case = talk.answer.case
    case = dataclasses.replace(case, stream=True, body=sent, mirrors=next(iter(case.compare), None))
    like = dataclasses.replace(exchange, request=request, response=response, frames=())
    return Answer(case, contract.operations[_OPERATION], like)


def streamed_subject(subject: Subject, stream: Answer) -> Subject:
    """A subject of one turn; other cases are read the same way where they are sockets."""
    return Subject(
        subject.contract, (stream,), lambda case_id: tuple(_others(subject, case_id)), subject.models
    )


def _others(subject: Subject, case_id: str) -> Iterator[Answer]:
    for answer in subject.others(case_id):
        if answer.status == 101:
            yield from (stream for _, stream in as_streams(subject.contract, talk_of(answer))[-1:])
        else:
            yield answer
