"""What an event says: itself, for streams of typed events; its signals, for streams of chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conformance.wire.grammar.model import DONE, ERROR, Condition, Grammar, Signal, is_done
from conformance.wire.grammar.places import Place, find, find_each, is_filled, is_given, pointer


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing that event ``index`` says.

    ``node`` is the payload, or the element of a chunk that the signal is about; ``levels`` are that element
    and those around it, outermost first, and empty for a typed event.
    """

    index: int
    name: str | None
    node: Any
    where: Place = ()
    levels: tuple[Any, ...] = ()

    def pointer(self, at: Place = ()) -> str:
        """The JSON Pointer of a place in ``node``."""
        return pointer((*self.where, *at))


def recognise(grammar: Grammar, index: int, event_type: str | None, payload: Any) -> list[Sighting] | None:
    """Everything that the event says, in order; None when the payload is not an object."""
    if is_done(payload):
        return [Sighting(index, DONE, {})]
    if not isinstance(payload, dict):
        return None
    if grammar.chunk is None:
        return [Sighting(index, _type(event_type, payload), payload)]
    if is_filled(payload.get("error")):
        return [Sighting(index, ERROR, payload)]
    if not isinstance(find(payload, grammar.chunk), list):
        return []
    signals = [sighting for signal in grammar.signals for sighting in _signals(signal, index, payload)]
    return [Sighting(index, None, payload), *signals]


def _type(event_type: str | None, payload: dict[str, Any]) -> str | None:
    name = payload.get("type")
    if isinstance(name, str) and name:
        return name
    return event_type or (ERROR if is_filled(payload.get("error")) else None)


def _signals(signal: Signal, index: int, chunk: dict[str, Any]) -> list[Sighting]:
    if signal.each is None:
        return [Sighting(index, signal.name, chunk)] if _holds(signal, chunk) else []
    return [
        Sighting(index, signal.name, levels[-1], where, levels)
        for where, levels in find_each(chunk, signal.each)
        if isinstance(levels[-1], dict) and _holds(signal, levels[-1])
    ]


def _holds(signal: Signal, node: Any) -> bool:
    return all(_meets(condition, node) for condition in signal.conditions)


def _meets(condition: Condition, node: Any) -> bool:
    values = [value for at in condition.places for value in _values(node, at)]
    if condition.wanted == "given":
        return any(is_given(value) for value in values)
    filled = any(is_filled(value) for value in values)
    return filled if condition.wanted == "filled" else not filled


def _values(node: Any, at: Place) -> list[Any]:
    if "*" not in at:
        return [find(node, at)]
    return [find(node, where) for where, _ in find_each(node, at)]
