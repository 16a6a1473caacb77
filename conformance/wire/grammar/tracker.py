"""Follows one stream, event by event, and collects where it breaks its grammar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from conformance.wire.grammar.fields import Counter, Watcher, watchers
from conformance.wire.grammar.machines import Machines, Report
from conformance.wire.grammar.model import ABSENT, ERROR, RULES, Grammar, Turns, Violation, is_done
from conformance.wire.grammar.places import find
from conformance.wire.grammar.sightings import Sighting, recognise

Ended = Literal["complete", "cut"]


class Tracker:
    """Holds one stream to ``grammar``; ``violations`` grows as it reads.

    ``resumed_after`` is the sequence number behind which a replay starts: what lies before it is unknown.
    ``repeats`` is how often the whole may come: the number of images asked for.
    """

    def __init__(self, grammar: Grammar, *, resumed_after: int | None = None, repeats: int = 1) -> None:
        self.violations: list[Violation] = []
        self._reader: _Stream | _Turns
        if grammar.turns is None:
            self._reader = _Stream(grammar, self.violations, resumed_after, repeats)
        else:
            self._reader = _Turns(grammar.turns, self.violations)
        self._closed = False

    def feed(self, index: int, event_type: str | None, payload: Any) -> None:
        """Take the next event.

        ``event_type`` is the literal value of the frame's event line, None where there is none. ``payload``
        is its parsed JSON, the constant ``DONE`` for the [DONE] marker, or None when it could not be parsed.
        """
        self._reader.feed(index, event_type, payload)

    def close(self, ended: Ended = "complete") -> None:
        """Take the end: ``complete`` when the target ended the stream, ``cut`` when it broke off."""
        if not self._closed and ended == "complete":
            self._reader.close()
        self._closed = True


class _Stream:
    """One stream of one grammar."""

    def __init__(
        self,
        grammar: Grammar,
        violations: list[Violation],
        resumed_after: int | None = None,
        repeats: int = 1,
    ) -> None:
        self._grammar = grammar
        self._violations = violations
        self._repeats = repeats
        self._reported: set[object] = set()
        self._machines = Machines(grammar)
        self._watchers = watchers(self._machines, resumed_after)
        self._for_all = [watcher for watcher in self._watchers if not watcher.events]
        self._by_name: dict[str | None, list[Watcher]] = {
            name: [watcher for watcher in self._watchers if not watcher.events or name in watcher.events]
            for name in frozenset().union(*(watcher.events for watcher in self._watchers))
        }
        if resumed_after is not None:
            self._machines.resume()

    @property
    def open(self) -> bool:
        """Whether the stream has begun and may go on."""
        root = self._grammar.machines[self._grammar.root]
        return self._machines.root.state not in (ABSENT, *root.accept)

    def feed(self, index: int, event_type: str | None, payload: Any) -> None:
        sightings = recognise(self._grammar, index, event_type, payload)
        if sightings is None:
            self._machines.lose_sight()
            for watcher in self._watchers:
                watcher.lose_sight()
            return
        if sightings:
            self._check_name(sightings[0], event_type, payload)
        self._restart(sightings)
        for sighting in sightings:
            self._take(sighting)

    def close(self) -> None:
        if self._machines.root.state == "failing":
            return
        if self._repeats > 1:
            self._machines.root.state = ABSENT  # one more of the whole was asked for
        for report in self._machines.close():
            self._keep(report)

    def _take(self, sighting: Sighting) -> None:
        for report in self._machines.see(sighting):
            self._keep(report)
        for watcher in self._concerned(sighting.name):
            if not self._machines.rejected or isinstance(watcher, Counter):
                for report in watcher.see(sighting):
                    self._keep(report)

    def _concerned(self, name: str | None) -> list[Watcher]:
        """The watchers that an event of this name is for."""
        return self._by_name.get(name, self._for_all)

    def _restart(self, sightings: list[Sighting]) -> None:
        """Begin again where the whole may come several times."""
        root = self._machines.root
        known = any(sighting.name in self._grammar.rows for sighting in sightings)
        if self._repeats > 1 and known and root.state == "ended":
            self._repeats -= 1
            root.state = ABSENT

    def _check_name(self, sighting: Sighting, event_type: str | None, payload: Any) -> None:
        if is_done(payload) or self._grammar.names == "ignored":
            return
        stated = payload.get("type")
        if self._grammar.names == "forbidden":
            if event_type and sighting.name != ERROR:
                self._name(sighting, "event_unnamed", "no event line", f"event: {event_type}")
        elif event_type and isinstance(stated, str) and stated and stated != event_type:
            self._name(sighting, "event_name_matches_type", f"event: {stated}", f"event: {event_type}")
        elif not event_type and stated == sighting.name and stated in self._grammar.rows:
            self._name(sighting, "event_named", f"event: {stated}", "no event line")

    def _name(self, sighting: Sighting, rule: str, expected: str, seen: str) -> None:
        self._keep((None, Violation(rule, sighting.index, "", expected, seen)))

    def _keep(self, report: Report) -> None:
        scope, violation = report
        assert violation.rule in RULES
        if (violation.rule, scope) not in self._reported:
            self._reported.add((violation.rule, scope))
            self._violations.append(violation)


class _Turns:
    """Streams that share a connection: in each lane one after the other, every one by the same grammar."""

    def __init__(self, turns: Turns, violations: list[Violation]) -> None:
        self._turns = turns
        self._grammar = replace(turns.grammar, names="ignored")  # messages have no event line
        self._violations = violations
        self._lanes: dict[str, tuple[_Stream, str | None]] = {}

    def feed(self, index: int, event_type: str | None, payload: Any) -> None:
        lane = find(payload, self._turns.lane)
        lane = lane if isinstance(lane, str) else ""
        stream, identity = self._lanes.get(lane) or (self._begin(), None)
        stated = find(payload, self._turns.identity)
        if isinstance(stated, str) and stated != identity:
            if identity is not None and (not stream.open or self._announces(payload)):
                stream.close()
                stream = self._begin()
            identity = stated
        elif not stream.open and find(payload, ("type",)) == ERROR:
            return  # a refused turn, or an error of the session: there is no stream that it belongs to
        self._lanes[lane] = stream, identity
        stream.feed(index, None, payload)

    def close(self) -> None:
        for stream, _ in self._lanes.values():
            stream.close()

    def _announces(self, payload: Any) -> bool:
        rows = self._grammar.rows.get(str(find(payload, ("type",))), ())
        return any(row.machine == self._grammar.root and row.announces for row in rows)

    def _begin(self) -> _Stream:
        return _Stream(self._grammar, self._violations)
