"""Of any two runs: each result is told once, a run against itself is unchanged, and the mirror image mirrors."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.judging.results import OUTCOMES
from conformance.reporting.diff import KINDS, compare
from tests.reporting.sample_results import finding, sample, with_outcomes

SAMPLE = sample(12)
IDS = [entry["id"] for entry in SAMPLE.results["results"]]
MIRRORED = {"added": {"removed"}, "removed": {"added"}, "changed": {"changed"}, "unchanged": {"unchanged"},
            "fixed": {"broken"}, "broken": {"fixed", "shifted"}, "shifted": {"broken", "shifted"}}  # fmt: skip


@st.composite
def runs(draw: st.DrawFn) -> dict[str, Any]:
    """Some of the sample's results, each with any outcome."""
    outcomes = draw(st.dictionaries(st.sampled_from(IDS), st.sampled_from(OUTCOMES), min_size=1))
    document = with_outcomes(outcomes, SAMPLE)
    entries = [entry for entry in document["results"] if entry["id"] in outcomes]
    for entry in entries:
        if entry["findings"]:
            entry["findings"] = [finding("yes", "no", draw(st.sampled_from(["/a", "/b"])))]
    return {**document, "results": entries}


def ids_of(run: dict[str, Any]) -> set[str]:
    return {entry["id"] for entry in run["results"]}


@settings(max_examples=60, deadline=None)
@given(runs())
def test_a_run_against_itself_is_unchanged(run: dict[str, Any]) -> None:
    diff = compare(run, run)
    assert {change.kind for change in diff.changes} == {"unchanged"}
    assert diff.exit_code == 0


@settings(max_examples=100, deadline=None)
@given(runs(), runs())
def test_each_result_is_told_once_and_of_one_kind(old: dict[str, Any], new: dict[str, Any]) -> None:
    diff = compare(old, new)
    assert sorted(change.id for change in diff.changes) == sorted(ids_of(old) | ids_of(new))
    by_kind = [change.id for kind in KINDS for change in diff.of(kind)]
    assert sorted(by_kind) == sorted(change.id for change in diff.changes)


@settings(max_examples=100, deadline=None)
@given(runs(), runs())
def test_the_other_way_round_each_kind_is_mirrored(old: dict[str, Any], new: dict[str, Any]) -> None:
    there = {change.id: change for change in compare(old, new).changes}
    back = {change.id: change for change in compare(new, old).changes}
    assert there.keys() == back.keys()
    for result_id, change in there.items():
        assert back[result_id].kind in MIRRORED[change.kind]
        assert (back[result_id].old, back[result_id].new) == (change.new, change.old)
