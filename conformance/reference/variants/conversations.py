"""WebSocket conversations that differ: frames, events that nobody knows, and orders that are left open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from conformance.exchange import Exchange
from conformance.reference.sockets import Framing
from conformance.reference.turns import Turn
from conformance.reference.variants.frame import framed, variant_of_turns


@framed
def sends_messages_in_fragments(framing: Framing) -> Framing:
    """WebSocket messages come in several frames, which cut characters in two, with pings between."""
    return replace(framing, longest=97)


@framed
def compresses_messages(framing: Framing) -> Framing:
    """WebSocket messages are compressed for clients that offer it."""
    return replace(framing, compresses=True)


def _is_realtime(event: Any) -> bool:
    return isinstance(event, dict) and "event_id" in event


def _say_more(turn: Turn) -> None:
    if turn.events and all(_is_realtime(event) for event in turn.events):
        note = {"type": "reference.note", "event_id": f"{turn.events[-1]['event_id']}-note"}
        turn.events.insert(1, note)


@variant_of_turns(_say_more)
def says_more_on_realtime(exchange: Exchange) -> Exchange:
    """A Realtime conversation has events of a type that nobody knows."""
    return exchange


def _announce_twice(turn: Turn) -> None:
    turn.events = [said for event in turn.events for said in _with_the_former_name(event)]


def _with_the_former_name(event: Any) -> Iterable[Any]:
    yield event
    if _is_realtime(event) and event["type"] == "conversation.item.added":
        yield {**event, "type": "conversation.item.created", "event_id": f"{event['event_id']}-created"}


@variant_of_turns(_announce_twice)
def announces_items_by_the_former_name_too(exchange: Exchange) -> Exchange:
    """conversation.item.created comes beside conversation.item.added on Realtime."""
    return exchange


def _without_limits(turn: Turn) -> None:
    turn.events = [
        event
        for event in turn.events
        if not (isinstance(event, dict) and event.get("type") == "rate_limits.updated")
    ]


@variant_of_turns(_without_limits)
def tells_no_limits_on_realtime(exchange: Exchange) -> Exchange:
    """No rate_limits.updated comes on Realtime."""
    return exchange


def _limits_first(turn: Turn) -> None:
    limits = [e for e in turn.events if _is_realtime(e) and e["type"] == "rate_limits.updated"]
    created = [i for i, e in enumerate(turn.events) if _is_realtime(e) and e["type"] == "response.created"]
    if limits and created:
        rest = [event for event in turn.events if event not in limits]
        turn.events = [*rest[: created[0] + 1], *limits, *rest[created[0] + 1 :]]


@variant_of_turns(_limits_first)
def tells_limits_first_on_realtime(exchange: Exchange) -> Exchange:
    """rate_limits.updated comes behind response.created on Realtime, before the answer."""
    return exchange


def _output_first(turn: Turn) -> None:
    events = turn.events
    for place in range(len(events) - 1):
        pair = [e.get("type") if _is_realtime(e) else None for e in events[place : place + 2]]
        if pair == ["conversation.item.done", "response.output_item.done"]:
            events[place], events[place + 1] = events[place + 1], events[place]


@variant_of_turns(_output_first)
def ends_the_output_item_first_on_realtime(exchange: Exchange) -> Exchange:
    """response.output_item.done comes before conversation.item.done on Realtime."""
    return exchange
