"""Legal variants together: the rows show every pair, and one row of them is run; ``make selftest`` runs all."""

from __future__ import annotations

import itertools

import pytest

from conformance.contract import load_contract
from conformance.proof.legal import Legal, covering_rows, false_alarms, hides_answers
from conformance.reference.variants import VARIANTS, are_compatible


@pytest.fixture(scope="module")
def legal() -> Legal:
    variants = tuple(VARIANTS)
    return Legal(variants, covering_rows(variants), ())


def test_every_pair_is_on_together(legal: Legal) -> None:
    shown, possible = legal.together
    assert shown == possible > 2000


def test_every_pair_is_seen_in_each_state(legal: Legal) -> None:
    rows = [row for row in legal.rows if not any(hides_answers(name) for name in row)]
    plain = [name for name in VARIANTS if not hides_answers(name)]
    for one, other in itertools.combinations(plain, 2):
        seen = {(one in row, other in row) for row in rows}
        assert seen >= {(True, False), (False, True), (False, False)}
        assert ((True, True) in seen) == are_compatible(one, other)


def test_what_contradicts_is_never_together(legal: Legal) -> None:
    for row in legal.rows:
        assert all(are_compatible(*pair) for pair in itertools.combinations(row, 2))


def test_the_row_that_differs_most_raises_no_alarm(legal: Legal) -> None:
    rows = [row for row in legal.rows if not any(hides_answers(name) for name in row)]
    alarms = list(false_alarms(load_contract(), max(rows, key=len)))
    assert [f"{alarm.outcome} {alarm.result}: {alarm.message}" for alarm in alarms] == []
