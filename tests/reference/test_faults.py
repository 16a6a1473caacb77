from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance.exchange import Exchange, Failure
from conformance.reference.editing import is_stream
from conformance.reference.faults import FAULTS, Fault, lied, lying
from conformance.reference.faults.frame import fault
from conformance.reference.state import KEY, State
from conformance.reference.switches import reference_with
from tests.reference.client import Client
from tests.reference.corpus import CHAT, RESPONSES, all_exchanges
from tests.reference.socket_corpus import held

RECORDED = [one for one in FAULTS.values() if one.where == "recording" and not one.remembers]
TOLD = [one for one in FAULTS.values() if one.where == "wire"]
LENGTHS = {"promises_more_bytes_than_it_sends", "cuts_bodies_off", "sends_a_length_and_chunks"}


@cache
def corpus() -> tuple[Exchange, ...]:
    return tuple(all_exchanges())


def name(one: Fault) -> str:
    return one.name


@pytest.mark.parametrize("one", RECORDED, ids=name)
def test_a_fault_lies_always_alike_and_keeps_the_length_true(one: Fault) -> None:
    told = [(exchange, lied(exchange, one)) for exchange in corpus()]
    altered = [(before, after) for before, after in told if after != before]
    for before, after in altered:
        assert after == lied(before, one)
        length = after.response.header("content-length") if after.response else None
        if after.response and length is not None and one.name not in LENGTHS:
            assert length == str(len(after.response.body))


def test_a_lie_is_one_sentence() -> None:
    assert [one.name for one in FAULTS.values() if not one.lies.endswith(".") or len(one.lies) > 110] == []
    lies = [one.lies for one in FAULTS.values()]
    assert sorted({lie for lie in lies if lies.count(lie) > 1}) == []


def test_two_faults_cannot_share_a_name() -> None:
    def omits_usage(exchange: Exchange) -> Exchange:
        """Another lie."""
        return exchange

    with pytest.raises(ValueError, match="two faults are named omits_usage"):
        fault()(omits_usage)


def test_what_failed_already_is_left_alone() -> None:
    silent = replace(corpus()[0], response=None, failure=Failure("no_head", ""))
    assert {name(one) for one in RECORDED if lied(silent, one) != silent} == set()


def lying_client(fault_name: str) -> Client:
    client = Client(State())
    client.target = lying(client.target, (FAULTS[fault_name],))
    return client


def test_the_server_tells_the_recorded_lies_too() -> None:
    body = {"model": "ref-text", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    events = lying_client("drops_the_done_marker").events(CHAT, body)
    assert events[-1]["choices"][0]["finish_reason"] == "stop"


def test_lies_can_be_told_together() -> None:
    client = Client(State())
    client.target = reference_with(faults=["omits_usage", "ignores_n"])
    answer = client.post(CHAT, {"model": "ref-text", "messages": [{"role": "user", "content": "hi"}], "n": 2})
    assert "usage" not in answer
    assert len(answer["choices"]) == 1


@pytest.mark.parametrize("fault_name", ["asks_for_no_key", "takes_any_key", "lists_models_to_anyone"])
def test_keys_are_not_asked_for(fault_name: str) -> None:
    client = lying_client(fault_name)
    key = "sk-wrong" if fault_name == "takes_any_key" else None
    exchange = client.exchange("GET", "/v1/models", key=key)
    assert exchange.response is not None
    assert exchange.response.status == 200
    assert exchange.request.header("authorization") == (None if key is None else "Bearer sk-wrong")


@pytest.mark.parametrize(("key", "status"), [(f"{KEY}0000", 200), (KEY[:-1], 401), (None, 401)])
def test_only_the_start_of_the_key_is_compared(key: str | None, status: int) -> None:
    exchange = lying_client("compares_the_start_of_the_key").exchange("GET", "/v1/models", key=key)
    assert exchange.response is not None
    assert exchange.response.status == status


@pytest.mark.parametrize(("streams", "status"), [(True, 200), (False, 401)])
def test_a_stream_needs_no_key(streams: bool, status: int) -> None:
    body = {"model": "ref-text", "messages": [{"role": "user", "content": "hi"}], "stream": streams}
    exchange = lying_client("streams_to_anyone").exchange("POST", CHAT, body, key=None)
    assert exchange.response is not None
    assert exchange.response.status == status


def test_videos_are_handed_out_without_a_key() -> None:
    client = lying_client("hands_out_videos_to_anyone")
    made = client.post("/v1/videos", {"model": "ref-video", "prompt": "A cat."})["id"]
    assert statuses(client, "GET", f"/v1/videos/{made}", "/v1/videos/video_unknown") == [200, 401]
    assert statuses(client, "POST", f"/v1/videos/{made}/remix") == [401]


def test_responses_are_handed_out_without_a_key() -> None:
    client = lying_client("hands_out_responses_to_anyone")
    made = client.post(RESPONSES, {"model": "ref-text", "input": "hi"})["id"]
    assert statuses(client, "GET", f"{RESPONSES}/{made}", f"{RESPONSES}/resp_0") == [200, 401]
    assert statuses(client, "POST", f"{RESPONSES}/{made}/cancel") == [200]


def statuses(client: Client, method: str, *paths: str) -> list[int]:
    answers = [client.exchange(method, path, key=None).response for path in paths]
    return [answer.status for answer in answers if answer is not None]


def test_streamed_responses_are_forgotten() -> None:
    client = lying_client("forgets_streamed_responses")
    body: dict[str, Any] = {"model": "ref-text", "input": "hi"}
    whole = client.post(RESPONSES, body)["id"]
    streamed = client.events(RESPONSES, {**body, "stream": True})[0]["response"]["id"]
    client.post(RESPONSES, {**body, "previous_response_id": whole})
    refusal = client.refusal("POST", RESPONSES, {**body, "previous_response_id": streamed})
    assert refusal == (400, "previous_response_not_found", "previous_response_id")


def test_every_response_is_forgotten() -> None:
    client = lying_client("forgets_every_response")
    whole = client.post(RESPONSES, {"model": "ref-text", "input": "hi"})["id"]
    body = {"model": "ref-text", "input": "hi", "previous_response_id": whole}
    assert client.refusal("POST", RESPONSES, body)[0] == 400


def test_request_ids_repeat() -> None:
    client = lying_client("repeats_request_ids")
    assert {client.send("GET", "/v1/models").header("x-request-id") for _ in range(3)} == {"req_1"}


def test_everything_is_limited_but_the_models() -> None:
    client = lying_client("limits_every_request")
    assert client.send("GET", "/v1/models").status == 200
    assert client.send("POST", CHAT, {}).status == 429


def completed_video(client: Client) -> str:
    path = f"/v1/videos/{client.post('/v1/videos', {'prompt': 'a dot'})['id']}"
    for _ in range(3):
        client.get(path)
    return path


def test_a_video_never_completes() -> None:
    client = lying_client("never_completes_a_video")
    assert client.get(completed_video(client))["status"] == "in_progress"


def test_every_video_fails() -> None:
    client = lying_client("fails_every_video")
    failed = client.get(completed_video(client))
    assert (failed["status"], failed["error"]["code"]) == ("failed", "generation_failed")


def test_progress_falls() -> None:
    client = lying_client("lets_progress_fall")
    client.state.polls_to_complete = 9
    path = f"/v1/videos/{client.post('/v1/videos', {'prompt': 'a dot'})['id']}"
    assert [client.get(path)["progress"] for _ in range(3)] == [30, 20, 10]


def test_a_completed_video_is_in_progress_again() -> None:
    client = lying_client("moves_a_task_back")
    assert client.get(completed_video(client))["status"] == "in_progress"


def test_a_remix_takes_the_place_of_its_source() -> None:
    client = lying_client("remixes_in_place")
    path = completed_video(client)
    assert client.post(f"{path}/remix", {"prompt": "x"})["id"] == path.rpartition("/")[2]


def test_tasks_are_forgotten() -> None:
    client = lying_client("forgets_tasks")
    path = f"/v1/videos/{client.post('/v1/videos', {'prompt': 'a dot'})['id']}"
    assert client.refusal("GET", path)[0] == 404


def test_an_embedding_differs_each_time() -> None:
    client = lying_client("embeds_the_same_input_otherwise_each_time")
    body = {"model": "ref-embed", "input": "hi"}
    assert client.post("/v1/embeddings", body)["data"] != client.post("/v1/embeddings", body)["data"]


def test_sessions_tell_the_recorded_lies_too() -> None:
    client = lying_client("closes_before_it_says_anything")
    exchange = held(client, "/v1/realtime?model=ref-realtime")
    assert [frame.kind for frame in exchange.frames] == ["close"]


def test_nothing_follows_the_close_of_a_transcript() -> None:
    exchange = held(Client(State()), "/v1/realtime?model=ref-realtime", {"type": "response.create"})
    told = lied(exchange, FAULTS["closes_before_it_says_anything"])
    assert [frame.kind for frame in told.frames] == ["close"]


def test_a_listed_model_cannot_be_read() -> None:
    client = lying_client("lists_models_that_cannot_be_read")
    assert client.get("/v1/models")["data"][-1]["id"] == "ref-ghost"
    assert client.refusal("GET", "/v1/models/ref-ghost")[0] == 404


def test_every_wire_fault_is_tested_above() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [one.name for one in TOLD if f'"{one.name}"' not in text] == []


def test_edited_streams_keep_one_event_a_chunk() -> None:
    stream = next(exchange for exchange in corpus() if is_stream(exchange))
    edited = lied(stream, FAULTS["omits_the_object_of_chunks"]).response
    assert edited is not None
    assert all(chunk.data.endswith(b"\n\n") and chunk.data.count(b"data: ") == 1 for chunk in edited.chunks)


def test_unedited_events_keep_their_bytes() -> None:
    stream = next(exchange for exchange in corpus() if is_stream(exchange))
    edited = lied(stream, FAULTS["drops_the_done_marker"]).response
    assert edited is not None
    assert stream.response is not None
    assert stream.response.body == edited.body + b"data: [DONE]\n\n"
    assert json.loads(edited.chunks[0].data.removeprefix(b"data: "))["object"] == "chat.completion.chunk"
