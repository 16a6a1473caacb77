"""Every command through its real entry point: what it writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import conformance

MODELS = ("--unavailable", "none", "--workload", "models", "--properties", "off")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run against the reference target."""
    folder = tmp_path_factory.mktemp("run")
    ended = conformance("run", *MODELS, "--allure", "--out", "out", cwd=folder)
    assert ended.code == 0, ended.text
    return folder


def test_a_run_leaves_every_file(run: Path) -> None:
    files = {path.name for path in (run / "out").iterdir()}
    assert files >= {"results.json", "recording", "index.html", "junit.xml", "summary.md", "allure-results"}


def test_the_key_is_nowhere(run: Path) -> None:
    texts = [path.read_bytes() for path in (run / "out").rglob("*") if path.is_file()]
    assert not [text for text in texts if b"sk-reference" in text]


def test_judging_again_gives_the_same_bytes(run: Path) -> None:
    ended = conformance("judge", "out", "--out", "again", cwd=run)
    assert ended.code == 0, ended.text
    assert (run / "again" / "results.json").read_bytes() == (run / "out" / "results.json").read_bytes()


def test_a_run_against_itself_has_no_difference(run: Path) -> None:
    ended = conformance("diff", "out", "out", "--out", "diff.html", cwd=run)
    assert ended.code == 0
    assert "No new violation" in ended.text
    assert (run / "diff.html").is_file()


def test_the_matrix_is_written_in_three_forms(run: Path) -> None:
    assert conformance("matrix", "out", "out", "--out", "matrix.html", cwd=run).code == 0
    assert all((run / f"matrix.{kind}").is_file() for kind in ("html", "csv", "md"))


def test_the_plan_sends_nothing_and_bounds_what_is_sent(run: Path) -> None:
    ended = conformance("plan", *MODELS, "--base-url", "http://127.0.0.1:1/v1", "--api-key", "k" * 9, cwd=run)
    assert ended.code == 0
    bound = int(ended.text.partition("at most ")[2].partition("at most ")[2].split()[0])
    sent = json.loads((run / "out" / "results.json").read_text())["requests"]
    assert 0 < sent <= bound


def test_shards_merge_into_one_run(run: Path) -> None:
    from conformance.reference.server import serve

    with serve() as base_url:
        common = (*MODELS, "--base-url", base_url, "--api-key", "sk-reference")
        for part in ("1/2", "2/2"):
            conformance("run", *common, "--shard", part, "--out", f"shard-{part[0]}", cwd=run)
    ended = conformance("merge", "shard-1", "shard-2", "--out", "merged", cwd=run)
    assert ended.code == 0, ended.text
    merged = json.loads((run / "merged" / "results.json").read_text())
    whole = json.loads((run / "out" / "results.json").read_text())
    assert {r["id"]: r["outcome"] for r in merged["results"]} == {
        r["id"]: r["outcome"] for r in whole["results"]
    }


def test_a_failure_can_be_waived_and_the_waiver_goes_stale(tmp_path: Path) -> None:
    from conformance.reference.server import serve
    from conformance.reference.switches import reference_with

    arguments = (*MODELS, "--api-key", "sk-reference", "--out", "out")
    with serve(reference_with(["counts_created_in_milliseconds"])) as base_url, serve() as honest:
        broken = conformance("run", "--base-url", base_url, *arguments, "--workload", "text",
                             "--operation", "POST /v1/chat/completions", cwd=tmp_path)  # fmt: skip
        assert broken.results is not None
        failed = [r["id"] for r in broken.results["results"] if r["outcome"] in {"fail", "warn"}]
        assert failed, broken.text
        draft = conformance("waive", "out", "models/list/all::STAT-001", cwd=tmp_path)
        assert draft.code == 2
        assert "only a failure can be waived" in draft.text
        assert conformance("run", "--base-url", honest, *arguments, cwd=tmp_path).code == 0


def test_explaining_a_requirement(run: Path) -> None:
    ended = conformance("explain", "CHAT-107", cwd=run)
    assert ended.code == 0
    assert "usage_chunk_ends_the_stream" in ended.text
    assert conformance("explain", "NOPE-001", cwd=run).code == 2


def test_the_doctor(run: Path) -> None:
    ended = conformance("doctor", cwd=run)
    assert ended.code == 0
    assert "POST /v1/chat/completions" in ended.text


BAD = {
    "unknown flag": (("run", "--nonsense"), "--nonsense"),
    "model syntax": (("run", "--model", "text"), "--model takes WORKLOAD=ID"),
    "no scheme": (("run", "--base-url", "api.example.com/v1"), "needs http:// or https://"),
    "no such file": (("run", "--waivers", "nowhere.yaml"), "nowhere.yaml"),
    "no such variable": (("run", "--api-key-env", "NO_SUCH_VARIABLE"), "NO_SUCH_VARIABLE"),
    "a bad shard": (("run", "--shard", "3/2"), "--shard takes I/N"),
    "no such fault": (("serve", "--fault", "nope"), "there is no such fault"),
    "no such results": (("diff", "nowhere", "nowhere"), "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_in_a_sentence(name: str, tmp_path: Path) -> None:
    arguments, sentence = BAD[name]
    ended = conformance(*arguments, cwd=tmp_path)
    assert ended.code == 2
    assert sentence in ended.text
    assert "Traceback" not in ended.text
    assert list(tmp_path.iterdir()) == []
