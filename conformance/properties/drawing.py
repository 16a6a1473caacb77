"""Hypothesis, seeded: rows of examples, one slot of a row for each family in turn."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st

from conformance.properties.changes import Change, Families

_LONGEST_ROW = 12  # slots; Hypothesis gives up on examples that take thousands of choices
_SPARE = 1.5  # times as many as are wanted, in place of repetitions


def changes(families: Families, count: int, seed: str) -> tuple[Change, ...]:
    """Up to ``count`` different changes, families in turn, the same for the same seed."""
    rows: list[Sequence[Change]] = []
    visit_rows(families, count, seed, rows.append)
    simplest, *others = rows  # Hypothesis begins with it, whatever the seed
    found = {key_of(change): change for row in (*others, simplest) for change in row}
    return tuple(found.values())[:count]


def visit_rows(
    families: Families,
    count: int,
    seed: str,
    visit: Callable[[tuple[Change, ...]], object],
    *,
    shrink: bool = False,
) -> None:
    """Call ``visit`` with each row. With ``shrink``, what it raises makes Hypothesis look for smaller changes.

    The rows are the same with and without, up to the first exception.
    """
    wanted = math.ceil(count * _SPARE)
    length = min(max(wanted, len(families)), _LONGEST_ROW)
    named = [_named(name, family) for name, family in families.items()]
    row = st.tuples(*islice(cycle(named), length))
    visit_examples(row, 1 + math.ceil(wanted / length), seed, visit, shrink=shrink)


def _named(name: str, family: st.SearchStrategy[Change]) -> st.SearchStrategy[Change]:
    return family.map(lambda change: {**change, "family": name})


def visit_examples(
    strategy: st.SearchStrategy[Any],
    count: int,
    seed: str,
    visit: Callable[[Any], object],
    *,
    shrink: bool = False,
) -> None:
    """Call ``visit`` with ``count`` examples of ``strategy``, and with smaller ones once it raises."""

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def each(example: Any) -> None:
        visit(example)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        each()


def key_of(change: Change) -> str:
    """What tells one change from another."""
    return json.dumps({**change, "family": ""}, sort_keys=True)
