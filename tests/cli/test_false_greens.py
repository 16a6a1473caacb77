"""What must never look green, through the real command line: exit code, verdict, no pass, and the sentence."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from conformance.reference.server import serve
from tests.cli.command import conformance
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
    assert (ended.code, ended.counts["pass"]) == (code, 0)
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
    assert ended.code in {1, 3}
    assert ended.counts["pass"] == 0
    assert ended.results is not None
    assert ended.results["verdict"] != "conforming"


def test_a_model_that_does_not_exist(tmp_path: Path) -> None:
    def answer(method: str, path: str, _: str) -> tuple[int, dict[str, str], bytes]:
        known = method == "GET" and path == "/v1/models"
        return (200, {}, MODEL_LIST) if known else (404, {}, ENVELOPE % b"The model does not exist")

    with target(answer) as base_url:
        ended = conformance(
            "run", "--base-url", base_url, "--api-key", "k" * 20, "--model", "text=nope", "--workload", "text",
            "--unavailable", "none", "--properties", "off", "--out", "out", cwd=tmp_path,
        )  # fmt: skip
    assert (ended.code, ended.counts["pass"]) == (3, 0)
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


def test_a_recording_without_its_footer(tmp_path: Path) -> None:
    assert conformance("run", *MODELS, cwd=tmp_path).code == 0
    recording = tmp_path / "out" / "recording" / "exchanges.jsonl"
    lines = recording.read_bytes().splitlines(keepends=True)
    recording.write_bytes(b"".join(lines[:-1]))
    ended = conformance("judge", "out", "--out", "again", cwd=tmp_path)
    assert ended.code == 3
    assert "Traceback" not in ended.text
    assert not (tmp_path / "again").exists()


def test_a_configuration_that_does_not_load(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text("base-url = [")
    ended = conformance("run", *MODELS, cwd=tmp_path)
    assert ended.code == 2
    assert "conformance.toml" in ended.text
    assert "is not TOML" in ended.text


def test_a_retry_that_hid_a_flake_is_told(tmp_path: Path) -> None:
    from conformance.exchange import Exchange, Request, Response
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
