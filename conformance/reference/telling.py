"""Altering Responses wherever they are told: in a body, in the events of a stream or a replay, and on a socket.

A telling is the JSON of a body alone, or the data of all events of one stream in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from conformance.exchange import Exchange
from conformance.reference.answers import JsonObject
from conformance.reference.editing import (
    Answer,
    Event,
    Stream,
    edit_events,
    edit_json,
    is_call,
    is_stream,
    status_of,
)
from conformance.reference.responses_stream import events_of
from conformance.reference.turns import Turn

Telling = list[JsonObject]
EditTelling = Callable[[Telling], None]
EditObject = Callable[[Any], None]

SOCKET = "/v1/responses"
TERMINAL = ("response.completed", "response.incomplete", "response.failed")
_EVERY = "/v1/responses*"


def altered_telling(exchange: Exchange, edit: EditTelling) -> Exchange:
    """The exchange with the Response in its body, or the events of one, edited."""
    if status_of(exchange) != 200 or not is_call(exchange, _EVERY):
        return exchange
    if is_stream(exchange):
        return edit_events(exchange, lambda stream: _edit_stream(stream, edit))
    return edit_json(exchange, lambda answer: _edit_body(answer, edit))


def _edit_body(answer: Answer, edit: EditTelling) -> None:
    if isinstance(answer.body, dict):
        telling = [answer.body]
        edit(telling)
        answer.body = telling[0]


def _edit_stream(stream: Stream, edit: EditTelling) -> None:
    telling = stream.chunks
    if telling:
        rest = [event for event in stream.events if not isinstance(event.data, dict)]
        edit(telling)
        stream.events = [*(Event(data.get("type"), data) for data in telling), *rest]


def edit_turn(turn: Turn, edit: EditTelling) -> None:
    """Edit each Response of a reply on the socket; two messages that were sent at once have one reply."""
    tellings: list[Telling] = []
    for event in turn.events:
        if event.get("type") == "response.created" or not tellings:
            tellings.append([])
        tellings[-1].append(event)
    for telling in tellings:
        if str(telling[0].get("type")).startswith("response."):
            edit(telling)
    turn.events = [event for telling in tellings for event in telling]


# What a telling holds


def responses(telling: Telling, kinds: tuple[str, ...] = ("response",)) -> Iterator[Any]:
    """Every copy of the Response: the body, or those in the events of its beginning and end."""
    copies = (data if "object" in data else data.get("response") for data in telling)
    return (copy for copy in copies if isinstance(copy, dict) and copy.get("object") in kinds)


def items(telling: Telling, *kinds: str) -> Iterator[Any]:
    """Every copy of an output item of these types."""
    for response in responses(telling):
        yield from (item for item in response["output"] if item["type"] in kinds)
    for data in telling:
        if "item" in data and data["item"]["type"] in kinds:
            yield data["item"]


def parts(telling: Telling) -> Iterator[Any]:
    """Every copy of a part of a message's content."""
    for item in items(telling, "message"):
        yield from item["content"]
    yield from (data["part"] for data in telling if "content_part" in str(data.get("type")))


def typed(telling: Telling, *kinds: str) -> Iterator[Any]:
    """The events of these types."""
    return (event for event in telling if event.get("type") in kinds)


def final(telling: Telling) -> Any:
    """The finished Response; None where the telling breaks off before it."""
    if len(telling) == 1 and "object" in telling[0]:
        return telling[0] if telling[0]["object"] == "response" else None
    return next((event["response"] for event in typed(telling, *TERMINAL)), None)


# Editing a telling


def editing_whole(edit: EditObject) -> EditTelling:
    """Edit the finished Response and tell it anew, so that its events say what it says."""

    def retell(telling: Telling) -> None:
        response = final(telling)
        if response is None:
            return
        told = deepcopy(response)
        edit(told)
        if told == response:
            return
        if "object" in telling[0]:
            telling[0] = told
        else:
            first = telling[0]["sequence_number"]
            lane = {name: telling[0][name] for name in ("stream_id",) if name in telling[0]}
            anew = (event for event in events_of(told) if event["sequence_number"] >= first)
            telling[:] = [{**event, **lane} for event in anew]

    return retell


def editing_events(edit: EditTelling) -> EditTelling:
    """Edit the events alone; what is told in a body stays as it is."""

    def edit_streamed(telling: Telling) -> None:
        if "object" not in telling[0]:
            edit(telling)

    return edit_streamed


def drop(telling: Telling, *kinds: str) -> None:
    """Take events of these types away, and close the numbering up."""
    _replace(telling, [event for event in telling if event.get("type") not in kinds])


def insert(telling: Telling, place: int, *events: JsonObject) -> None:
    """Put events before the one at ``place``, and number all anew."""
    lane = {name: telling[0][name] for name in ("stream_id",) if name in telling[0]}
    added = [{"type": event["type"], "sequence_number": 0, **event, **lane} for event in events]
    _replace(telling, [*telling[:place], *added, *telling[place:]])


def move(telling: Telling, event: JsonObject, place: int) -> None:
    """Put an event at another place, and number all anew."""
    others = [other for other in telling if other is not event]
    _replace(telling, [*others[:place], event, *others[place:]])


def _replace(telling: Telling, events: Telling) -> None:
    first = telling[0].get("sequence_number", 0)
    if [id(event) for event in events] != [id(event) for event in telling]:
        telling[:] = events
        for place, event in enumerate(telling):
            event["sequence_number"] = first + place


def places(telling: Telling, *kinds: str) -> list[int]:
    """The places of the events of these types."""
    return [place for place, event in enumerate(telling) if event.get("type") in kinds]
