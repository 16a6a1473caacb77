"""The vendor matrix and the diff in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conformance.reporting.diff import compare, render_diff
from conformance.reporting.matrix import columns, render_matrix
from tests.browser.conftest import Opened
from tests.browser.test_report import axe, open_everything
from tests.reporting.sample_results import HOSTILE, requirements, sample, with_outcomes


@pytest.fixture(scope="module")
def matrix(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("matrix") / "matrix.html"
    broken, kept, hostile = sample(60), sample(60, telling=False), sample(40, hostile=True)
    runs = [
        ("alpha", broken.results, "a/index.html"),
        ("beta", kept.results, ""),
        (HOSTILE, hostile.results, ""),
    ]
    path.write_text(render_matrix(columns(runs), requirements()), "utf-8")
    return path


@pytest.fixture(scope="module")
def diff(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("diff") / "diff.html"
    old = sample(60, hostile=True)
    changes = {"chat/minimal/json::CHAT-003": "pass", "chat/retried/json::HTTP-001": "fail"}
    path.write_text(render_diff(compare(old.results, with_outcomes(changes, old)), requirements()), "utf-8")
    return path


def test_neither_page_runs_or_loads_anything_of_the_targets(opened: Opened, matrix: Path, diff: Path):
    for path in (matrix, diff):
        page = opened.goto(path)
        open_everything(page)
        page.wait_for_timeout(100)
        assert page.evaluate("window.pwned") is None
    assert opened.complaints == []
    assert opened.requests == [matrix.as_uri(), diff.as_uri()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_issue(opened: Opened, matrix: Path, diff: Path, scheme):
    opened.page.emulate_media(color_scheme=scheme)
    page = opened.goto(matrix)
    page.get_by_role("button", name="Open all").click()
    assert axe(page) == []
    page = opened.goto(diff)
    open_everything(page)
    assert axe(page) == []


def operations(page: Page) -> list[str]:
    return page.evaluate("[...document.querySelectorAll('tbody:not(.hidden)')].map(b => b.dataset.name)")


def test_a_cell_says_why_on_hover_and_on_focus(opened: Opened, matrix: Path):
    page = opened.goto(matrix)
    cell = page.locator("tbody[data-name='POST /v1/chat/completions'] .operation .cell").first
    why = cell.locator(".why")
    expect(why).to_have_css("visibility", "hidden")
    cell.hover()
    expect(why).to_have_css("visibility", "visible")
    expect(why).to_contain_text("works: 3 fail, 2 warn")
    page.mouse.move(0, 0)
    expect(why).to_have_css("visibility", "hidden")
    cell.focus()
    expect(why).to_have_css("visibility", "visible")
    assert cell.get_attribute("href") == "a/index.html#chat/minimal/json::CHAT-003"


def test_an_operation_opens_into_its_requirements(opened: Opened, matrix: Path):
    page = opened.goto(matrix)
    body = page.locator("tbody[data-name='POST /v1/chat/completions']")
    expect(body.locator(".requirement").first).to_be_hidden()
    body.get_by_role("button", name="Requirements of POST /v1/chat/completions").click()
    expect(body.locator(".requirement").first).to_be_visible()


def test_only_where_they_differ(opened: Opened, matrix: Path):
    page = opened.goto(matrix)
    everything = operations(page)
    page.get_by_label("Only where they differ").check()
    narrowed = operations(page)
    assert "POST /v1/embeddings" in everything
    assert "POST /v1/embeddings" not in narrowed
    assert "POST /v1/completions" in narrowed


def test_filters_by_outcome_workload_and_words(opened: Opened, matrix: Path):
    page = opened.goto(matrix)
    page.locator("#outcome").select_option("gated")
    assert operations(page) == ["POST /v1/completions"]
    page.locator("#outcome").select_option("")
    page.locator("#workload").select_option("audio")
    assert operations(page) == ["POST /v1/audio/transcriptions", "POST /v1/audio/speech"]
    page.locator("#workload").select_option("")
    page.locator("#q").fill("session.created")
    assert operations(page) == ["GET /v1/realtime"]


def test_sorts_by_a_target_worst_first(opened: Opened, matrix: Path):
    page = opened.goto(matrix)
    header = page.get_by_role("columnheader").filter(has_text="alpha")
    header.locator(".sort").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    first = page.locator("tbody:first-of-type .operation td").first
    assert first.get_attribute("data-o") == "fail"
    header.locator(".sort").click()
    assert page.locator("tbody").first.locator("td").first.get_attribute("data-o") == "pass"


def test_the_head_stays_in_sight(opened: Opened, matrix: Path):
    page = opened.goto(matrix)
    page.get_by_role("button", name="Open all").click()
    page.locator(".scroll").evaluate("box => box.scrollTop = 2000")
    expect(page.get_by_role("columnheader").filter(has_text="alpha")).to_be_in_viewport()


def test_the_matrix_reads_without_javascript(browser, matrix: Path):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(matrix.as_uri())
    expect(page.locator("tbody[data-name='GET /v1/realtime'] .requirement").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [390, 1400])
def test_no_width_scrolls_sideways(opened: Opened, matrix: Path, diff: Path, width):
    opened.page.set_viewport_size({"width": width, "height": 900})
    for path in (matrix, diff):
        page = opened.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_diff_is_searched(opened: Opened, diff: Path):
    page = opened.goto(diff)
    expect(page.locator("#broken")).to_be_visible()
    page.locator("#q").fill("total_tokens")
    expect(page.locator("#broken")).to_be_hidden()
    expect(page.locator("#fixed")).to_be_visible()
