"""Clauses about values: what stays constant, counts up, is unique, is allowed, or is said again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from conformance.wire.grammar.machines import Key, Machines, Report
from conformance.wire.grammar.model import RULES, Violation
from conformance.wire.grammar.places import MISSING, Place, find, is_filled, is_given, place, pointer
from conformance.wire.grammar.sightings import Sighting
from conformance.wire.grammar.texts import Texts


class Watcher(Protocol):
    """Holds a stream to one clause; ``events`` are those it is about, empty for every one."""

    events: frozenset[str]

    def see(self, sighting: Sighting) -> Iterator[Report]:
        """Report what one sighting breaks."""

    def lose_sight(self) -> None:
        """An event could not be read."""


class _Clause:
    """The parts that clauses share: where to look, in which events, and the rule."""

    def __init__(self, clause: Mapping[str, Any], machines: Machines) -> None:
        self._machines = machines
        self._rule: str = clause.get("rule", "")
        self._places = tuple(place(at) for at in _many(clause["at"]))
        self.events = frozenset(_many(clause.get("event", [])))
        self._machine: str | None = clause.get("machine")

    def lose_sight(self) -> None:
        return

    def _concerns(self, sighting: Sighting) -> bool:
        return sighting.name in self.events if self.events else not sighting.where

    def _report(self, scope: object, sighting: Sighting, at: Place, expected: object, seen: object) -> Report:
        violation = Violation(self._rule, sighting.index, sighting.pointer(at), _show(expected), _show(seen))
        return (self._rule, scope), violation


class Constant(_Clause):
    """Each place keeps the value it had first."""

    def __init__(self, clause: Mapping[str, Any], machines: Machines) -> None:
        super().__init__(clause, machines)
        self._first: dict[Place, Any] = {}

    def see(self, sighting: Sighting) -> Iterator[Report]:
        if not self._concerns(sighting):
            return
        for at in self._places:
            value = find(sighting.node, at)
            if is_given(value) and value != self._first.setdefault(at, value):
                yield self._report(at, sighting, at, self._first[at], value)


class Unique(_Clause):
    """No value comes twice, save within one instance of the machine."""

    def __init__(self, clause: Mapping[str, Any], machines: Machines) -> None:
        super().__init__(clause, machines)
        self._owners: dict[str, object] = {}

    def see(self, sighting: Sighting) -> Iterator[Report]:
        value = find(sighting.node, self._places[0])
        if not self._concerns(sighting) or not isinstance(value, str) or not value:
            return
        owner: object = sighting.index
        if self._machine is not None:
            owner = self._machines.key(self._machine, sighting)
        if self._owners.setdefault(value, owner) != owner:
            yield self._report(None, sighting, self._places[0], "an id of its own", value)


class Counter(_Clause):
    """An integer counts up by one, from ``start``, in the whole stream or in each instance of the machine."""

    def __init__(self, clause: Mapping[str, Any], machines: Machines, start: int | None = None) -> None:
        super().__init__(clause, machines)
        self._start: int = clause["start"] if start is None or self.events else start
        self._restarts: str | None = clause.get("restarts")
        if self._restarts is not None:
            self.events |= {self._restarts}
        self._next: dict[Key, int | None] = {}

    def see(self, sighting: Sighting) -> Iterator[Report]:
        if sighting.name is not None and sighting.name == self._restarts:
            self._next.clear()
            return
        key = () if self._machine is None else self._machines.key(self._machine, sighting)
        if key is None or not self._concerns(sighting):
            return
        value, expected = find(sighting.node, self._places[0]), self._next.get(key, self._start)
        if not isinstance(value, int) or isinstance(value, bool):
            self._next[key] = None  # it may have counted or not
            return
        self._next[key] = value + 1
        if expected is not None and value != expected:
            yield self._report(key, sighting, self._places[0], expected, value)

    def lose_sight(self) -> None:
        self._next = dict.fromkeys(self._next or [()])


class Value(_Clause):
    """Where there is a value, it is one of those allowed."""

    def __init__(self, clause: Mapping[str, Any], machines: Machines) -> None:
        super().__init__(clause, machines)
        self._allowed: list[Any] = clause["in"]

    def see(self, sighting: Sighting) -> Iterator[Report]:
        if not self._concerns(sighting):
            return
        value = find(sighting.node, self._places[0])
        if value is not MISSING and value not in self._allowed:
            expected = " or ".join(_show(allowed) for allowed in self._allowed)
            yield self._report(
                (self._places, self.events), sighting, self._places[0], _Words(expected), value
            )


class Forbidden(_Clause):
    """A signal that breaks the rule by being there."""

    def see(self, sighting: Sighting) -> Iterator[Report]:
        if self._concerns(sighting):
            seen = find(sighting.node, self._places[0])
            yield self._report(None, sighting, self._places[0], _Words(RULES[self._rule]), seen)


class Bound(_Clause):
    """Every event about one instance carries the same value, at the first of the places that has one."""

    def __init__(self, clause: Mapping[str, Any], machines: Machines) -> None:
        super().__init__(clause, machines)
        self._first: dict[Key, Any] = {}

    def see(self, sighting: Sighting) -> Iterator[Report]:
        assert self._machine is not None
        key = self._machines.key(self._machine, sighting)
        if key is None:
            return
        for at in self._places:
            value = find(sighting.node, at)
            if isinstance(value, str):
                if value != self._first.setdefault(key, value):
                    self._machines.disputed.add(key)
                    yield self._report(key, sighting, at, self._first[key], value)
                return


class Identity:
    """What the first event about an instance must carry, and what later ones must not."""

    def __init__(self, clause: Mapping[str, Any], machines: Machines) -> None:
        self._machines = machines
        self.events = frozenset([clause["event"]])
        self._machine: str = clause["machine"]
        first = clause["first"]
        self._first: tuple[str, list[Place]] = first["rule"], [place(at) for at in first["at"]]
        self._later = [(later["rule"], [place(at) for at in later["at"]]) for later in clause["later"]]
        self._seen: set[Key] = set()
        self._nameless: set[Key] = set()  # their head may still come, late

    def lose_sight(self) -> None:
        return

    def see(self, sighting: Sighting) -> Iterator[Report]:
        key = self._machines.key(self._machine, sighting) if sighting.name in self.events else None
        if key is None or not self._machines.sees(self._machine):
            return
        if key not in self._seen:
            self._seen.add(key)
            rule, places = self._first
            missing = [at for at in places if not is_filled(find(sighting.node, at))]
            if missing:
                self._nameless.add(key)
                yield self._report(rule, key, sighting, missing)
        elif key not in self._nameless:
            yield from self._repeated(key, sighting)

    def _repeated(self, key: Key, sighting: Sighting) -> Iterator[Report]:
        for rule, places in self._later:
            present = [at for at in places if is_given(find(sighting.node, at))]
            if present:
                yield self._report(rule, key, sighting, present)
                return

    def _report(self, rule: str, key: Key, sighting: Sighting, places: list[Place]) -> Report:
        seen = ", ".join(f"{pointer(at)} {_show(find(sighting.node, at))}" for at in places)
        return key, Violation(rule, sighting.index, sighting.pointer(places[0]), RULES[rule], seen)


class Length(_Clause):
    """A list holds as many elements as instances of the machine were announced, if any were."""

    def see(self, sighting: Sighting) -> Iterator[Report]:
        assert self._machine is not None
        around = self._machines.grammar.machines[self._machine].within
        if not self._concerns(sighting) or around is None:
            return
        key, elements = self._machines.key(around, sighting), find(sighting.node, self._places[0])
        if key is None or not isinstance(elements, list) or not self._machines.reliable(self._machine, key):
            return
        announced = len(self._machines.inside(self._machine, key))
        if announced and announced != len(elements):
            self._machines.disputed.add(key)
            expected = f"{announced} announced before"
            yield self._report(key, sighting, self._places[0], _Words(expected), len(elements))


class Output(_Clause):
    """The terminal event repeats what each instance said at its end, in order."""

    def __init__(self, clause: Mapping[str, Any], machines: Machines) -> None:
        super().__init__(clause, machines)
        event, at = clause["from"]
        self._source, self._source_place = event, place(at)
        self.events |= {event}
        self._ended: dict[Key, Any] = {}

    def see(self, sighting: Sighting) -> Iterator[Report]:
        assert self._machine is not None
        if not self._concerns(sighting):
            return
        if sighting.name == self._source:
            key = self._machines.key(self._machine, sighting)
            if key is not None:
                self._ended.setdefault(key, find(sighting.node, self._source_place))
        else:
            yield from self._compare(self._machine, sighting)

    def _compare(self, machine: str, sighting: Sighting) -> Iterator[Report]:
        around = self._machines.grammar.machines[machine].within
        key = () if around is None else self._machines.key(around, sighting)
        output = find(sighting.node, self._places[0])
        if key is None or not isinstance(output, list) or not self._machines.reliable(machine, key):
            return
        instances = self._machines.inside(machine, key)
        if len(instances) != len(output):
            expected = f"{len(instances)} items, as announced"
            yield self._report(
                key, sighting, self._places[0], _Words(expected), _Words(f"{len(output)} items")
            )
            return
        for number, (instance, item) in enumerate(zip(instances, output, strict=True)):
            if instance.key in self._ended and instance.key not in self._machines.disputed:
                at = (*self._places[0], str(number))
                difference = _first_difference(self._ended[instance.key], item, at)
                if difference is not None:
                    yield self._report(instance.key, sighting, *difference)


def _first_difference(ended: Any, item: Any, at: Place) -> tuple[Place, Any, Any] | None:
    """Where two values differ; a member that only one of them has is the schema's affair."""
    if isinstance(ended, dict) and isinstance(item, dict):
        pairs = [(name, ended[name], item[name]) for name in ended if name in item]
    elif isinstance(ended, list) and isinstance(item, list) and len(ended) == len(item):
        pairs = [(str(number), *pair) for number, pair in enumerate(zip(ended, item, strict=True))]
    else:
        return None if ended == item else (at, ended, item)
    found = (_first_difference(first, second, (*at, name)) for name, first, second in pairs)
    return next((difference for difference in found if difference is not None), None)


class _Words(str):
    """Text that is shown as it stands, not as a JSON value."""

    __slots__ = ()


def _show(value: object) -> str:
    text = value if isinstance(value, _Words) else repr(value)
    return str(text) if len(text) <= 200 else text[:200] + "…"


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def watchers(machines: Machines, resumed_after: int | None = None) -> list[Watcher]:
    """One watcher for each clause of the grammar, in an order in which disputes come before comparisons."""
    start = None if resumed_after is None else resumed_after + 1
    kinds: dict[str, Any] = {
        "constant": Constant,
        "unique": Unique,
        "counter": lambda clause, machines: Counter(clause, machines, start),
        "value": Value,
        "forbidden": Forbidden,
        "bound": Bound,
        "identity": Identity,
        "texts": Texts,
        "length": Length,
        "output": Output,
    }
    clauses = machines.grammar.clauses
    return [build(clause, machines) for kind, build in kinds.items() for clause in clauses.get(kind, ())]
