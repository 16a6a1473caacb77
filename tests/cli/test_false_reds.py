"""What must never look red, through the real command line: exit code, verdict, and no warning."""

from __future__ import annotations

from pathlib import Path

from conformance.reference.server import serve
from conformance.reference.state import KEY
from conformance.reference.switches import reference_with
from tests.cli.command import conformance

QUICK = ("--api-key", KEY, "--unavailable", "none", "--properties", "off", "--out", "out")


def test_rows_that_are_gated_whatever_is_asked_of_them(tmp_path: Path) -> None:
    scope = [f"--workload={name}" for name in ("audio", "embeddings", "realtime", "safety", "videos")]
    with serve(reference_with((), ("gates_limited_rows_unread",))) as base_url:
        ended = conformance("run", "--base-url", base_url, *scope, "--strict", *QUICK, cwd=tmp_path)
    assert (ended.code, ended.counts["warn"]) == (0, 0)


def test_a_bad_request_that_need_not_be_refused_leaves_nothing_open(tmp_path: Path) -> None:
    with serve(reference_with(["ignores_best_of"])) as base_url:
        ended = conformance(
            "run", "--base-url", base_url, "--operation", "POST /v1/completions", *QUICK, cwd=tmp_path
        )
    assert ended.results is not None
    outcomes = {result["id"]: result["outcome"] for result in ended.results["results"]}
    assert outcomes["completions/best-of/less-than-n::BAD-006"] == "warn"
    assert outcomes["completions/best-of/less-than-n::ERR-006"] == "gated"
    assert outcomes["completions/best-of/stream::BAD-011"] == "fail"
    assert outcomes["completions/best-of/stream::ERR-006"] == "untestable"


def test_a_helper_that_is_not_offered_gates_what_needs_it(tmp_path: Path) -> None:
    scope = ("--operation", "GET /v1/responses/{response_id}")
    with serve(reference_with((), ("reads_no_responses",))) as base_url:
        ended = conformance("run", "--base-url", base_url, *scope, *QUICK, cwd=tmp_path)
    assert (ended.code, ended.counts["untestable"]) == (0, 0)
    assert ended.results is not None
    outcomes = {result["id"]: result["outcome"] for result in ended.results["results"]}
    assert outcomes["response/auth/no-key::AUTH-001"] == "gated"
