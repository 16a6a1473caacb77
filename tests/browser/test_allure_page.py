"""The Allure command line reads what we write, and its page is served without its analytics."""

from __future__ import annotations

import subprocess
from pathlib import Path

from playwright.sync_api import expect

from conformance.reporting.allure import strip_analytics, write_allure
from tests.browser.conftest import Opened, node_module
from tests.reporting.sample_results import sample


def test_allure_renders_every_result_and_reports_to_nobody(opened: Opened, tmp_path: Path):
    made = sample(60, hostile=True)
    write_allure(tmp_path / "allure-results", made.results, made.exchanges, made.requirements)
    generate = [node_module(".bin/allure"), "awesome", "--single-file", "-o", "report", "allure-results"]
    subprocess.run(generate, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    path = tmp_path / "report" / "index.html"
    page = strip_analytics(path.read_text("utf-8"))
    assert "googletagmanager" not in page
    path.write_text(page, "utf-8")
    shown = opened.goto(path)
    expect(shown.get_by_text("POST /v1/chat/completions").first).to_be_visible()
    expect(shown.locator("body")).to_contain_text("60")
    assert shown.evaluate("window.pwned") is None
    assert not [url for url in opened.requests if url.startswith("http")]
