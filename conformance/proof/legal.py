"""Legal variants in every combination of two: what may be shown together, must stay green together.

    variants ──▶ rows that hold every pair ──▶ a whole recorded run each ──▶ judged ──▶ false alarms
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from conformance.contract import Contract, load_contract
from conformance.judging.judge import judge
from conformance.proof.kill_matrix import reference_evidence
from conformance.reference.variants import VARIANTS, are_compatible
from conformance.target import Selection

Row = frozenset[str]
"""The variants of one run."""

Pair = tuple[str, bool, str, bool]
"""Two variants, each with whether it is on."""

_CANDIDATES = 20  # rows tried for each row kept
_PATIENCE = 30.0  # seconds: slowness is legal too, also on a busy machine
_SEED = 20260101  # the same rows every time
_QUIET = frozenset({"pass", "gated", "not_tested"})


@dataclass(frozen=True, slots=True)
class Alarm:
    """A result that a row of legal variants turned neither green nor gated."""

    row: Row
    result: str
    outcome: str
    message: str


@dataclass(frozen=True, slots=True)
class Legal:
    """What was tried: the rows, the pairs that they show, and every false alarm."""

    variants: tuple[str, ...]
    rows: tuple[Row, ...]
    alarms: tuple[Alarm, ...]

    @property
    def together(self) -> tuple[int, int]:
        """Pairs of variants that were on in one run, no third one hiding their answers, and those that can be."""
        possible = [
            frozenset(pair) for pair in itertools.combinations(self.variants, 2) if are_compatible(*pair)
        ]
        return sum(any(_shows(row, pair) for row in self.rows) for pair in possible), len(possible)


def _shows(row: Row, pair: Row) -> bool:
    return pair <= row and {name for name in row if hides_answers(name)} <= pair


def hides_answers(name: str) -> bool:
    """True for a variant that refuses what others would show a difference in."""
    return name.startswith("gates_")


def covering_rows(variants: Sequence[str]) -> tuple[Row, ...]:
    """Rows in which every two variants are on and on, on and off, off and on, off and off, where they can be.

    Two variants count as shown only in a row where no third one hides the answers that they differ in. Of a
    variant that hides answers only what is on beside it matters.
    """
    plain = [name for name in variants if not hides_answers(name)]
    hiding = [name for name in variants if hides_answers(name)]
    drawn = random.Random(_SEED)
    rows = _rows(plain, {pair for pair in _pairs(plain) if _is_possible(pair)}, drawn)
    for name in hiding:
        beside = {(name, True, other, True) for other in plain if are_compatible(name, other)}
        rows += _rows([name, *plain], beside, drawn)
    rows += [frozenset(pair) for pair in itertools.combinations(hiding, 2) if are_compatible(*pair)]
    return tuple(rows)


def _rows(variants: Sequence[str], missing: set[Pair], drawn: random.Random) -> list[Row]:
    rows: list[Row] = []
    while missing:
        ordered = sorted(missing)
        candidates = [_row(variants, missing, drawn.choice(ordered), drawn) for _ in range(_CANDIDATES)]
        best = max(candidates, key=lambda row: len(missing & _shown(variants, row)))
        missing = missing - _shown(variants, best)
        rows.append(best)
    return rows


def _pairs(variants: Sequence[str]) -> Iterator[Pair]:
    for one, other in itertools.combinations(variants, 2):
        for is_on, other_is_on in itertools.product((True, False), repeat=2):
            yield one, is_on, other, other_is_on


def _is_possible(pair: Pair) -> bool:
    one, is_on, other, other_is_on = pair
    return not (is_on and other_is_on) or are_compatible(one, other)


def _shown(variants: Sequence[str], row: Row) -> set[Pair]:
    return {(one, one in row, other, other in row) for one, other in itertools.combinations(variants, 2)}


def _row(variants: Sequence[str], missing: set[Pair], pair: Pair, drawn: random.Random) -> Row:
    """A row grown around one missing pair, each other variant set as it shows more of what is missing."""
    values = {pair[0]: pair[1], pair[2]: pair[3]}
    rest = [name for name in variants if name not in values]
    drawn.shuffle(rest)
    for name in rest:
        off, on = (_gain(name, is_on, values, missing) for is_on in (False, True))
        wanted = on > off or (on == off and drawn.random() < 0.5)
        values[name] = wanted and all(are_compatible(name, o) for o, is_on in values.items() if is_on)
    return frozenset(name for name, on in values.items() if on)


def _gain(name: str, is_on: bool, values: dict[str, bool], missing: set[Pair]) -> int:
    return sum(
        (name, is_on, other, value) in missing or (other, value, name, is_on) in missing
        for other, value in values.items()
    )


def false_alarms(contract: Contract, row: Row, selection: Selection | None = None) -> Iterator[Alarm]:
    """What turns red, yellow or untestable when the reference target differs in all these ways."""
    selection = selection or Selection()
    evidence = reference_evidence(contract, variants=tuple(row), selection=selection, timeout=_PATIENCE)
    for result in judge(evidence):
        if result.outcome not in _QUIET:
            yield Alarm(row, result.id, result.outcome, result.message)


def try_legal_variants(progress: Callable[[int, int], object] = lambda row, rows: None) -> Legal:
    """A whole run for each row of the covering array. ``progress`` is told which one begins, of how many."""
    contract = load_contract()
    variants = tuple(VARIANTS)
    rows = covering_rows(variants)
    alarms: list[Alarm] = []
    for place, row in enumerate(rows, 1):
        progress(place, len(rows))
        alarms += false_alarms(contract, row)
    return Legal(variants, rows, tuple(alarms))
