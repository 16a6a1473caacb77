from __future__ import annotations

from typing import Any

import pytest

from conformance.wire.grammar import RULES
from tests.wire.streams import DATA


def _rules(value: Any, key: str = "") -> set[str]:
    if isinstance(value, dict):
        return {
            rule for name, member in value.items() for rule in _rules(member, "" if key == "when" else name)
        }
    if isinstance(value, list):
        echo = {value[2]} if key == "echoes" and len(value) == 3 and isinstance(value[2], str) else set()
        return echo | {rule for member in value for rule in _rules(member, key)}
    return {value} if key in ("rule", "demand") else set()


def _machine_rules() -> set[str]:
    machines = [machine for grammar in DATA.values() for machine in grammar.get("machines", {}).values()]
    return {rule for machine in machines for rule in machine.get("rules", {}).values()}


def test_every_rule_of_the_data_is_a_sentence() -> None:
    assert _rules(DATA) | _machine_rules() <= RULES.keys()


@pytest.mark.parametrize("name", sorted(set(DATA) - {"responses-websocket"}))
def test_rows_and_clauses_name_machines_and_events_that_exist(name: str) -> None:
    data = DATA[name]
    machines = data["machines"]
    rows = data["table"]
    states = {machine: {"absent"} | {row[3] for row in rows if row[1] == machine} for machine in machines}
    for _, machine, origin, _, *more in rows:
        assert {origin} if isinstance(origin, str) else set(origin) <= states[machine]
        wanted = {**more[0].get("needs", {}), **more[0].get("all", {})} if more else {}
        assert all(state in states[other] for other, state in wanted.items())
    events = {row[0] for row in rows} | {signal["signal"] for signal in data.get("signals", ())}
    for clause in (
        c for kind in ("unique", "counter", "value", "length", "output", "bound") for c in data.get(kind, ())
    ):
        named_events = clause.get("event", [])
        assert set([named_events] if isinstance(named_events, str) else named_events) <= events
        assert clause.get("machine", data["root"]) in machines
    for text in data.get("texts", ()):
        assert text["channel"] in machines
        sources = [
            text["delta"],
            text["done"],
            *text.get("echoes", ()),
            *([text["seed"]] if "seed" in text else []),
        ]
        assert {source[0] for source in sources} <= events
