from __future__ import annotations

import copy
import csv
import io

import pytest

from conformance.reporting.matrix import (
    blocks,
    columns,
    matrix_csv,
    matrix_markdown,
    render_matrix,
    worst_exit,
)
from tests.reporting.sample_results import HOSTILE, requirements, sample

BROKEN, KEPT = sample(120), sample(120, telling=False, base_url="https://other.example.net/v1")


@pytest.fixture(scope="module")
def targets():
    return columns([("alpha", BROKEN.results, "a/index.html"), ("", KEPT.results, "")])


def block_of(targets, operation: str):
    return next(block for block in blocks(targets, requirements()) if block.row.name == operation)


def test_an_operation_shows_each_targets_verdict_and_why(targets):
    cells = block_of(targets, "POST /v1/chat/completions").row.cells
    assert [cell.outcome for cell in cells] == ["fail", "pass"]
    assert cells[0].why.startswith("works: 3 fail, 2 warn, ")
    assert [cell.share for cell in cells] == ["2 of 15", ""]
    assert cells[0].href == "a/index.html#chat/minimal/json::CHAT-003"
    assert cells[1].href == ""


@pytest.mark.parametrize(
    ("operation", "outcome"),
    [
        ("POST /v1/completions", "gated"),
        ("POST /v1/images/generations", "untestable"),
        ("POST /v1/videos", "not_tested"),
        ("GET /v1/files", "fail"),
    ],
)
def test_what_is_not_judged_has_its_own_shape(targets, operation, outcome):
    assert block_of(targets, operation).row.cells[0].outcome == outcome


def test_an_operation_opens_into_requirements(targets):
    row = next(row for row in block_of(targets, "POST /v1/chat/completions").rows if row.name == "CHAT-003")
    assert row.level == "MUST"
    assert row.cells[0].outcome == "fail"
    assert "expected 21 at /usage/total_tokens" in row.cells[0].why
    assert row.differs


def test_a_target_without_an_operation_is_absent_and_never_green():
    fewer = copy.deepcopy(KEPT.results)
    fewer["operations"] = [row for row in fewer["operations"] if row["operation"] != "GET /v1/realtime"]
    found = block_of(columns([("a", BROKEN.results, ""), ("b", fewer, "")]), "GET /v1/realtime")
    assert found.row.cells[1].outcome == "absent"
    assert found.row.cells[1].why == "this run did not have it in its scope"


def test_an_operation_with_only_waived_failures_is_waived():
    waived = copy.deepcopy(BROKEN.results)
    for entry in waived["results"]:
        entry["outcome"] = "waived" if entry["outcome"] == "fail" else entry["outcome"]
    assert (
        block_of(columns([("a", waived, "")]), "POST /v1/chat/completions").row.cells[0].outcome == "waived"
    )


def test_targets_of_one_name_are_numbered():
    names = [
        column.name
        for column in columns([("", KEPT.results, ""), ("", KEPT.results, ""), ("b", BROKEN.results, "")])
    ]
    assert names == ["other.example.net/v1 #1", "other.example.net/v1 #2", "b"]


def test_the_csv_has_a_line_for_each_cell(targets):
    rows = list(csv.DictReader(io.StringIO(matrix_csv(targets, requirements()))))
    found = [r for r in rows if r["operation"] == "GET /v1/realtime" and r["requirement"] == "RT-002"]
    assert [(r["target"], r["outcome"]) for r in found] == [
        ("alpha", "fail"),
        ("other.example.net/v1", "absent"),
    ]


def test_the_csv_holds_no_formula():
    evil = copy.deepcopy(BROKEN.results)
    for entry in evil["results"]:
        entry["message"] = "=HYPERLINK(1)\r\n+1" if entry["outcome"] == "fail" else entry["message"]
    rows = list(csv.reader(io.StringIO(matrix_csv(columns([("@x", evil, "")]), requirements()))))
    assert not [field for row in rows for field in row if field[:1] in {"=", "+", "@", "-"}]


def test_the_markdown_names_where_they_differ(targets):
    text = matrix_markdown(targets, requirements())
    assert text.startswith("## 2 targets: 1 conforming, 1 with violations\n")
    assert "| `POST /v1/chat/completions` | Ready | ❌ violations (2 of 15) | ✅ conforming |" in text
    assert "### Where they differ" in text


def test_different_contracts_and_scopes_are_said(targets):
    other = copy.deepcopy(KEPT.results)
    other["suite"]["contract"]["sha256"] = "cd" * 32
    other["target"]["scope"] = "workload text"
    html = render_matrix(columns([("a", BROKEN.results, ""), ("b", other, "")]), requirements())
    assert "judged by 2 different contracts" in html
    assert "These runs have different scopes" in html
    assert "different contracts" not in render_matrix(targets, requirements())


def test_hostile_targets_are_shown_without_harm():
    hostile = sample(60, hostile=True)
    made = columns([(HOSTILE, hostile.results, ""), ("b", KEPT.results, "")])
    html = render_matrix(made, requirements())
    assert html.count("<script>") == 2
    assert "<img" not in html
    for text in (html, matrix_csv(made, requirements()), matrix_markdown(made, requirements())):
        assert "\u202e" not in text
        assert "\x1b" not in text
        text.encode("utf-8")


def test_a_folders_name_is_no_scheme():
    html = render_matrix(columns([("a", KEPT.results, "javascript:alert(1)/index.html")]), requirements())
    assert 'href="javascript%3Aalert%281%29/index.html' in html
    assert 'href="javascript:' not in html


@pytest.mark.parametrize(
    ("codes", "worst"), [([], 0), ([0, 4], 4), ([0, 4, 3], 3), ([3, 1, 4], 1), ([1, 2], 2), ([2, 5, 0], 5)]
)
def test_the_worst_target_decides(codes, worst):
    assert worst_exit(codes) == worst
