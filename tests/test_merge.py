"""Shards of a run, however it was split, are its whole in any order; one that is missing or there twice is refused."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract import load_contract
from conformance.errors import RecordingError
from conformance.plan import Plan, make_plan
from conformance.reference.embedded import reference_models
from conformance.run import Part, whole_of
from conformance.target import Selection, Target


@functools.cache
def plan() -> Plan:
    return make_plan(load_contract(), Target("http://t/v1", True, reference_models()), Selection())


def dealt() -> list[str]:
    """All results but those of the run as a whole, which no shard can judge."""
    return sorted(one for one in plan().results if not one.startswith("run/"))


def shards(number: int) -> list[Part]:
    return [Part(f"run-{one}", (one, number)) for one in range(1, number + 1)]


def parts_of_a_run() -> st.SearchStrategy[list[Part]]:
    return st.integers(1, 7).map(shards).flatmap(st.permutations)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 7))
def test_each_result_is_dealt_to_one_shard(number: int) -> None:
    found = [one for part in shards(number) for one in part.selected(plan()) or ()]
    assert sorted(found) == dealt()


@settings(max_examples=20, deadline=None)
@given(parts_of_a_run())
def test_any_split_is_the_same_whole(parts: list[Part]) -> None:
    assert whole_of(parts, plan()) == Part()


@settings(max_examples=20, deadline=None)
@given(parts_of_a_run(), st.data())
def test_what_was_selected_in_each_is_selected_in_the_whole(parts: list[Part], data: st.DataObject) -> None:
    chosen = data.draw(st.frozensets(st.sampled_from(dealt()), max_size=5))
    whole = whole_of([Part(part.run, part.shard, chosen) for part in parts], plan())
    assert whole.selected(plan()) == chosen


@settings(max_examples=20, deadline=None)
@given(parts_of_a_run().filter(lambda parts: len(parts) > 1), st.data())
def test_a_missing_and_a_repeated_shard_are_refused(parts: list[Part], data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(parts))
    with pytest.raises(RecordingError, match="is missing"):
        whole_of([part for part in parts if part is not one], plan())
    with pytest.raises(RecordingError, match="more than once"):
        whole_of([*parts, one], plan())
