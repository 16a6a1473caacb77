"""The events that Realtime says in a turn, found and altered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.sockets import Reply
from conformance.reference.turns import Turn

REALTIME = "/v1/realtime"


def typed(turn: Turn, *kinds: str) -> list[Any]:
    """The events of these types."""
    return [event for event in turn.events if event.get("type") in kinds]


def drop(turn: Turn, *kinds: str) -> None:
    """Leave out events of these types."""
    turn.events = [event for event in turn.events if event.get("type") not in kinds]


def responses(turn: Turn) -> list[Any]:
    """Every telling of a response."""
    return [event["response"] for event in turn.events if "response" in event]


def finished(turn: Turn) -> list[Any]:
    """The last telling of each response."""
    return [event["response"] for event in typed(turn, "response.done")]


def items(turn: Turn, kind: str) -> list[Any]:
    """Every copy of the items of responses."""
    told = [item for response in responses(turn) for item in response["output"]]
    told += [event["item"] for event in turn.events if "item" in event and turn.asked.get("item") is None]
    return [item for item in told if item["type"] == kind]


def repeat(turn: Turn, *kinds: str) -> None:
    """Say events of these types twice."""
    turn.events = [
        again
        for event in turn.events
        for again in ((event, _again(event)) if event.get("type") in kinds else (event,))
    ]


def _again(event: Any) -> Any:
    return {**event, "event_id": f"{event['event_id']}_again"}


def put(turn: Turn, *events: Any, before: str) -> None:
    """Put events before the first of a type."""
    for place, event in enumerate(turn.events):
        if event.get("type") == before:
            turn.events[place:place] = [{"event_id": f"event_put_{n}", **one} for n, one in enumerate(events)]
            return


def rename(turn: Turn, names: Callable[[str], str]) -> None:
    """Give every event another type."""
    for event in turn.events:
        event["type"] = names(event["type"])


def failed(reply: Reply) -> bool:
    """True for a reply that is an error."""
    return len(reply) == 1 and reply[0].kind == "text" and b'"type":"error"' in reply[0].data
