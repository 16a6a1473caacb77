from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from conformance.cases import Case, Poll
from conformance.errors import RecordingError, UsageError
from conformance.exchange import Request
from conformance.plan import make_plan
from conformance.probing.prober import ProbeOptions, probe
from conformance.probing.recording import Recorder, read
from conformance.probing.transport import Reply
from conformance.target import Selection, Target
from tests.probing.small import (
    BASE,
    CHAT,
    CHATTED,
    CLOSED_PORT,
    KEY,
    LOST,
    MODELS,
    NONSENSE,
    PAGE,
    SHORT,
    VIDEO,
    WORKING,
    FakeTarget,
    again,
    contract_of,
    json_reply,
    refusal,
    run,
)

RETRIEVE = Case(
    "video/retrieve/known",
    "GET /v1/videos/{video_id}",
    "video",
    params={"video_id": "$from:videos/create/json#/id"},
)


def test_every_case_is_sent_once_and_recorded(tmp_path: Path) -> None:
    target = FakeTarget(WORKING)
    recording = run(tmp_path, contract_of(MODELS, NONSENSE, CHAT, VIDEO, RETRIEVE), target)
    assert {exchange.id for exchange in recording.exchanges} == {
        "models/list/all#0.1",
        "models/unknown-path/nonsense#0.1",
        "chat/minimal/json#0.1",
        "videos/create/json#0.1",
        "video/retrieve/known#0.1",
    }
    assert len(target.asked) == 5
    assert recording.skips == {}
    assert recording.facts == {"preflight": {"status": "ok", "reason": "", "hint": ""}}
    assert not recording.interrupted


def test_nonsense_then_models_then_chat_come_before_everything_else(tmp_path: Path) -> None:
    target = FakeTarget(WORKING)
    run(tmp_path, contract_of(VIDEO, CHAT, MODELS, NONSENSE), target)
    assert target.names == [
        "GET /v1/no-such-thing",
        "GET /v1/models",
        "POST /v1/chat/completions",
        "POST /v1/videos",
    ]


def test_a_value_of_an_earlier_answer_is_sent(tmp_path: Path) -> None:
    target = FakeTarget(WORKING)
    run(tmp_path, contract_of(MODELS, CHAT, RETRIEVE, VIDEO), target)
    assert target.names[-1] == "GET /v1/videos/video_1"


def test_concurrency_is_bounded_and_used(tmp_path: Path) -> None:
    target = FakeTarget(WORKING, wait=0.005)
    cases = [again(CHAT, f"chat/many/{number}") for number in range(20)]
    run(tmp_path, contract_of(MODELS, CHAT, *cases), target, options=ProbeOptions(concurrency=3, waits=SHORT))
    assert target.most_at_once == 3


def test_the_head_of_the_longest_chain_goes_first(tmp_path: Path) -> None:
    target = FakeTarget(WORKING)
    others = [again(MODELS, f"models/many/{number}", query={"n": str(number)}) for number in range(3)]
    contract = contract_of(MODELS, CHAT, *others, VIDEO, RETRIEVE)
    run(tmp_path, contract, target, options=ProbeOptions(concurrency=1, waits=SHORT))
    assert target.names[2] == "POST /v1/videos"


def test_a_refused_baseline_shuts_a_limited_operation(tmp_path: Path) -> None:
    target = FakeTarget({**WORKING, "POST /v1/videos": refusal(403, "Videos are not enabled.")})
    other = again(VIDEO, "videos/create/long")
    free = again(VIDEO, "videos/malformed/cut", raw="{", consent=False, expects="refusal")
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO, other, free), target)
    assert set(recording.skips) == {"videos/create/long"}
    skip = recording.skips["videos/create/long"]
    assert skip.kind == "gated"
    assert skip.reason == ("not available: videos/create/json was answered 403 (Videos are not enabled.)")
    assert len(recording.of("videos/malformed/cut")) == 1


def test_what_follows_from_a_gated_operation_is_gated_too(tmp_path: Path) -> None:
    target = FakeTarget({**WORKING, "POST /v1/videos": refusal(403)})
    content = again(RETRIEVE, "video/retrieve/again", params={"video_id": "$from:video/retrieve/known#/id"})
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO, RETRIEVE, content), target)
    assert {case: skip.kind for case, skip in recording.skips.items()} == {
        "video/retrieve/known": "gated",
        "video/retrieve/again": "gated",
    }


def test_what_follows_from_a_refused_capability_is_gated_and_nothing_else(tmp_path: Path) -> None:
    tools = again(CHAT, "chat/tools/auto", capability="tools", path="/v1/tools")
    answer = again(CHAT, "chat/tools/answer", body={"id": "$from:chat/tools/auto#/id"})
    plain = again(CHAT, "chat/other/json")
    recording = run(
        tmp_path,
        contract_of(MODELS, CHAT, tools, answer, plain),
        FakeTarget({**WORKING, "POST /v1/tools": refusal(400, "No tools.")}),
    )
    assert {case: skip.kind for case, skip in recording.skips.items()} == {"chat/tools/answer": "gated"}


@pytest.mark.parametrize("status", [401, 408, 429])
def test_a_refused_key_or_a_limit_gates_nothing(tmp_path: Path, status: int) -> None:
    target = FakeTarget({**WORKING, "POST /v1/videos": refusal(status)})
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO, again(VIDEO, "videos/create/long")), target)
    assert recording.skips == {}


def test_a_failed_baseline_of_a_ready_operation_stops_only_what_takes_a_value_from_it(tmp_path: Path) -> None:
    embeddings = Case(
        "embeddings/minimal/one", "POST /v1/embeddings", "embeddings", baseline=True, body={"input": "a"}
    )
    independent = again(embeddings, "embeddings/batch/two", body={"input": ["a", "b"]})
    dependent = again(
        embeddings, "embeddings/again/same", body={"input": "$from:embeddings/minimal/one#/data/0"}
    )
    target = FakeTarget({**WORKING, "POST /v1/embeddings": PAGE})
    recording = run(
        tmp_path,
        contract_of(MODELS, CHAT, embeddings, independent, dependent),
        target,
        models={"text": "gpt-small", "embeddings": "e"},
    )
    assert len(recording.of("embeddings/batch/two")) == 1
    assert recording.skips["embeddings/again/same"].kind == "prerequisite"
    assert recording.skips["embeddings/again/same"].reason == "embeddings/minimal/one was answered 500"


def test_a_missing_value_is_named(tmp_path: Path) -> None:
    case = again(RETRIEVE, "video/retrieve/odd", params={"video_id": "$from:videos/create/json#/nowhere"})
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO, case), FakeTarget(WORKING))
    assert recording.skips["video/retrieve/odd"].reason == "the answer to videos/create/json has no /nowhere"


def test_order_alone_needs_no_success_but_a_consequence_does(tmp_path: Path) -> None:
    first = again(MODELS, "models/first/one", path="/v1/first")
    ordered = again(MODELS, "models/second/ordered", path="/v1/second", after=("models/first/one",))
    owed = again(ordered, "models/second/owed", expects="refusal")
    recording = run(tmp_path, contract_of(MODELS, CHAT, first, ordered, owed), FakeTarget(WORKING))
    assert len(recording.of("models/second/ordered")) == 1
    assert recording.skips["models/second/owed"].kind == "prerequisite"


@pytest.mark.parametrize(
    "trouble", [refusal(429), PAGE.__class__(dataclasses.replace(PAGE.response, status=503)), LOST]
)
def test_passing_trouble_is_tried_again_and_every_attempt_is_recorded(
    tmp_path: Path, trouble: object
) -> None:
    target = FakeTarget({**WORKING, "POST /v1/videos": [trouble, trouble, WORKING["POST /v1/videos"]]})
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO), target)
    attempts = recording.of("videos/create/json")
    assert [exchange.id for exchange in attempts] == [f"videos/create/json#0.{n}" for n in (1, 2, 3)]
    assert attempts[-1].response is not None
    assert attempts[-1].response.status == 200


def test_no_more_than_three_attempts_are_made(tmp_path: Path) -> None:
    target = FakeTarget({**WORKING, "POST /v1/videos": LOST})
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO), target)
    assert len(recording.of("videos/create/json")) == 3


LIMITED = refusal(429, "Slow down.", ("Retry-After", "0.1"))


def test_a_rate_limit_holds_everyone_back_as_long_as_it_says(tmp_path: Path) -> None:
    others = [again(CHAT, f"chat/many/{number}", path=f"/v1/many/{number}") for number in range(3)]
    target = FakeTarget({**WORKING, "POST /v1/videos": [LIMITED, WORKING["POST /v1/videos"]]}, wait=0.001)
    options = ProbeOptions(concurrency=1, waits=dataclasses.replace(SHORT, longest=30.0))
    run(tmp_path, contract_of(MODELS, CHAT, VIDEO, *others), target, options=options)
    limited = target.names.index("POST /v1/videos")
    assert target.names[limited + 1 :].count("POST /v1/videos") == 1
    assert all(at - target.times[limited] >= 0.1 for at in target.times[limited + 1 :])


def test_a_rate_limit_is_obeyed_no_longer_than_our_longest_wait(tmp_path: Path) -> None:
    later = refusal(429, "Come back in a minute.", ("Retry-After", "60"))
    target = FakeTarget({**WORKING, "POST /v1/videos": later})
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO), target)
    assert len(recording.of("videos/create/json")) == 3


@pytest.mark.parametrize("status", [429, 503])
def test_a_target_that_asks_for_more_than_all_our_patience_is_not_asked_again(
    status: int, tmp_path: Path
) -> None:
    tomorrow = refusal(status, "Come back tomorrow.", ("Retry-After", "86400"))
    target = FakeTarget({**WORKING, "POST /v1/videos": tomorrow})
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO), target)
    assert len(recording.of("videos/create/json")) == 1


def test_where_patience_has_ended_a_rate_limit_is_taken_as_it_is(tmp_path: Path) -> None:
    options = ProbeOptions(waits=dataclasses.replace(SHORT, longest=30.0, patience=0.15))
    cases = [again(VIDEO, f"videos/many/{number}") for number in range(4)]
    target = FakeTarget({**WORKING, "POST /v1/videos": LIMITED})
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO, *cases), target, options=options)
    assert all(len(recording.of(case.id)) >= 1 for case in (VIDEO, *cases))
    assert len(recording.exchanges) < 2 + 5 * 3


def test_a_budget_that_ends_between_attempts_is_said(tmp_path: Path) -> None:
    target = FakeTarget({**WORKING, "POST /v1/videos": LOST})
    options = ProbeOptions(max_requests=4, waits=SHORT)
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO), target, options=options)
    assert len(recording.of("videos/create/json")) == 2
    assert recording.skips["videos/create/json"].kind == "budget"


def test_a_fault_is_not_tried_again(tmp_path: Path) -> None:
    target = FakeTarget({**WORKING, "POST /v1/videos": PAGE})
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO), target)
    assert len(recording.of("videos/create/json")) == 1


def test_repetitions_are_sent_together(tmp_path: Path) -> None:
    target = FakeTarget(WORKING, wait=0.005)
    recording = run(tmp_path, contract_of(MODELS, CHAT, again(MODELS, "models/list/again", repeat=3)), target)
    assert [exchange.step for exchange in recording.of("models/list/again")] == [0, 1, 2]
    assert target.most_at_once == 3


POLLED = dataclasses.replace(
    RETRIEVE, id="video/poll/until-done", poll=Poll("/status", ("completed", "failed"), times=4)
)


def test_a_poll_ends_with_the_wanted_value(tmp_path: Path) -> None:
    waiting = json_reply(200, {"id": "video_1", "status": "queued"}, ("openai-poll-after-ms", "1"))
    target = FakeTarget(
        {**WORKING, "GET /v1/videos/video_1": [waiting, waiting, WORKING["GET /v1/videos/video_1"]]}
    )
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO, POLLED), target)
    assert [exchange.step for exchange in recording.of("video/poll/until-done")] == [0, 1, 2]


def test_a_poll_without_end_is_bounded(tmp_path: Path) -> None:
    waiting = json_reply(200, {"id": "video_1", "status": "queued"})
    target = FakeTarget({**WORKING, "GET /v1/videos/video_1": waiting})
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO, POLLED), target)
    assert len(recording.of("video/poll/until-done")) == 4


def test_a_spent_budget_is_said_of_every_case_that_was_not_sent(tmp_path: Path) -> None:
    target = FakeTarget(WORKING)
    cases = [again(CHAT, f"chat/many/{number}") for number in range(5)]
    recording = run(
        tmp_path, contract_of(MODELS, CHAT, *cases), target, options=ProbeOptions(max_requests=4, waits=SHORT)
    )
    assert len(target.asked) == 4
    assert {skip.kind for skip in recording.skips.values()} == {"budget"}
    assert len(recording.skips) == 3


def test_a_budget_below_preflight_sends_nothing_more(tmp_path: Path) -> None:
    target = FakeTarget(WORKING)
    recording = run(
        tmp_path, contract_of(MODELS, CHAT, VIDEO), target, options=ProbeOptions(max_requests=1, waits=SHORT)
    )
    assert target.names == ["GET /v1/models"]
    assert set(recording.skips) == {"chat/minimal/json", "videos/create/json"}


def test_cases_without_consent_are_left_to_the_plan(tmp_path: Path) -> None:
    target = FakeTarget(WORKING)
    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO), target, models={"text": "gpt-small"})
    assert "POST /v1/videos" not in target.names
    assert recording.skips == {}


async def interrupted(folder: Path, target: FakeTarget) -> None:
    contract = contract_of(MODELS, CHAT, VIDEO, RETRIEVE)
    whom = Target(BASE, True, {"text": "gpt-small", "videos": "sora"})
    plan = make_plan(contract, whom, Selection())
    with Recorder(folder, {}, [KEY]) as recorder:
        running = asyncio.create_task(
            probe(plan, contract, whom, KEY, recorder, ProbeOptions(waits=SHORT), transport=target)
        )
        while "POST /v1/videos" not in target.names:
            await asyncio.sleep(0)
        running.cancel()
        await running


def test_an_interrupted_run_says_what_it_did_not_send(tmp_path: Path) -> None:
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted(tmp_path, FakeTarget(WORKING, wait=0.001)))
    recording = read(tmp_path)
    assert recording.interrupted
    assert {case: skip.kind for case, skip in recording.skips.items()} == {
        "videos/create/json": "interrupted",
        "video/retrieve/known": "interrupted",
    }


def test_an_interruption_during_preflight_keeps_what_was_answered(tmp_path: Path) -> None:
    class Interrupting(FakeTarget):
        async def send(self, request: Request, script: object) -> Reply:
            if request.path == "/v1/chat/completions":
                raise asyncio.CancelledError
            return await super().send(request, None)

    with pytest.raises(asyncio.CancelledError):
        run(tmp_path, contract_of(MODELS, CHAT, VIDEO), Interrupting(WORKING))
    recording = read(tmp_path)
    assert recording.interrupted
    assert {exchange.case for exchange in recording.exchanges} == {"models/list/all"}
    assert set(recording.skips) == {"chat/minimal/json", "videos/create/json"}


def test_a_resumed_run_tries_again_what_had_attempts_left(tmp_path: Path) -> None:
    contract = contract_of(MODELS, CHAT, VIDEO)
    flaky = FakeTarget({**WORKING, "POST /v1/videos": LOST})
    run(tmp_path, contract, flaky, options=ProbeOptions(max_requests=4, waits=SHORT))
    target = FakeTarget(WORKING)
    recording = run(tmp_path, contract, target, resume=True)
    assert target.names == ["POST /v1/videos"]
    assert [exchange.attempt for exchange in recording.of("videos/create/json")] == [1, 2, 3]


def test_a_resumed_poll_goes_on_where_it_was(tmp_path: Path) -> None:
    contract = contract_of(MODELS, CHAT, VIDEO, POLLED)
    waiting = json_reply(200, {"id": "video_1", "status": "queued"})
    run(
        tmp_path,
        contract,
        FakeTarget({**WORKING, "GET /v1/videos/video_1": waiting}),
        options=ProbeOptions(max_requests=5, waits=SHORT),
    )
    target = FakeTarget(WORKING)
    recording = run(tmp_path, contract, target, resume=True)
    assert target.names == ["GET /v1/videos/video_1"]
    assert [exchange.step for exchange in recording.of("video/poll/until-done")] == [0, 1, 2]


def test_an_error_of_ours_ends_the_run_and_leaves_it_partial(tmp_path: Path) -> None:
    class Broken(FakeTarget):
        async def send(self, request: Request, script: object) -> Reply:
            if request.path == "/v1/videos":
                raise ZeroDivisionError
            return await super().send(request, None)

    with pytest.raises(ZeroDivisionError):
        run(tmp_path, contract_of(MODELS, CHAT, VIDEO), Broken(WORKING))
    with pytest.raises(RecordingError):
        read(tmp_path)


def test_a_plan_with_nothing_to_send_sends_nothing(tmp_path: Path) -> None:
    target = FakeTarget(WORKING)
    recording = run(tmp_path, contract_of(VIDEO), target, models={})
    assert target.asked == []
    assert recording.finished_at is not None


def test_a_resumed_run_sends_nothing_that_was_answered(tmp_path: Path) -> None:
    contract = contract_of(MODELS, NONSENSE, CHAT, VIDEO, RETRIEVE)
    run(tmp_path, contract, FakeTarget(WORKING), options=ProbeOptions(max_requests=4, waits=SHORT))
    target = FakeTarget(WORKING)
    recording = run(tmp_path, contract, target, resume=True)
    assert target.names == ["GET /v1/videos/video_1"]
    assert recording.skips == {}
    assert len(recording.exchanges) == 5


def test_a_resumed_discovery_asks_no_model_twice(tmp_path: Path) -> None:
    def answer(request: object) -> object:
        return CHATTED if b"gpt-small" in request.body else refusal(404, "no such model")  # type: ignore[attr-defined]

    routes = {**WORKING, "POST /v1/chat/completions": answer}
    contract = contract_of(MODELS, CHAT)
    first = run(tmp_path, contract, FakeTarget(routes), models={})
    target = FakeTarget(routes)
    again_ = run(tmp_path, contract, target, models={}, resume=True)
    assert target.asked == []
    assert {exchange.id for exchange in again_.exchanges} == {exchange.id for exchange in first.exchanges}


def test_a_request_that_cannot_be_made_ends_the_run(tmp_path: Path) -> None:
    options = ProbeOptions(headers=(("X-Odd", "a\nb"),), waits=SHORT)
    with pytest.raises(UsageError, match="X-Odd"):
        run(tmp_path, contract_of(MODELS, CHAT), FakeTarget(WORKING), options=options)


def test_a_closed_port_is_asked_nothing_more(tmp_path: Path) -> None:
    class Closed(FakeTarget):
        def _reply(self, request: object) -> object:  # type: ignore[override]
            return CLOSED_PORT

    recording = run(tmp_path, contract_of(MODELS, CHAT, VIDEO), Closed({}))
    assert recording.facts["preflight"]["status"] == "stopped"
    assert recording.facts["preflight"]["reason"] == f"nothing answers at {BASE}: Connection refused"
    assert {skip.kind for skip in recording.skips.values()} == {"preflight"}
    assert set(recording.skips) == {"chat/minimal/json", "videos/create/json"}
