"""Texts that come in deltas: the whole is the deltas joined, and every repetition says the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.wire.grammar.machines import Key, Machines, Report
from conformance.wire.grammar.model import Violation
from conformance.wire.grammar.places import Place, find, place
from conformance.wire.grammar.sightings import Sighting

_EXCERPT = 60  # characters around the first difference


@dataclass(slots=True)
class _Said:
    pieces: list[str] = field(default_factory=list)
    whole: bool = True  # every delta could be read
    deltas: int = 0
    versions: list[str] = field(default_factory=list)  # what later repetitions may say


class Texts:
    """One channel: its deltas, its end, and its echoes.

    Where the end contradicts the deltas, that is reported once, and an echo may agree with either.
    """

    def __init__(self, clause: Mapping[str, Any], machines: Machines) -> None:
        self._machines = machines
        self._channel: str = clause["channel"]
        self._counted: str | None = clause.get("counted")
        self._seed = _event(clause.get("seed"))
        self._delta = _event(clause["delta"])
        self._done = _event(clause["done"])
        self._echoes = [(event, place(at), rule) for event, at, rule in clause.get("echoes", ())]
        named = [self._seed[0], self._delta[0], self._done[0], *(event for event, _, _ in self._echoes)]
        self.events = frozenset(event for event in named if event is not None)
        self._trim = bool(clause.get("trim"))
        self._deltas_optional = bool(clause.get("deltas_optional"))
        self._seeds: dict[Key, str] = {}
        self._said: dict[Key, _Said] = {}

    def see(self, sighting: Sighting) -> Iterator[Report]:
        """Take what the event says of this channel."""
        if sighting.name == self._seed[0]:
            self._announce(sighting)
        elif sighting.name == self._delta[0]:
            self._add(sighting)
        elif sighting.name == self._done[0]:
            yield from self._end(sighting)
        for event, at, rule in self._echoes:
            if sighting.name == event:
                yield from self._echo(sighting, at, rule)

    def lose_sight(self) -> None:
        """A delta may have been missed."""
        for said in self._said.values():
            said.whole = False

    def _announce(self, sighting: Sighting) -> None:
        key = self._machines.key(self._channel, sighting)
        text = find(sighting.node, self._seed[1])
        if key is not None and isinstance(text, str):
            self._seeds[key] = text

    def _open(self, sighting: Sighting) -> tuple[Key, _Said] | None:
        key = self._machines.key(self._channel, sighting)
        if key is None:
            return None
        if key not in self._said:
            seed = self._seeds.get(key, "")
            self._said[key] = _Said([seed], self._machines.sees(self._channel))
        return key, self._said[key]

    def _add(self, sighting: Sighting) -> None:
        opened = self._open(sighting)
        if opened is None or opened[1].versions:  # a delta behind the end is the table's affair
            return
        delta = find(sighting.node, self._delta[1])
        opened[1].deltas += 1
        if isinstance(delta, str):
            opened[1].pieces.append(delta)
        else:
            opened[1].whole = False

    def _end(self, sighting: Sighting) -> Iterator[Report]:
        opened = self._open(sighting)
        text = find(sighting.node, self._done[1])
        if opened is None or not isinstance(text, str) or opened[1].versions:
            return
        key, said = opened
        said.versions = [text]
        if not said.whole or (self._deltas_optional and not said.deltas):
            return
        if self._machines.is_consequence(self._channel, key):
            return
        joined = "".join(said.pieces)
        if not self._same(joined, text):
            said.versions.append(joined)
            yield self._difference("done_equals_deltas", key, sighting, self._done[1], joined, text)

    def _echo(self, sighting: Sighting, at: Place, rule: str) -> Iterator[Report]:
        for number, key in self._meant(sighting, at):
            said = self._said.get(key)
            where = tuple(str(number) if part == "*" else part for part in at)
            text = find(sighting.node, where)
            if said is None or not isinstance(text, str):
                continue
            versions = said.versions or (["".join(said.pieces)] if said.whole else [text])
            if any(self._same(version, text) for version in versions):
                continue
            yield self._difference(rule, key, sighting, where, versions[0], text)
            said.versions = [*versions, text]
            self._machines.disputed.add(key[:-1] if "*" in at else key)

    def _meant(self, sighting: Sighting, at: Place) -> Iterator[tuple[int, Key]]:
        """The keys an echo speaks of, each with its place in line."""
        if "*" not in at:
            key = self._machines.key(self._channel, sighting)
            if key is not None:
                yield 0, key
            return
        assert self._counted is not None
        around = self._machines.grammar.machines[self._counted].within
        outer = None if around is None else self._machines.key(around, sighting)
        if outer is not None and self._machines.reliable(self._counted, outer):
            for number, instance in enumerate(self._machines.inside(self._counted, outer)):
                yield number, instance.key

    def _same(self, first: str, second: str) -> bool:
        return first == second or (self._trim and first.strip() == second.strip())

    def _difference(
        self, rule: str, key: Key, sighting: Sighting, at: Place, expected: str, seen: str
    ) -> Report:
        start = next((i for i, (a, b) in enumerate(zip(expected, seen, strict=False)) if a != b), None)
        start = min(len(expected), len(seen)) if start is None else start
        return (self._channel, key), Violation(
            rule, sighting.index, sighting.pointer(at), _around(expected, start), _around(seen, start)
        )


def _event(pair: list[str] | None) -> tuple[str | None, Place]:
    return (None, ()) if pair is None else (pair[0], place(pair[1]))


def _around(text: str, start: int) -> str:
    begin = max(0, start - _EXCERPT // 2)
    excerpt = text[begin : start + _EXCERPT // 2]
    return f"{'…' if begin else ''}{excerpt!r}{'…' if start + _EXCERPT // 2 < len(text) else ''}"
