"""The suite under plain pytest gives what the command line gives, in one process and in several."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import conformance.suite
from conformance.reference.server import serve
from conformance.reference.state import KEY
from tests.cli.command import conformance as command
from tests.cli.command import plain_pytest, started_anew

SUITE = str(Path(conformance.suite.__file__).parent)
SCOPE = ("--workload", "models", "--unavailable", "none", "--properties", "off")


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with serve() as url:
        yield url


def suite(base_url: str, out: Path, *arguments: str, anew: bool = False) -> tuple[int, dict[str, Any] | None]:
    """Run pytest over the suite, with ``anew`` in a fresh interpreter; its exit code and the results it wrote."""
    asked = ["--base-url", base_url, "--api-key", KEY, *SCOPE, "--out", str(out), "-p", "no:cacheprovider"]
    run = partial(started_anew, "pytest") if anew else plain_pytest
    ended = run("-q", SUITE, *asked, *arguments, cwd=out.parent, out=out.name)
    return ended.code, ended.results


def timeless(results: dict[str, Any] | None) -> dict[str, Any]:
    """Without the times of the run, and nothing else left out."""
    assert results is not None
    return {key: value for key, value in results.items() if key not in {"started_at", "finished_at"}}


@pytest.fixture(scope="module")
def plain(base_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    code, results = suite(base_url, tmp_path_factory.mktemp("plain") / "out", anew=True)
    assert code == 0
    return timeless(results)


def test_two_workers_give_the_same_results(base_url: str, plain: dict[str, Any], tmp_path: Path) -> None:
    code, results = suite(base_url, tmp_path / "out", "-n", "2")
    assert code == 0
    assert timeless(results) == plain


def test_the_command_line_gives_the_same_results(base_url: str, plain: dict[str, Any], tmp_path: Path) -> None:
    ended = command("run", "--base-url", base_url, "--api-key", KEY, *SCOPE, "--out", "out", cwd=tmp_path)
    assert ended.code == 0
    assert timeless(ended.results) == plain


def test_a_marker_selects_and_the_rest_is_not_tested(base_url: str, tmp_path: Path) -> None:
    code, results = suite(base_url, tmp_path / "out", "-m", "level_must")
    assert code == 0
    assert results is not None
    assert {r["outcome"] for r in results["results"] if r["level"] != "MUST"} == {"not_tested"}
    assert "pass" in {r["outcome"] for r in results["results"] if r["level"] == "MUST"}


def test_a_keyword_sends_only_what_it_needs(base_url: str, plain: dict[str, Any], tmp_path: Path) -> None:
    code, results = suite(base_url, tmp_path / "out", "-k", "MODEL-001")
    assert code == 0
    assert results is not None
    assert 0 < results["requests"] < plain["requests"]


def test_collecting_sends_nothing(base_url: str, tmp_path: Path) -> None:
    code, results = suite(base_url, tmp_path / "out", "--collect-only")
    assert (code, results) == (0, None)


def test_junit_has_an_item_a_result(base_url: str, plain: dict[str, Any], tmp_path: Path) -> None:
    code, _ = suite(base_url, tmp_path / "out", f"--junitxml={tmp_path / 'junit.xml'}")
    assert code == 0
    text = (tmp_path / "junit.xml").read_text("utf-8")
    assert text.count("<testcase ") == len(plain["results"])


def test_another_project_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\ndef test_nothing_heavy():\n    assert 'conformance.session' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
