from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.cases import Case
from conformance.exchange import Chunk, Failure, Request, Response
from conformance.probing.recording import Recording
from conformance.probing.transport import Reply
from tests.probing.small import (
    BASE,
    CHAT,
    CHATTED,
    LISTING,
    LOST,
    MODELS,
    NONSENSE,
    PAGE,
    VIDEO,
    WORKING,
    FakeTarget,
    again,
    contract_of,
    json_reply,
    refusal,
    run,
)

OTHER = again(CHAT, "chat/other/json")
CONTRACT = contract_of(MODELS, NONSENSE, CHAT, OTHER, VIDEO)
CHAT_PATH = "POST /v1/chat/completions"
NO_PAGE = Reply(Response(404, (("Content-Type", "text/html"),), (Chunk(0.0, b"<h1>Not Found</h1>"),)))


class Alike(FakeTarget):
    """Answers everything the same way."""

    def __init__(self, reply: Reply) -> None:
        super().__init__({})
        self._same = reply

    def _reply(self, request: Request) -> Reply:
        return self._same


def only(*models: str, otherwise: Reply) -> Callable[[Request], Reply]:
    """A chat that answers these models alone."""

    def answer(request: Request) -> Reply:
        return CHATTED if json.loads(request.body)["model"] in models else otherwise

    return answer


def listing(*models: str) -> Reply:
    return json_reply(200, {"object": "list", "data": [{"id": model} for model in models]})


def preflight(recording: Recording) -> tuple[str, str, str]:
    fact = recording.facts["preflight"]
    return fact["status"], fact["reason"], fact["hint"]


def stopped(recording: Recording) -> bool:
    kinds = {skip.kind for skip in recording.skips.values()}
    return recording.facts["preflight"]["status"] == "stopped" and kinds == {"preflight"}


NO_MODELS: dict[str, str] = {}
NAMED = {"text": "gpt-small", "videos": "sora"}


@pytest.mark.parametrize(
    ("failure", "hint"),
    [
        (Failure("connect", "Connection refused"), "check the base URL, and that the target is running"),
        (Failure("no_head", "no head in 60 s"), "if the target is only slow, give it more time: --timeout"),
        (
            Failure("protocol", "illegal status line"),
            "check that the base URL has the right scheme (http or https) and port",
        ),
    ],
)
@pytest.mark.parametrize("models", [NO_MODELS, NAMED], ids=["unnamed", "named"])
def test_where_nothing_answers_nothing_more_is_sent(
    tmp_path: Path, failure: Failure, hint: str, models: dict[str, str]
) -> None:
    recording = run(tmp_path, CONTRACT, Alike(Reply(failure=failure)), models=models)
    assert preflight(recording) == ("stopped", f"nothing answers at {BASE}: {failure.message}", hint)
    assert stopped(recording)
    asked = {NONSENSE.id} if failure.kind == "connect" else {MODELS.id, NONSENSE.id}
    assert {exchange.case for exchange in recording.exchanges} == asked


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("models", [NO_MODELS, NAMED], ids=["unnamed", "named"])
def test_a_refused_key_is_said_once(tmp_path: Path, status: int, models: dict[str, str]) -> None:
    recording = run(tmp_path, CONTRACT, Alike(refusal(status, "Bad key.")), models=models)
    assert preflight(recording)[1].startswith("the key is refused: ")
    assert preflight(recording)[1].endswith(f"was answered {status} (Bad key.)")
    assert preflight(recording)[2] == "check the key (--api-key, --api-key-env or OPENAI_API_KEY)"
    assert stopped(recording)


def test_a_key_that_is_missing_is_asked_for(tmp_path: Path) -> None:
    recording = run(tmp_path, CONTRACT, Alike(refusal(401)), key=None)
    assert preflight(recording)[1].startswith("the target asks for a key: ")
    assert preflight(recording)[2] == "pass one: --api-key, --api-key-env or OPENAI_API_KEY"


def test_a_public_list_of_models_does_not_hide_a_refused_key(tmp_path: Path) -> None:
    for models in (NO_MODELS, NAMED):
        target = FakeTarget({"GET /v1/models": LISTING, CHAT_PATH: refusal(401)})
        recording = run(tmp_path / str(len(models)), CONTRACT, target, models=models)
        assert preflight(recording)[1].startswith(f"the key is refused: {CHAT_PATH}")
        assert target.names.count(CHAT_PATH) == 1


def test_a_list_that_is_forbidden_while_chat_answers_stops_nothing(tmp_path: Path) -> None:
    recording = run(tmp_path, CONTRACT, FakeTarget({**WORKING, "GET /v1/models": refusal(403)}), models=NAMED)
    assert preflight(recording) == ("ok", "", "")
    assert recording.skips == {}


@pytest.mark.parametrize("reply", [PAGE, refusal(429), LOST], ids=["page", "rate-limit", "lost"])
@pytest.mark.parametrize("models", [NO_MODELS, NAMED], ids=["unnamed", "named"])
def test_a_target_out_of_order_is_left_alone(tmp_path: Path, reply: Reply, models: dict[str, str]) -> None:
    recording = run(tmp_path, CONTRACT, Alike(reply), models=models)
    assert stopped(recording)
    assert len({exchange.case for exchange in recording.exchanges}) <= 3


def test_models_out_of_order_stop_nothing_where_chat_answers(tmp_path: Path) -> None:
    recording = run(tmp_path, CONTRACT, FakeTarget({**WORKING, "GET /v1/models": PAGE}), models=NAMED)
    assert preflight(recording)[0] == "ok"


def test_an_unknown_named_model_is_said_with_those_listed(tmp_path: Path) -> None:
    routes = {
        **WORKING,
        "GET /v1/models": listing("a", "b"),
        CHAT_PATH: refusal(404, "no", code="model_not_found"),
    }
    recording = run(tmp_path, CONTRACT, FakeTarget(routes), models=NAMED)
    assert preflight(recording) == (
        "stopped",
        f"the text model 'gpt-small' is unknown to the target: {CHAT_PATH} was answered 404 (no)",
        "GET /v1/models lists: a, b",
    )
    assert stopped(recording)


def test_a_listed_model_that_is_refused_is_a_finding_and_no_stop(tmp_path: Path) -> None:
    routes = {**WORKING, CHAT_PATH: refusal(404, "no", code="model_not_found")}
    recording = run(tmp_path, CONTRACT, FakeTarget(routes), models=NAMED)
    assert preflight(recording)[0] == "ok"


def test_a_chat_refused_for_another_reason_is_a_finding_and_no_stop(tmp_path: Path) -> None:
    routes = {**WORKING, "GET /v1/models": listing("a"), CHAT_PATH: refusal(400, "no such option")}
    recording = run(tmp_path, CONTRACT, FakeTarget(routes), models=NAMED)
    assert preflight(recording)[0] == "ok"


@pytest.mark.parametrize("models", [NO_MODELS, NAMED], ids=["unnamed", "named"])
def test_a_base_url_without_v1_earns_a_hint(tmp_path: Path, models: dict[str, str]) -> None:
    recording = run(tmp_path, CONTRACT, Alike(NO_PAGE), models=models, base="http://127.0.0.1:9")
    assert stopped(recording)
    assert "the base URL has no /v1: try http://127.0.0.1:9/v1" in preflight(recording)[2]


@pytest.mark.parametrize("models", [NO_MODELS, NAMED], ids=["unnamed", "named"])
def test_where_everything_is_404_nothing_more_is_sent(tmp_path: Path, models: dict[str, str]) -> None:
    for number, reply in enumerate((NO_PAGE, refusal(404, "No such path."))):
        recording = run(tmp_path / str(number), CONTRACT, Alike(reply), models=models)
        assert stopped(recording)


def test_the_first_listed_text_model_that_answers_is_taken(tmp_path: Path) -> None:
    routes = {
        **WORKING,
        "GET /v1/models": listing("text-embedding-3", "whisper-1", "broken", "good", "better"),
        CHAT_PATH: only("good", "better", otherwise=refusal(404, "no such model")),
    }
    target = FakeTarget(routes)
    recording = run(tmp_path, CONTRACT, target, models=NO_MODELS)
    assert recording.facts["models"] == {"text": "good"}
    assert [exchange.id for exchange in recording.of("discovery")] == ["discovery#0.1"]
    assert [exchange.id for exchange in recording.of(CHAT.id)] == ["chat/minimal/json#0.1"]
    assert {json.loads(request.body)["model"] for request in target.asked if request.body} == {
        "broken",
        "good",
    }
    assert json.loads(recording.of(OTHER.id)[0].request.body)["model"] == "good"


def test_models_of_other_purposes_are_tried_last(tmp_path: Path) -> None:
    routes = {**WORKING, "GET /v1/models": listing("only-embeddings")}
    recording = run(tmp_path, CONTRACT, FakeTarget(routes), models=NO_MODELS)
    assert recording.facts["models"] == {"text": "only-embeddings"}


def test_at_most_five_models_are_tried(tmp_path: Path) -> None:
    routes = {
        **WORKING,
        "GET /v1/models": listing(*"abcdefgh"),
        CHAT_PATH: only("h", otherwise=refusal(404)),
    }
    target = FakeTarget(routes)
    recording = run(tmp_path, CONTRACT, target, models=NO_MODELS)
    assert target.names.count(CHAT_PATH) == 5
    assert stopped(recording)
    assert preflight(recording) == (
        "stopped",
        "no text model was found: "
        "a was answered 404; b was answered 404; c was answered 404; d was answered 404; e was answered 404",
        "name one: --model text=ID",
    )


ODD_LISTS: list[Any] = [
    {},
    [],
    {"data": None},
    {"data": {}},
    {"data": [None, {}, {"id": 7}, {"id": ""}]},
    "text",
    None,
]


@pytest.mark.parametrize("document", ODD_LISTS, ids=repr)
def test_a_list_without_models_stops_a_run_that_needs_one(tmp_path: Path, document: Any) -> None:
    routes = {**WORKING, "GET /v1/models": json_reply(200, document)}
    recording = run(tmp_path, CONTRACT, FakeTarget(routes), models=NO_MODELS)
    assert preflight(recording) == (
        "stopped",
        "no text model was found: GET /v1/models lists none",
        "name one: --model text=ID",
    )


def test_everything_answered_with_an_empty_object_stops_or_is_judged(tmp_path: Path) -> None:
    everything = Alike(json_reply(200, {}))
    assert stopped(run(tmp_path / "unnamed", CONTRACT, everything, models=NO_MODELS))
    assert preflight(run(tmp_path / "named", CONTRACT, everything, models=NAMED))[0] == "ok"


def test_without_text_in_scope_no_model_is_looked_for(tmp_path: Path) -> None:
    target = FakeTarget(WORKING)
    recording = run(tmp_path, contract_of(MODELS, NONSENSE, VIDEO), target, models={"videos": "sora"})
    assert CHAT_PATH not in target.names
    assert recording.facts["models"] == {"text": "gpt-small"}


def test_a_limited_text_operation_alone_needs_no_model_that_answers(tmp_path: Path) -> None:
    legacy = Case(
        "completions/minimal/json",
        "POST /v1/completions",
        "completions",
        baseline=True,
        body={"model": "$model"},
    )
    target = FakeTarget({**WORKING, "POST /v1/completions": refusal(404)})
    recording = run(tmp_path, contract_of(MODELS, legacy), target, models=NO_MODELS)
    assert preflight(recording)[0] == "ok"
    assert json.loads(recording.of(legacy.id)[0].request.body)["model"] == "gpt-small"


def test_a_model_named_for_chat_alone_serves_the_other_text_operations(tmp_path: Path) -> None:
    legacy = Case(
        "completions/minimal/json",
        "POST /v1/completions",
        "completions",
        baseline=True,
        body={"model": "$model"},
    )
    target = FakeTarget(WORKING)
    recording = run(tmp_path, contract_of(MODELS, CHAT, legacy), target, models={CHAT_PATH: "own"})
    assert json.loads(recording.of(legacy.id)[0].request.body)["model"] == "own"


def test_a_contract_without_models_and_text_is_sent_at_once(tmp_path: Path) -> None:
    recording = run(tmp_path, contract_of(VIDEO), FakeTarget(WORKING))
    assert len(recording.exchanges) == 1


def test_a_target_that_talks_much_is_quoted_briefly(tmp_path: Path) -> None:
    recording = run(tmp_path, CONTRACT, Alike(refusal(401, "x" * 100_000 + "\x1b[2J")), models=NAMED)
    assert len(preflight(recording)[1]) < 400
    routes = {**WORKING, "GET /v1/models": listing("m\x1b[2J" * 10_000), CHAT_PATH: refusal(404)}
    reason = preflight(run(tmp_path / "listed", CONTRACT, FakeTarget(routes), models=NO_MODELS))[1]
    assert len(reason) < 400
    assert "\x1b" not in reason
