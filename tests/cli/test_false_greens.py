"""What must never look green, through the real command line: exit code, verdict, no pass, and the sentence."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.commands import selftest
from conformance.exchange import Exchange, Request
from conformance.proof.kill_matrix import Kill, KillMatrix
from conformance.reference import errors
from conformance.reference.app import Reference, reference
from conformance.reference.editing import answer_with, refuse
from conformance.reference.server import serve
from conformance.reference.state import State
from conformance.reference.switches import reference_with
from tests.cli.command import Ended, conformance, started_anew
from tests.cli.hostile import ENVELOPE, always, target

MODELS = ("--unavailable", "none", "--workload", "models", "--properties", "off", "--out", "out")
MODEL_LIST = (
    b'{"object": "list", "data": [{"id": "m", "object": "model", "created": 1735689600, "owned_by": "x"}]}'
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_closed_port(tmp_path: Path) -> None:
    ended = conformance("run", "--base-url", f"http://127.0.0.1:{free_port()}/v1", *MODELS, cwd=tmp_path)
    assert ended.code == 3
    assert ended.counts["pass"] == 0
    assert ended.results is not None
    assert ended.results["verdict"] == "incomplete"
    assert "check the base URL, and that the target is running" in ended.text


DEAD = {
    "everything 401": (always(401, ENVELOPE % b"no"), 3, "the key is refused"),
    "everything 500": (always(500, b"<html>oops</html>"), 3, "the target is out of order or is no such API"),
    "everything 503": (always(503, ENVELOPE % b"busy"), 3, "nothing else was answered either"),
}


@pytest.mark.parametrize("name", DEAD)
def test_a_target_that_is_not_there_or_refuses_the_key(name: str, tmp_path: Path) -> None:
    answer, code, sentence = DEAD[name]
    with target(answer) as base_url:
        ended = conformance("run", "--base-url", base_url, "--api-key", "sk-something", *MODELS, cwd=tmp_path)
    assert (ended.code, ended.document["verdict"], ended.counts["pass"]) == (code, "incomplete", 0)
    assert sentence in ended.text


LYING = {
    "everything 404": always(404, ENVELOPE % b"not found"),
    "everything 200 {}": always(200, b"{}"),
    "everything a page": always(200, b"<!doctype html><html></html>", content_type="text/html"),
}


@pytest.mark.parametrize("name", LYING)
def test_a_target_that_answers_everything_alike(name: str, tmp_path: Path) -> None:
    with target(LYING[name]) as base_url:
        ended = conformance("run", "--base-url", base_url, "--api-key", "sk-something", *MODELS, cwd=tmp_path)
    assert (ended.code, ended.document["verdict"], ended.counts["pass"]) == (1, "violations", 0)
    assert "violations: the target breaks its contract" in ended.text
    assert f"{ended.counts['fail']} fail" in ended.text


def test_a_model_that_does_not_exist(tmp_path: Path) -> None:
    def answer(method: str, path: str, _: str) -> tuple[int, dict[str, str], bytes]:
        known = method == "GET" and path == "/v1/models"
        return (200, {}, MODEL_LIST) if known else (404, {}, ENVELOPE % b"The model does not exist")

    with target(answer) as base_url:
        ended = conformance(
            "run", "--base-url", base_url, "--api-key", "k" * 20, "--model", "text=nope", "--workload", "text",
            "--unavailable", "none", "--properties", "off", "--out", "out", cwd=tmp_path,
        )  # fmt: skip
    assert (ended.code, ended.document["verdict"], ended.counts["pass"]) == (3, "incomplete", 0)
    assert "the text model 'nope' is unknown to the target" in ended.text
    assert "lists: m" in ended.text


@pytest.mark.parametrize("selection", [("--operation", "POST /v9/*"), ("--workload", "nope")])
def test_an_empty_selection(selection: tuple[str, str], tmp_path: Path) -> None:
    ended = conformance("run", *selection, "--out", "out", cwd=tmp_path)
    assert ended.code == 2
    assert ended.results is None
    assert selection[1] in ended.text


def test_a_pytest_filter_that_matches_nothing(tmp_path: Path) -> None:
    ended = conformance("run", *MODELS, "--", "-k", "nothing-has-this-name", cwd=tmp_path)
    assert ended.code == 2
    assert ended.results is None
    assert "the selection is empty: no result matches it, so nothing was sent" in ended.text


def test_a_recording_without_its_footer(tmp_path: Path) -> None:
    assert conformance("run", *MODELS, cwd=tmp_path).code == 0
    recording = tmp_path / "out" / "recording" / "exchanges.jsonl"
    lines = recording.read_bytes().splitlines(keepends=True)
    recording.write_bytes(b"".join(lines[:-1]))
    ended = conformance("judge", "out", "--out", "again", cwd=tmp_path)
    assert ended.code == 3
    assert "no footer" in ended.text
    assert "Traceback" not in ended.text
    assert not (tmp_path / "again").exists()


def test_a_configuration_that_does_not_load(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text("base-url = [")
    ended = conformance("run", *MODELS, cwd=tmp_path)
    assert ended.code == 2
    assert "conformance.toml" in ended.text
    assert "is not TOML" in ended.text


def test_a_retry_that_hid_a_flake_is_told(tmp_path: Path) -> None:
    from conformance.exchange import Exchange, Response
    from conformance.reference.app import application
    from conformance.reference.state import State

    calm = application(State())
    seen: set[str] = set()

    def flaky(request: Request) -> Exchange:
        if request.path == "/v1/models" and "models" not in seen:
            seen.add("models")
            return Exchange("e", "", request, Response(503, (("x-request-id", "one"), ("retry-after", "0"))))
        return calm(request)

    with serve(flaky) as base_url:
        ended = conformance("run", "--base-url", base_url, "--api-key", "sk-reference", *MODELS, cwd=tmp_path)
    assert ended.results is not None
    told = [r["message"] for r in ended.results["results"] if r["id"] == "models/list/all::STAT-001"]
    assert told == ["passed on attempt 2"]


# A target that conforms but for one thing.

KEY = ("--api-key", "sk-reference")
TEXT = ("--model", "text=ref-text", "--properties", "off", "--unavailable", "none", "--out", "out")
CHAT = "POST /v1/chat/completions"
Change = Callable[[Request, Exchange], Exchange]


def but(change: Change) -> Reference:
    """The reference target with its answers changed."""
    conforming = reference(State())
    return replace(conforming, answer=lambda request: change(request, conforming.answer(request)))


def at(path: str, change: Callable[[Exchange], Exchange]) -> Change:
    """A change of the answers to POSTs of one path."""
    return lambda request, exchange: (
        change(exchange) if (request.method, request.path) == ("POST", path) else exchange
    )


def page(exchange: Exchange) -> Exchange:
    """A server's error page."""
    return answer_with(exchange, 500, b"<html>oops</html>", "text/html")


def refused(status: int, message: str, **fields: str) -> Callable[[Exchange], Exchange]:
    """A documented refusal."""
    return lambda exchange: refuse(exchange, errors.Refusal(status, message, **fields))


def against(
    target: Reference, *arguments: str, cwd: Path, key: Sequence[str] = KEY, after: Sequence[str] = ()
) -> Ended:
    """A run against a target of this process."""
    with serve(target) as base_url:
        return conformance("run", "--base-url", base_url, *key, *arguments, *after, cwd=cwd)


def passed_of(ended: Ended, area: str) -> set[str]:
    """Results of an area that passed."""
    return {result for result in ended.passed() if result.startswith(f"{area}/")}


def test_a_wrong_key(tmp_path: Path) -> None:
    ended = against(reference(State()), *MODELS, cwd=tmp_path, key=("--api-key", "sk-wrong"))
    assert (ended.code, ended.document["verdict"], ended.counts["pass"]) == (3, "incomplete", 0)
    assert "the key is refused: GET /v1/models was answered 401" in ended.text
    assert "0 of 132 judged: nothing" in ended.text


def test_no_key_at_all(tmp_path: Path) -> None:
    ended = against(reference(State()), *MODELS, cwd=tmp_path, key=())
    assert (ended.code, ended.document["verdict"], ended.counts["pass"]) == (3, "incomplete", 0)
    assert "the target asks for a key" in ended.text


def test_a_model_of_another_workload_that_does_not_exist(tmp_path: Path) -> None:
    named = ("--operation", "POST /v1/images/generations", "--model", "images=nope")
    ended = against(reference(State()), *TEXT, *named, cwd=tmp_path)
    assert (ended.code, ended.document["verdict"]) == (1, "violations")
    assert "images/minimal/json: expected an answer of 2xx at status, saw 404" in ended.text
    answered = {r for r in passed_of(ended, "images") if r.startswith(("images/minimal/", "images/size/"))}
    assert answered == set()


def test_a_prerequisite_that_failed(tmp_path: Path) -> None:
    selection = ("--operation", "GET /v1/responses/{response_id}")
    ended = against(but(at("/v1/responses", page)), *TEXT, *selection, cwd=tmp_path)
    assert (ended.code, ended.document["verdict"]) == (3, "incomplete")
    of_stored = [r for r in ended.document["results"] if r["requirement"] == "RHELP-001"]
    assert of_stored
    assert {r["outcome"] for r in of_stored} == {"untestable"}
    assert "responses/continuation/stored was answered 500" in ended.text


def test_a_refusal_for_another_reason_than_its_own(tmp_path: Path) -> None:
    """Everything that chat is asked is refused, so that its refusals show nothing."""
    away = at("/v1/chat/completions", refused(400, "This is not served."))
    ended = against(but(away), *TEXT, "--operation", CHAT, cwd=tmp_path)
    assert (ended.code, ended.document["verdict"]) == (1, "violations")
    assert "refused, but so was its positive twin chat/minimal/json" in ended.text
    negative = {"BAD-001", "BAD-002", "BAD-003", "BAD-006"}
    assert not [r for r in passed_of(ended, "chat") if r.rpartition("::")[2] in negative]


def test_every_case_of_a_ready_operation_without_consent(tmp_path: Path) -> None:
    selection = ("--operation", "POST /v1/images/generations")
    ended = against(reference(State()), *TEXT, *selection, cwd=tmp_path)
    assert (ended.code, ended.document["verdict"]) == (3, "incomplete")
    assert ended.result("images/minimal/json::STAT-001")["outcome"] == "untestable"
    assert "name a model to test it: --model images=ID" in ended.text


def test_every_case_of_a_limited_operation_without_consent(tmp_path: Path) -> None:
    ended = against(reference(State()), *TEXT, "--operation", "POST /v1/videos", cwd=tmp_path)
    assert ended.code == 0
    assert ended.result("videos/minimal/json::STAT-001")["outcome"] == "not_tested"
    verdicts = {row["operation"]: row["verdict"] for row in ended.document["operations"]}
    assert verdicts["POST /v1/videos"] == "not_tested"
    assert "name a model to test it: --model videos=ID" in ended.text


def test_every_case_skipped_by_a_filter(tmp_path: Path) -> None:
    """What is deselected is the user's selection; one result that is left is not the whole."""
    ended = against(reference(State()), *MODELS, cwd=tmp_path, after=("--", "-k", "STAT-001 and list"))
    assert ended.code == 0
    assert ended.counts["pass"] < 5 < ended.counts["not_tested"]
    assert "deselected" in ended.text


def of_posts(change: Callable[[Exchange], Exchange]) -> Change:
    """A change of the answers to every POST."""
    return lambda request, exchange: change(exchange) if request.method == "POST" else exchange


def test_every_post_refused_as_if_the_key_were_wrong(tmp_path: Path) -> None:
    change = refused(401, "No such key.", code="invalid_api_key")
    ended = against(but(of_posts(change)), *TEXT, "--operation", CHAT, cwd=tmp_path)
    assert (ended.code, ended.document["verdict"], ended.counts["pass"]) == (3, "incomplete", 0)
    assert "the key is refused: POST /v1/chat/completions was answered 401 (No such key.)" in ended.text


@pytest.mark.parametrize("status", [429, 503])
def test_every_post_refused_for_a_quota_or_an_outage(status: int, tmp_path: Path) -> None:
    change = of_posts(refused(status, "You exceeded your current quota."))
    ended = against(but(change), *TEXT, "--operation", "POST /v1/completions", cwd=tmp_path)
    assert (ended.code, ended.document["verdict"]) == (3, "incomplete")
    assert {r.partition("::")[0] for r in passed_of(ended, "completions")} == {"completions/every/answer"}
    assert "the target was in trouble: completions/" in ended.text


def absent(change: Callable[[Exchange], Exchange]) -> Change:
    """A change of what is answered where nothing is."""

    def answer(request: Request, exchange: Exchange) -> Exchange:
        is_absent = exchange.response is not None and b"Invalid URL" in exchange.response.body
        return change(exchange) if is_absent else exchange

    return answer


ASSISTANTS = (
    "--model",
    "text=ref-text",
    "--properties",
    "off",
    "--operation",
    "*assistants*",
    "--out",
    "out",
)


def test_a_family_that_is_broken_is_not_refused(tmp_path: Path) -> None:
    ended = against(but(absent(page)), *ASSISTANTS, cwd=tmp_path)
    assert (ended.code, ended.document["verdict"]) == (1, "violations")
    assert "An operation of a family that the reference names as not available is refused" in ended.text
    assert not [r for r in ended.passed() if r.endswith("::UNAV-001")]


def test_a_family_that_asks_for_another_key_is_not_plainly_refused(tmp_path: Path) -> None:
    ended = against(but(absent(refused(401, "No such key."))), *ASSISTANTS, "--strict", cwd=tmp_path)
    assert ended.code == 1
    assert not [r for r in ended.passed() if r.endswith("::UNAV-003")]
    assert "expected a refusal of the operation at status, saw 401" in ended.text


def test_a_limited_operation_that_fails_is_not_taken_for_gated(tmp_path: Path) -> None:
    arguments = (*TEXT, "--operation", "POST /v1/embeddings", "--model", "embeddings=ref-embed")
    ended = against(but(at("/v1/embeddings", page)), *arguments, cwd=tmp_path)
    assert (ended.code, ended.document["verdict"]) == (1, "violations")
    assert ended.result("embeddings/minimal/json::STAT-001")["outcome"] == "fail"
    row = next(o for o in ended.document["operations"] if o["operation"] == "POST /v1/embeddings")
    assert (row["verdict"], row["observed"]) == ("violations", "broken")


def test_a_capability_that_is_not_there(tmp_path: Path) -> None:
    """It is gated, counted as such, and a failure where it was expected."""
    target = reference_with(variants=["gates_options"])
    plain = against(target, *TEXT, "--operation", CHAT, cwd=tmp_path)
    assert (plain.code, plain.result("chat/tools/auto::STAT-001")["outcome"]) == (0, "gated")
    assert f"{plain.counts['gated']} gated" in plain.text
    expected = ("--expect", f"available={CHAT}#tools")
    ended = against(target, *TEXT, "--operation", CHAT, *expected, cwd=tmp_path)
    assert (ended.code, ended.document["verdict"]) == (1, "violations")
    assert ended.result("chat/tools/auto::STAT-001")["outcome"] == "fail"
    assert not [r for r in ended.passed() if r.startswith("chat/tools/auto::")]


def test_a_request_budget_that_runs_out(tmp_path: Path) -> None:
    ended = against(reference(State()), *MODELS, "--max-requests", "5", cwd=tmp_path)
    assert (ended.code, ended.document["verdict"], ended.document["requests"]) == (3, "incomplete", 5)
    assert "the request budget (--max-requests) is used up" in ended.text


def test_a_waiver_excuses_nothing_else(tmp_path: Path) -> None:
    """A failure of the same requirement with another finding is still a failure."""
    arguments = (*MODELS, *KEY)
    with serve(reference_with(faults=["lists_a_model_twice"])) as base_url:
        first = conformance("run", *arguments, "--base-url", base_url, cwd=tmp_path)
    failed = [r["id"] for r in first.document["results"] if r["outcome"] == "fail"]
    assert first.code == 1
    draft = conformance("waive", "out", failed[0], cwd=tmp_path)
    text = draft.printed
    filled = {
        "reason": "known, and mended in the next release",
        "owner": "us",
        "link": "https://example.com/1",
    }
    for name, value in filled.items():
        text = text.replace(f'{name}: ""', f'{name}: "{value}"')
    (tmp_path / "waivers.yaml").write_text(text)
    with serve(reference_with(faults=["lists_no_models"])) as base_url:
        ended = conformance(
            "run", *arguments, "--base-url", base_url, "--waivers", "waivers.yaml", cwd=tmp_path
        )
    assert (ended.code, ended.document["verdict"], ended.counts["waived"]) == (1, "violations", 0)


PLUGINS = {
    "kills_its_worker": """
import os
def pytest_runtest_logstart(nodeid, location):
    if "PYTEST_XDIST_WORKER" in os.environ and not os.path.exists("died"):
        open("died", "w").close()
        os._exit(9)
""",
    "breaks_a_check": """
from conformance.judging import judge
known = judge.registered_checks
def broken(subject):
    raise RuntimeError("this check is broken")
judge.registered_checks = lambda: {**known(), "model_ids_are_unique": broken}
""",
    "loses_a_check": """
from conformance.judging import judge
known = judge.registered_checks
judge.registered_checks = lambda: {k: v for k, v in known().items() if k != "model_ids_are_unique"}
""",
    "skips_everything": """
import pytest
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.skip(reason="not today"))
""",
}


def with_plugin(name: str, *arguments: str, cwd: Path) -> Ended:
    """A run with a plugin of the user's, or of an accident, in the same pytest session."""
    (cwd / f"{name}.py").write_text(PLUGINS[name])
    command = ("run", *MODELS, "--", "-p", name, *arguments)
    return started_anew("conformance.cli", *command, cwd=cwd, PYTHONPATH=str(cwd))


def test_a_worker_that_died(tmp_path: Path) -> None:
    ended = with_plugin("kills_its_worker", "-n", "1", cwd=tmp_path)
    assert (tmp_path / "died").exists()
    assert (ended.code, ended.document["verdict"]) == (3, "incomplete")
    assert "pytest did not come to it: a worker died, or the session was stopped" in ended.text


def test_a_check_that_never_came_to_its_end(tmp_path: Path) -> None:
    ended = with_plugin("breaks_a_check", cwd=tmp_path)
    assert (ended.code, ended.document["verdict"]) == (5, "incomplete")
    assert "the check model_ids_are_unique raised RuntimeError: this check is broken" in ended.text
    assert not [r for r in ended.passed() if r.endswith("::MODEL-001")]


def test_a_check_that_is_not_there(tmp_path: Path) -> None:
    ended = with_plugin("loses_a_check", cwd=tmp_path)
    assert ended.code != 0
    assert "MODEL-001" in ended.text
    assert "there is no check 'model_ids_are_unique'" in ended.text


def test_results_that_are_skipped_are_judged_all_the_same(tmp_path: Path) -> None:
    ended = with_plugin("skips_everything", cwd=tmp_path)
    assert ended.code == 0
    assert "132 of 132 judged" in ended.text


def test_shards_of_which_one_is_missing(tmp_path: Path) -> None:
    with serve() as base_url:
        conformance("run", "--base-url", base_url, *KEY, *MODELS[:-1], "one", "--shard", "1/2", cwd=tmp_path)
    ended = conformance("merge", "one", "--out", "merged", cwd=tmp_path)
    assert ended.code == 3
    assert "the runs are not the whole of one: shard 2/2 is missing" in ended.text


def test_a_check_that_no_fault_turns_red(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kill = Kill("lies", "A lie.", ("MODEL-001",), ("MODEL-001",), 0, {})
    monkeypatch.setattr(selftest, "kill_matrix", lambda _: KillMatrix((kill,), ("MODEL-001", "MODEL-002")))
    ended = CliRunner().invoke(main, ["selftest", "--out", str(tmp_path)])
    assert ended.exit_code == 1
    assert "MODEL-002 is turned red by no fault" in ended.output
