from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from conformance.exchange import Exchange
from conformance.reference.state import State
from conformance.reference.switches import reference_with
from conformance.reference.variants import VARIANTS, Variant
from conformance.wire import sse
from tests.reference.client import Client
from tests.reference.corpus import CHAT, RESPONSES, all_exchanges
from tests.reference.socket_corpus import held

RECORDED = [one for one in VARIANTS.values() if one.where == "recording"]
BY_MEDIA = {"compresses_with_gzip"}
"""Variants of rows that the corpus of text exchanges does not hold, or of what its client asks for."""


@cache
def corpus() -> tuple[Exchange, ...]:
    return tuple(all_exchanges())


def name(one: Variant) -> str:
    return one.name


@pytest.mark.parametrize("one", [one for one in RECORDED if one.name not in BY_MEDIA], ids=name)
def test_a_variant_differs_somewhere(one: Variant) -> None:
    assert any(one.apply(exchange) != exchange for exchange in corpus())


@pytest.mark.parametrize("one", RECORDED, ids=name)
def test_what_a_variant_streams_can_still_be_parsed(one: Variant) -> None:
    for exchange in corpus():
        response = one.apply(exchange).response
        if response is not None and response.media_type == "text/event-stream":
            transcript = sse.parse(response.body)
            assert transcript.deviations == ()
            assert transcript.events


@pytest.mark.parametrize("one", RECORDED, ids=name)
def test_a_variant_keeps_the_length_true(one: Variant) -> None:
    for exchange in corpus():
        response = one.apply(exchange).response
        length = response.header("content-length") if response else None
        if response and length is not None:
            assert length == str(len(response.body))


def varied(variant: str) -> Client:
    client = Client(State())
    client.target = reference_with(variants=[variant], state=client.state)
    return client


def test_a_path_is_limited_once() -> None:
    client = varied("limits_each_path_once")
    statuses = [
        client.send("GET", path).status for path in ("/v1/models", "/v1/models", "/v1/models/ref-text")
    ]
    assert statuses == [429, 200, 429]


def test_a_response_begins_with_reasoning() -> None:
    answer = varied("reasons_before_it_answers").post(RESPONSES, {"model": "ref-text", "input": "hi"})
    assert [item["type"] for item in answer["output"]] == ["reasoning", "message"]


def test_ids_of_another_form_can_be_used() -> None:
    client = varied("makes_ids_of_another_form")
    first = client.post(RESPONSES, {"model": "ref-text", "input": "My name is Ada."})["id"]
    assert "_" not in first
    assert client.get(f"{RESPONSES}/{first}")["id"] == first


def test_videos_take_longer() -> None:
    client = varied("takes_longer_for_videos")
    path = f"/v1/videos/{client.post('/v1/videos', {'prompt': 'a dot'})['id']}"
    assert [client.get(path)["status"] for _ in range(4)] == ["in_progress"] * 3 + ["completed"]


def test_calls_come_whole() -> None:
    tool: Any = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
    body = {
        "model": "ref-text",
        "messages": [{"role": "user", "content": "weather?"}],
        "tools": [tool],
        "stream": True,
    }
    *chunks, _ = varied("sends_the_whole_call_in_one_delta").events(CHAT, body)
    parts = [part for chunk in chunks for part in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert [json.loads(part["function"]["arguments"]) for part in parts] == [{}]


def test_conversations_have_more_fields_too() -> None:
    exchange = held(varied("adds_fields"), "/v1/realtime?model=ref-realtime")
    assert "x_extra" in json.loads(exchange.frames[0].data)["session"]
    plain = held(Client(State()), "/v1/realtime?model=ref-realtime")
    assert VARIANTS["adds_fields"].apply(plain).frames != plain.frames


def test_gzip_is_for_those_who_accept_it() -> None:
    client = varied("compresses_with_gzip")
    accepting = (("Accept-Encoding", "gzip, br"),)
    assert client.send("GET", "/v1/models", headers=accepting).header("content-encoding") == "gzip"
    assert client.send("GET", "/v1/models").header("content-encoding") is None
