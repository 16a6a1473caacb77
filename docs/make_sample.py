"""Make the committed sample report and the README's screenshots anew: ``make sample``.

Three targets are judged: the reference target, and the same with a few faults each, as gateways of the field have them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from conformance.contract import load_contract
from conformance.output import load_results
from conformance.reference.app import reference
from conformance.reference.embedded import reference_models
from conformance.reference.faults import FAULTS, lying
from conformance.reference.server import serve
from conformance.reference.state import KEY, State
from conformance.reporting.matrix import columns, render_matrix

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "reports" / "sample"
IMAGES = ROOT / "docs" / "images"
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")

TARGETS = {
    "reference": (),
    "gateway": (
        "changes_the_id_in_mid_stream",
        "drops_the_done_marker",
        "counts_created_in_milliseconds",
        "grants_files",
    ),
    "proxy": ("asks_for_no_key", "nulls_usage", "omits_the_object_of_chunks"),
}
OPERATIONS = (
    "GET /v1/models",
    "POST /v1/chat/completions",
    "POST /v1/embeddings",
    "GET /v1/realtime",
    "GET /v1/files",
)


def main() -> None:
    """Judge, then photograph."""
    with tempfile.TemporaryDirectory() as folder:
        runs = {name: judge(name, faults, Path(folder) / name) for name, faults in TARGETS.items()}
        keep(runs["gateway"])
        matrix = Path(folder) / "matrix.html"
        targets = columns([(name, load_results(run), f"{name}/index.html") for name, run in runs.items()])
        matrix.write_text(render_matrix(targets, load_contract().requirements), "utf-8")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            photograph(browser, SAMPLE / "index.html", matrix)
            browser.close()


def judge(name: str, faults: tuple[str, ...], out: Path) -> Path:
    """One run against the reference target with ``faults``."""
    target = lying(reference(State()), tuple(FAULTS[fault] for fault in faults))
    models = [f"--model={workload}={model}" for workload, model in reference_models().items()]
    operations = [f"--operation={operation}" for operation in OPERATIONS]
    with serve(target) as base_url:
        conformance("run", f"--base-url={base_url}", f"--api-key={KEY}", *models, *operations, f"--out={out}")
    print(f"{name}: {out}")
    return out


def conformance(*arguments: str) -> None:
    """Run a command of the suite; violations are what the sample is for."""
    done = subprocess.run([sys.executable, "-m", "conformance.cli", *arguments], check=False)
    if done.returncode not in {0, 1, 3}:
        sys.exit(done.returncode)


def keep(run: Path) -> None:
    """Replace the committed sample."""
    shutil.rmtree(SAMPLE, ignore_errors=True)
    SAMPLE.mkdir(parents=True)
    for name in ("index.html", "summary.md", "results.json", "recording"):
        copy = shutil.copytree if (run / name).is_dir() else shutil.copy
        copy(run / name, SAMPLE / name)


def photograph(browser: Browser, report: Path, matrix: Path) -> None:
    """The pictures of the README."""
    IMAGES.mkdir(exist_ok=True)
    for scheme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
        page.goto(report.as_uri())
        page.screenshot(path=IMAGES / f"report-{scheme}.png")
        page.close()
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page.goto(report.as_uri())
    page.evaluate("document.querySelector('#filters').style.position = 'static'")
    page.locator(".finding .timeline").first.evaluate(
        "box => { for (let b = box; b; b = b.parentElement) b.open = true; }"
    )
    page.locator(".card:has(.timeline)").first.screenshot(path=IMAGES / "finding.png")
    page.goto(matrix.as_uri())
    page.locator("#differ").check()
    page.screenshot(path=IMAGES / "matrix.png")
    page.close()


if __name__ == "__main__":
    main()
