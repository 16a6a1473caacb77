"""The machines of one stream: their instances, the state each is in, and moves that no row allows."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from conformance.wire.grammar.model import ABSENT, LIVE, RULES, Grammar, Machine, Row, Violation
from conformance.wire.grammar.places import Place, find
from conformance.wire.grammar.sightings import Sighting

Key = tuple[int | str, ...]
Report = tuple[Hashable, Violation]
"""A violation with its scope: of one rule in one scope only the first is kept."""

_DEFAULT_RULES = {
    ABSENT: "opened_before_use",
    "reopened": "opened_once",
    "again": "closed_once",
    "index": "index_contiguous_from_zero",
    "unfinished": "exactly_one_terminal",
}


@dataclass(slots=True)
class Instance:
    """One machine with one key.

    ``late``: it was used before its announcement, which was reported or not ours to see. ``excused``: so it
    is not held to what an announced instance owes.
    """

    key: Key
    state: str = ABSENT
    late: bool = False
    excused: bool = False


class Machines:
    """Moves the machines of a grammar, and reports moves that the table does not hold."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.root = Instance(())
        self.disputed: set[Key] = set()  # items that were found to contradict their parts
        self.rejected = False  # whether the last event came when the stream had ended
        self._instances: dict[str, dict[Key, Instance]] = {name: {} for name in grammar.machines}
        self._instances[grammar.root][()] = self.root
        self._blind: set[str] = set()
        self._next: dict[tuple[str, Key], int] = {}
        self._touched: set[tuple[str, Key]] = set()  # what the current event was already reported for
        self._event = -1
        self._lost_last = False

    # What other clauses ask

    def key(self, machine: str, sighting: Sighting) -> Key | None:
        """The key of ``machine`` in a sighting; None where a part is missing or of the wrong type."""
        parts: list[int | str] = []
        for number, places in enumerate(self.grammar.machines[machine].key):
            node = sighting.node
            if sighting.levels:
                if number >= len(sighting.levels):
                    return None
                node = sighting.levels[number]
            part = next((value for at in places if _is_part(value := find(node, at), at)), None)
            if part is None:
                return None
            parts.append(part)
        return tuple(parts)

    def inside(self, machine: str, key: Key) -> list[Instance]:
        """The instances of ``machine`` whose key starts with ``key``, by key."""
        found = self._instances[machine]
        return [found[whole] for whole in sorted(found) if whole[: len(key)] == key]

    def reliable(self, machine: str, key: Key) -> bool:
        """Whether every instance inside ``key`` was seen from its announcement on."""
        return machine not in self._blind and not any(found.excused for found in self.inside(machine, key))

    def sees(self, machine: str) -> bool:
        """Whether nothing about this machine escaped us."""
        return machine not in self._blind

    def is_consequence(self, name: str, key: Key) -> bool:
        """Whether what lies around an instance was itself missed."""
        outer = self._around(self.grammar.machines[name], key)
        if outer is None:
            return False
        instance = self._instances[outer[0].name].get(outer[1])
        return instance is not None and instance.excused

    # Events

    def lose_sight(self) -> None:
        """An event could not be read: what it may have announced or ended is not held against the stream."""
        self._blind.update(self.grammar.machines)
        self._lost_last = True
        if self.root.state == ABSENT:
            self._open_root()

    def resume(self) -> None:
        """The stream starts in the middle."""
        self.lose_sight()
        self._lost_last = False

    def see(self, sighting: Sighting) -> Iterator[Report]:
        """Move every machine that the table names for this event."""
        if sighting.index != self._event:
            self._event, self.rejected, self._lost_last = sighting.index, False, False
            self._touched.clear()
        rows = self.grammar.rows.get(sighting.name or "")
        if rows is None or self.rejected:
            return
        names = list(dict.fromkeys(row.machine for row in rows))
        if self.grammar.root not in names:
            yield from self._check_root(sighting)
        for name in names:
            if self.rejected:
                return
            fitting = [row for row in rows if row.machine == name and _fits(row, sighting)]
            if fitting:
                yield from self._move(self.grammar.machines[name], fitting, sighting)

    def close(self) -> Iterator[Report]:
        """The stream is complete: it must be in a state that may be its last."""
        root = self.grammar.machines[self.grammar.root]
        last = Sighting(self._event, "the end of the stream", {})
        if self.root.state not in root.accept and not self._lost_last:
            rule = root.rules.get("unfinished", _DEFAULT_RULES["unfinished"])
            yield self._violation(root, self.root, rule, last)
        yield from self._demand(root.at_close, root.at_close_rule, (), last)
        for machine in self.grammar.machines.values():
            if machine.indexed == "at_end" and machine.name not in self._blind:
                yield from self._check_complete(machine, last)

    # Moves

    def _check_root(self, sighting: Sighting) -> Iterator[Report]:
        """An event that does not move the root still needs a stream that has begun and not ended."""
        root = self.grammar.machines[self.grammar.root]
        if self.root.state in root.rules:
            yield from self._illegal(root, None, self.root, sighting)

    def _move(self, machine: Machine, rows: list[Row], sighting: Sighting) -> Iterator[Report]:
        key = self.key(machine.name, sighting)
        if key is None:
            self._blind.add(machine.name)
            return
        instance = self._instances[machine.name].get(key) or Instance(key)
        reports, live = self._enclose(machine, key, sighting)
        if live or not instance.excused:
            yield from reports
        if not live:
            return
        row = next((row for row in rows if instance.state in row.origin), None)
        if row is None:
            yield from self._illegal(machine, rows[0], instance, sighting)
        elif row.target is not None:
            yield from self._advance(machine, row, instance, sighting)
        if instance.state != ABSENT:
            self._instances[machine.name][key] = instance

    def _advance(
        self, machine: Machine, row: Row, instance: Instance, sighting: Sighting
    ) -> Iterator[Report]:
        if instance.state == ABSENT and machine.indexed == "in_order":
            yield from self._check_index(machine, instance, sighting)
        instance.state = row.target or instance.state
        if not instance.excused:
            yield from self._need(row, instance.key, sighting)
            yield from self._demand(row.all, row.demand, instance.key, sighting)

    def _around(self, machine: Machine, key: Key) -> tuple[Machine, Key] | None:
        """The machine and key that must be live around this one."""
        if machine.within is None:
            return None
        around = self.grammar.machines[machine.within]
        return around, key[: len(around.key)]

    def _enclose(self, machine: Machine, key: Key, sighting: Sighting) -> tuple[list[Report], bool]:
        """Hold all that lies around a key to being live: reports, and whether the move may go on."""
        outer = self._around(machine, key)
        if outer is None:
            return [], True
        around, outer_key = outer
        reports, live = self._enclose(around, outer_key, sighting)
        if not live:
            return reports, False
        instance = self._instances[around.name].get(outer_key)
        if instance is None:
            instance = Instance(outer_key)
            reports += self._illegal(around, None, instance, sighting)
            self._instances[around.name][outer_key] = instance
        elif instance.state != LIVE:
            return [*reports, *self._complain(around, None, instance, sighting)], False
        return reports, True

    def _illegal(
        self, machine: Machine, row: Row | None, instance: Instance, sighting: Sighting
    ) -> Iterator[Report]:
        """Report a move that no row allows, and go on from the state that reports no consequence."""
        if instance.state == ABSENT:
            if machine.name not in self._blind and not self.is_consequence(machine.name, instance.key):
                yield from self._complain(machine, row, instance, sighting)
            self._skip_index(machine, instance)
            instance.late, instance.excused = True, not machine.demanding
            instance.state = (row and row.target) or self._opened(machine)
        elif row is not None and row.announces and instance.late:
            instance.late = False  # its announcement comes late, which was reported
        else:
            if machine.name == self.grammar.root and instance.state in machine.accept:
                self.rejected = True
            yield from self._complain(machine, row, instance, sighting)

    def _opened(self, machine: Machine) -> str:
        """The state that an instance is taken to be in when its announcement was missed."""
        rows = [row for rows in self.grammar.rows.values() for row in rows if row.machine == machine.name]
        return next((row.target for row in rows if ABSENT in row.origin and row.target), "open")

    def _open_root(self) -> None:
        root = self.grammar.machines[self.grammar.root]
        self.root.state, self.root.late = self._opened(root), True

    # Indexes

    def _check_index(self, machine: Machine, instance: Instance, sighting: Sighting) -> Iterator[Report]:
        expected = self._next.get((machine.name, instance.key[:-1]), 0)
        self._skip_index(machine, instance)
        if instance.key[-1] == expected or machine.name in self._blind:
            return
        rule = machine.rules.get("index", _DEFAULT_RULES["index"])
        where = sighting.pointer(machine.key[-1][0])
        violation = Violation(rule, sighting.index, where, str(expected), str(instance.key[-1]))
        yield (machine.name, "index"), violation

    def _skip_index(self, machine: Machine, instance: Instance) -> None:
        last = instance.key[-1] if instance.key else None
        if isinstance(last, int):
            self._next[(machine.name, instance.key[:-1])] = last + 1

    def _check_complete(self, machine: Machine, last: Sighting) -> Iterator[Report]:
        indexes = sorted(int(found.key[-1]) for found in self.inside(machine.name, ()))
        if indexes != list(range(len(indexes))):
            rule = machine.rules.get("index", _DEFAULT_RULES["index"])
            expected = f"0 to {len(indexes) - 1}"
            violation = Violation(rule, last.index, "", expected, ", ".join(map(str, indexes[:20])))
            yield (machine.name, "index"), violation

    # Demands

    def _need(self, row: Row, key: Key, sighting: Sighting) -> Iterator[Report]:
        for name, state in row.needs:
            found = self._instances[name].get(key)
            if name in self._blind or (found and (found.excused or found.state == state)):
                continue
            seen = f"{name} {_label(key)}is {_state(found.state if found else ABSENT)}"
            self._instances[name].setdefault(key, Instance(key)).excused = True
            yield self._unmet(row.demand, key, sighting, f"{name} is {_state(state)}", seen)

    def _demand(
        self, wanted: tuple[tuple[str, str], ...], rule: str, key: Key, sighting: Sighting
    ) -> Iterator[Report]:
        for name, state in wanted:
            if name in self._blind:
                continue
            late = [x for x in self.inside(name, key) if x.state != state and not x.excused]
            if late:
                seen = ", ".join(f"{name} {_label(x.key)}is {_state(x.state)}" for x in late[:5])
                for instance in late:
                    instance.excused = True  # its own end, if it still comes, comes too late: reported here
                yield self._unmet(rule, key, sighting, f"every {name} is {_state(state)}", seen)

    def _unmet(self, rule: str, key: Key, sighting: Sighting, expected: str, seen: str) -> Report:
        return ("demand", key), Violation(rule, sighting.index, sighting.pointer(), expected, seen)

    # Words

    def _complain(
        self, machine: Machine, row: Row | None, instance: Instance, sighting: Sighting
    ) -> Iterator[Report]:
        """Report an illegal move, the first that this event makes of this instance."""
        if (machine.name, instance.key) not in self._touched:
            self._touched.add((machine.name, instance.key))
            rule = _rule(machine, row, instance.state)
            yield self._violation(machine, instance, rule, sighting)

    def _violation(self, machine: Machine, instance: Instance, rule: str, sighting: Sighting) -> Report:
        place: Place = machine.key[-1][0] if machine.key else ()
        seen = f"{sighting.name} while {machine.name} {_label(instance.key)}is {_state(instance.state)}"
        violation = Violation(rule, sighting.index, sighting.pointer(place), RULES[rule], seen)
        return (machine.name, instance.key), violation


def _is_part(value: object, at: Place) -> bool:
    """Whether a value may be part of a key: an integer where the place is an index, else a string."""
    if at[-1].endswith("index"):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str) and value != ""


def _fits(row: Row, sighting: Sighting) -> bool:
    return all(find(sighting.node, at) in allowed for at, allowed in row.when)


def _rule(machine: Machine, row: Row | None, state: str) -> str:
    """The rule that a move in ``state`` breaks when no row allows it."""
    named = machine.rules.get(state)
    if row is None or state == ABSENT or (state in machine.accept and state != row.target and named):
        return named or _DEFAULT_RULES.get(state, "not_after_close")
    if row.announces:
        return machine.rules.get("reopened", _DEFAULT_RULES["reopened"])
    if state == row.target:
        return row.rule or machine.rules.get("again", _DEFAULT_RULES["again"])
    return named or row.rule or "not_after_close"


def _label(key: Key) -> str:
    return "".join(f"{part} " for part in key)


def _state(state: str) -> str:
    return "not announced" if state == ABSENT else state
