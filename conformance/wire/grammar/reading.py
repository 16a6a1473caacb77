"""From the data of ``spec/streams.yaml`` to grammars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.wire.grammar.model import CLAUSES, Condition, Grammar, Machine, Row, Signal, Turns
from conformance.wire.grammar.places import Place, place


def load_grammars(data: Mapping[str, Any]) -> dict[str, Grammar]:
    """Every grammar of a ``streams.yaml`` that its schema has accepted, by name."""
    return {name: _grammar(name, data) for name in data}


def _grammar(name: str, data: Mapping[str, Any]) -> Grammar:
    entry = data[name]
    if "turns" in entry:
        turns = entry["turns"]
        inner = _grammar(turns["grammar"], data)
        return Grammar(name, turns=Turns(inner, place(turns["lane"]), place(turns["identity"])))
    return Grammar(
        name,
        names=entry.get("names", "ignored"),
        root=entry["root"],
        chunk=place(entry["chunk"]) if "chunk" in entry else None,
        signals=tuple(_signal(signal) for signal in entry.get("signals", ())),
        machines={key: _machine(key, value) for key, value in entry["machines"].items()},
        rows=_table(entry["table"]),
        clauses={kind: tuple(entry[kind]) for kind in CLAUSES if kind in entry},
    )


def _machine(name: str, data: Mapping[str, Any]) -> Machine:
    close = data.get("close", {})
    return Machine(
        name,
        key=tuple(tuple(place(pointer) for pointer in _many(part)) for part in data.get("key", ())),
        within=data.get("within"),
        accept=frozenset(data.get("accept", ())),
        indexed=data.get("indexed"),
        rules=data.get("rules", {}),
        demanding=bool(data.get("demanding")),
        at_close=tuple(close.get("all", {}).items()),
        at_close_rule=close.get("demand", ""),
    )


def _table(rows: Iterable[list[Any]]) -> dict[str, tuple[Row, ...]]:
    table: dict[str, tuple[Row, ...]] = {}
    for event, machine, origin, target, *more in rows:
        row = _row(event, machine, origin, target, more[0] if more else {})
        table[event] = (*table.get(event, ()), row)
    return table


def _row(event: str, machine: str, origin: Any, target: str | None, more: Mapping[str, Any]) -> Row:
    return Row(
        event,
        machine,
        frozenset(_many(origin)),
        target,
        when=tuple((place(pointer), tuple(allowed)) for pointer, allowed in more.get("when", {}).items()),
        rule=more.get("rule"),
        needs=tuple(more.get("needs", {}).items()),
        all=tuple(more.get("all", {}).items()),
        demand=more.get("demand", ""),
    )


def _signal(data: Mapping[str, Any]) -> Signal:
    conditions = [Condition((place(pointer),), wanted) for pointer, wanted in data.get("if", {}).items()]
    if "any" in data:
        conditions.append(Condition(_places(data["any"]), "filled"))
    each = data.get("each")
    return Signal(data["signal"], None if each is None else place(each), tuple(conditions))


def _places(pointers: Iterable[str]) -> tuple[Place, ...]:
    return tuple(place(pointer) for pointer in pointers)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
