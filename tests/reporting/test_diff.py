from __future__ import annotations

import copy

import pytest

from conformance.errors import UsageError
from conformance.reporting.diff import compare, diff_markdown, render_diff
from tests.reporting.sample_results import document_of, finding, requirements, sample, with_outcomes

OLD = sample(60)
IDS = [entry["id"] for entry in OLD.results["results"]]
PASSED = next(e["id"] for e in OLD.results["results"] if e["outcome"] == "pass")
FAILED = "chat/minimal/json::CHAT-003"
GATED = "completions/minimal/json::HTTP-001"
UNTESTABLE = "images/minimal/json::IMG-001"
WAIVED = "responses/unknown/previous::ERR-004"


def kind_of(diff, rid: str) -> str:
    return next(change.kind for change in diff.changes if change.id == rid)


@pytest.mark.parametrize(
    ("rid", "outcome", "kind", "code"),
    [
        (PASSED, "fail", "broken", 1),
        (GATED, "fail", "broken", 1),
        (UNTESTABLE, "fail", "broken", 1),
        (FAILED, "pass", "fixed", 0),
        (FAILED, "warn", "fixed", 0),
        (FAILED, "fail", "changed", 0),
        (FAILED, "untestable", "shifted", 0),
        (FAILED, "gated", "shifted", 0),
        (PASSED, "gated", "shifted", 0),
        (PASSED, "warn", "shifted", 0),
        (PASSED, "waived", "broken", 0),
        (UNTESTABLE, "pass", "shifted", 0),
    ],
)
def test_what_became_of_a_result(rid, outcome, kind, code):
    diff = compare(OLD.results, with_outcomes({rid: outcome}, OLD))
    assert kind_of(diff, rid) == kind
    assert [change.id for change in diff.changes if change.kind != "unchanged"] == [rid]
    assert diff.exit_code == code


def test_the_same_run_has_not_changed():
    diff = compare(OLD.results, copy.deepcopy(OLD.results))
    assert {change.kind for change in diff.changes} == {"unchanged"}
    assert diff.sentence == "No new violation: 60 unchanged."
    assert diff.exit_code == 0


def test_values_that_vary_are_no_change():
    new = copy.deepcopy(OLD.results)
    entry = next(e for e in new["results"] if e["id"] == FAILED)
    entry["findings"] = [finding("34", "41", "/usage/total_tokens", "other")]
    assert kind_of(compare(OLD.results, new), FAILED) == "unchanged"


def test_a_waiver_that_is_gone_or_new_is_no_new_violation():
    new = copy.deepcopy(OLD.results)
    next(e for e in new["results"] if e["id"] == WAIVED)["outcome"] = "fail"
    diff = compare(OLD.results, new)
    assert (kind_of(diff, WAIVED), diff.exit_code) == ("shifted", 0)


def test_results_of_one_run_only_are_added_or_removed():
    fewer = copy.deepcopy(OLD.results)
    fewer["results"] = [e for e in fewer["results"] if e["id"] not in {FAILED, PASSED}]
    removed, added = compare(OLD.results, fewer), compare(fewer, OLD.results)
    assert {change.id for change in removed.of("removed")} == {FAILED, PASSED}
    assert removed.exit_code == 0
    assert {change.id for change in added.of("added")} == {FAILED, PASSED}
    assert [change.id for change in added.new_violations] == [FAILED]
    assert added.exit_code == 1


def test_different_contracts_are_refused_unless_allowed():
    other = document_of(OLD.results["results"], OLD.results["operations"], sha256="cd" * 32)
    with pytest.raises(UsageError, match="different contracts"):
        compare(OLD.results, other)
    diff = compare(OLD.results, other, allow_other_contract=True)
    assert diff.warnings[0].startswith("the runs were judged by different contracts: 1.0.0 (abababababab)")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda r: r["target"].update(scope="workload text"), "the runs have different scopes"),
        (lambda r: r["target"].update(models={}), "the runs named different models"),
        (lambda r: r["target"].update(base_url="http://x/v1"), "the runs had different targets"),
        (lambda r: r.update(finished_at=None), "the new run broke off"),
    ],
)
def test_an_unequal_comparison_says_so(change, told):
    new = copy.deepcopy(OLD.results)
    change(new)
    diff = compare(OLD.results, new)
    assert [w[: len(told)] for w in diff.warnings] == [told]
    assert told in render_diff(diff, requirements())
    assert told in diff_markdown(diff, requirements())


def test_the_page_and_the_markdown_list_what_changed_by_requirement():
    diff = compare(OLD.results, with_outcomes({PASSED: "fail", FAILED: "pass"}, OLD))
    html, text = render_diff(diff, requirements()), diff_markdown(diff, requirements())
    assert "1 new violation: 1 broken, 1 fixed, 58 unchanged." in html
    assert text.startswith("## ❌ 1 new violation: 1 broken, 1 fixed, 58 unchanged.")
    assert "### Broken" in text
    assert f'id="{PASSED}"' in html
    assert IDS[-1] not in text


def test_hostile_runs_are_compared_without_harm():
    hostile = sample(60, hostile=True)
    diff = compare(hostile.results, with_outcomes({PASSED: "fail"}, hostile))
    html = render_diff(diff, requirements())
    assert html.count("<script>") == 2
    assert "\u202e" not in html + diff_markdown(diff, requirements())
