"""A real browser for the reports. A missing browser or node module is a failure, never a skip."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Debian's Chromium, or the one that CONFORMANCE_CHROMIUM names."""
    found = (
        os.environ.get("CONFORMANCE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not found:
        pytest.fail("the browser tests need Chromium: apt-get install chromium, or set CONFORMANCE_CHROMIUM")
    return found


def node_module(path: str) -> Path:
    """A file of node_modules."""
    found = ROOT / "node_modules" / path
    if not found.exists():
        pytest.fail(f"the browser tests need {path}: run npm ci in the project's folder")
    return found


@functools.cache
def axe_source() -> str:
    """axe-core's script."""
    return node_module("axe-core/axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


class Opened:
    """A page with everything that it complained of or asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def goto(self, path: Path, suffix: str = "") -> Page:
        """Open a file, with a query or fragment."""
        self.page.goto(path.as_uri() + suffix)
        return self.page


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """A fresh page, on a wide light screen."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, color_scheme="light")
    yield Opened(context.new_page())
    context.close()
