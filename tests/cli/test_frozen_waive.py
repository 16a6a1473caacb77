"""What fails when asked oddly is made smaller, kept as a case file, sent again, and waived by it."""

from __future__ import annotations

import functools
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import conformance.suite
from conformance.exchange import Exchange
from conformance.reference import errors
from conformance.reference.app import Reference, reference
from conformance.reference.editing import refuse
from conformance.reference.server import serve
from conformance.reference.state import State

from .command import Ended, plain_pytest
from .command import conformance as command

MODELS = ("--model", "embeddings=ref-embed")
ARGUMENTS = (*MODELS, "--api-key", "sk-reference", "--operation", "POST /v1/embeddings")
SUITE = str(Path(conformance.suite.__file__).parent)
DEEP = b"[" * 10


def falls_over_nesting(asked: list[bytes]) -> Reference:
    """A target that answers JSON nested ten deep with 500, and notes what it was asked."""
    target = reference(State())

    def answer(request: Any) -> Exchange:
        exchange = target.answer(request)
        asked.append(exchange.request.body)
        deep = DEEP in exchange.request.body
        return (
            refuse(exchange, errors.Refusal(500, "Internal server error.", kind="server_error"))
            if deep
            else exchange
        )

    return replace(target, answer=answer)


@dataclass
class Found:
    """A run against a target that falls over nesting, and the case file it left, copied to ``kept``."""

    folder: Path
    base_url: str
    asked: list[bytes]
    ended: Ended

    @functools.cached_property
    def second(self) -> Ended:
        """A run with the kept cases and nothing else."""
        return self.again(out="second")

    def again(self, *arguments: str, out: str) -> Ended:
        """Another run against the same target, with the kept cases."""
        return command(
            "run", "--base-url", self.base_url, *ARGUMENTS, "--cases", "kept", *arguments, "--out", out,
            cwd=self.folder, out=out,
        )  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    folder = tmp_path_factory.mktemp("frozen")
    asked: list[bytes] = []
    with serve(falls_over_nesting(asked)) as base_url:
        ended = command("run", "--base-url", base_url, *ARGUMENTS, "--out", "out", cwd=folder)
        shutil.copytree(folder / "out" / "frozen", folder / "kept")
        yield Found(folder, base_url, asked, ended)


def frozen_result(ended: Ended) -> dict[str, Any]:
    return next(r for r in ended.document["results"] if "/frozen/" in r["case"] and r["outcome"] == "fail")


def test_a_failure_is_kept_in_its_smallest_form(found: Found) -> None:
    assert found.ended.code == 1
    assert "--cases" in found.ended.text
    cases = yaml.safe_load((found.folder / "kept" / "embeddings.yaml").read_text())["cases"]
    sent = json.dumps(cases)
    depths = [body.count(b"[") for body in found.asked if DEEP in body]
    assert min(depths) < max(depths)
    assert max(len(run) for run in re.findall(r"\[+", sent)) == min(depths)


def test_what_was_sent_to_make_it_smaller_changes_no_result(found: Found) -> None:
    ended = command("judge", "out", "--out", "again", cwd=found.folder, out="again")
    assert ended.code == 1
    first, again = (found.folder / name / "results.json" for name in ("out", "again"))
    assert first.read_bytes() == again.read_bytes()


def test_a_run_with_the_kept_cases_fails_by_them_alone(found: Found) -> None:
    ended = found.second
    assert ended.code == 1
    failed = [r for r in ended.document["results"] if r["outcome"] == "fail"]
    assert failed
    assert all("/frozen/" in r["case"] for r in failed)


def test_it_fails_without_generated_requests_too(found: Found) -> None:
    ended = found.again("--properties", "off", out="off")
    assert frozen_result(ended)["case"].startswith("embeddings/frozen/")


def test_judging_a_run_with_kept_cases_needs_no_case_files(found: Found) -> None:
    assert found.second.code == 1
    ended = command("judge", "second", "--out", "second-again", cwd=found.folder, out="second-again")
    assert ended.code == 1
    first, again = (found.folder / name / "results.json" for name in ("second", "second-again"))
    assert first.read_bytes() == again.read_bytes()


def test_a_property_is_not_waived_and_told_how_to(found: Found) -> None:
    result = next(r for r in found.ended.document["results"] if r["outcome"] == "fail")
    ended = command("waive", "out", result["id"], cwd=found.folder)
    assert ended.code == 2
    assert "--cases" in ended.text
    assert "embeddings.yaml" in ended.text


def test_a_kept_case_is_waived(found: Found) -> None:
    first = found.second
    drafts = ""
    for result in first.document["results"]:
        if result["outcome"] == "fail":
            drafts += command("waive", "second", result["id"], cwd=found.folder).printed
    filled = drafts.replace('reason: ""', "reason: known, being mended").replace('owner: ""', "owner: me")
    filled = filled.replace('link: ""', "link: https://x.example/1")
    (found.folder / "waivers.yaml").write_text(filled)
    ended = found.again("--waivers", "waivers.yaml", out="waived")
    assert ended.code == 0, ended.text
    assert ended.counts["waived"]
    assert frozen_result(first)["id"] in {
        r["id"] for r in ended.document["results"] if r["outcome"] == "waived"
    }


def test_where_it_is_mended_the_kept_case_passes(found: Found) -> None:
    with serve() as honest:
        ended = command(
            "run",
            "--base-url",
            honest,
            *ARGUMENTS,
            "--cases",
            "kept",
            "--out",
            "mended",
            cwd=found.folder,
            out="mended",
        )
    assert ended.code == 0, ended.text
    assert any("/frozen/" in result_id for result_id in ended.passed())
    assert not (found.folder / "mended" / "frozen").exists()


def test_max_requests_bounds_what_is_sent_in_all(found: Found) -> None:
    bound = found.ended.document["requests"] + 3
    before = len(found.asked)
    ended = command(
        "run", "--base-url", found.base_url, *ARGUMENTS, "--max-requests", str(bound), "--out", "bounded",
        cwd=found.folder, out="bounded",
    )  # fmt: skip
    assert ended.code == 1
    assert len(found.asked) - before <= bound
    assert (found.folder / "bounded" / "frozen" / "embeddings.yaml").is_file()


def test_workers_keep_the_same_cases(found: Found) -> None:
    ended = plain_pytest(
        "-q", SUITE, "-n", "2", "-p", "no:cacheprovider", "--base-url", found.base_url, *ARGUMENTS,
        "--out", "workers", "--cases", "kept", cwd=found.folder, out="workers",
    )  # fmt: skip
    outcomes = {r["id"]: r["outcome"] for r in found.second.document["results"]}
    assert ended.code == 1
    assert {r["id"]: r["outcome"] for r in ended.document["results"]} == outcomes


def test_shards_with_kept_cases_merge_into_the_whole(found: Found) -> None:
    for part in ("1/2", "2/2"):
        found.again("--shard", part, out=f"part-{part[0]}")
    merged = command("merge", "part-1", "part-2", "--out", "merged", cwd=found.folder, out="merged")
    whole = found.second
    assert {r["id"]: r["outcome"] for r in merged.document["results"]} == {
        r["id"]: r["outcome"] for r in whole.document["results"]
    }


@pytest.mark.parametrize(
    ("path", "told"), [("nowhere", "there is no case file"), ("out/frozen", "keep it elsewhere")]
)
def test_case_files_that_cannot_be_used_are_refused(found: Found, path: str, told: str) -> None:
    ended = command("run", *ARGUMENTS, "--cases", path, "--out", "out", cwd=found.folder)
    assert ended.code == 2
    assert told in ended.text
