from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reference.client import Client

PATH = "/v1/chat/completions"
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def ask(prompt: str, **options: Any) -> dict[str, Any]:
    return {"model": "ref-text", "messages": [{"role": "user", "content": prompt}], **options}


def test_an_answer_has_every_field(client: Client) -> None:
    answer = client.post(PATH, ask("Say hello."))
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "ref-text"
    assert answer["created"] == 1_750_000_000
    assert answer["choices"] == [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Hello! How can I help you today?",
                "refusal": None,
                "annotations": [],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_longer_prompt_costs_more(client: Client) -> None:
    costs = [
        client.post(PATH, ask(text))["usage"]["prompt_tokens"] for text in ("hi", "hi there, good friend")
    ]
    assert costs[0] < costs[1]


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_the_limit_cuts_at_its_last_token(client: Client, name: str) -> None:
    answer = client.post(PATH, ask("Tell a long story.", **{name: 7}))
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 7


def test_a_stop_string_ends_the_text_and_is_left_out(client: Client) -> None:
    answer = client.post(PATH, ask("Count from 1 to 9.", stop=["4", "7"]))
    assert answer["choices"][0]["message"]["content"] == "1, 2, 3, "
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_n_gives_as_many_choices_and_counts_them_all(client: Client) -> None:
    answer = client.post(PATH, ask("Why?", n=3))
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    assert len({choice["message"]["content"] for choice in answer["choices"]}) == 3


def test_a_seed_and_temperature_zero_repeat(client: Client) -> None:
    contents = [
        client.post(PATH, ask("Why?", seed=3, temperature=t))["choices"][0]["message"] for t in (0, 0, 1, 1)
    ]
    assert contents[0] == contents[1]
    assert contents[2] == contents[3]


def test_it_remembers_earlier_turns(client: Client) -> None:
    messages = [
        {"role": "user", "content": "My name is Ada."},
        {"role": "assistant", "content": ""},
        {"role": "user", "content": "What is my name?"},
    ]
    answer = client.post(PATH, {"model": "ref-text", "messages": messages})
    assert answer["choices"][0]["message"]["content"] == "It is Ada."


def test_unicode_comes_back_as_it_was(client: Client) -> None:
    answer = client.post(PATH, ask("Repeat exactly: Grüße, 世界! 👩‍👩‍👧"))
    assert answer["choices"][0]["message"]["content"] == "Grüße, 世界! 👩‍👩‍👧"


@pytest.mark.parametrize(
    "choice", ["auto", "required", {"type": "function", "function": {"name": "get_weather"}}]
)
def test_a_tool_is_called_with_arguments_that_fit_its_schema(client: Client, choice: Any) -> None:
    answer = client.post(PATH, ask("What is the weather in Paris?", tools=[TOOL], tool_choice=choice))
    (made,) = answer["choices"][0]["message"]["tool_calls"]
    assert made["type"] == "function"
    assert json.loads(made["function"]["arguments"]) == {"city": "Paris"}
    assert answer["choices"][0]["finish_reason"] == "tool_calls"
    assert answer["choices"][0]["message"]["content"] is None


def test_tools_are_not_called_when_not_wanted_or_not_needed(client: Client) -> None:
    none = client.post(PATH, ask("What is the weather in Paris?", tools=[TOOL], tool_choice="none"))
    unrelated = client.post(PATH, ask("Say hello.", tools=[TOOL]))
    assert "tool_calls" not in none["choices"][0]["message"]
    assert "tool_calls" not in unrelated["choices"][0]["message"]


def test_two_cities_are_two_calls_unless_parallel_calls_are_off(client: Client) -> None:
    prompt = "What is the weather in Paris and in London?"
    both = client.post(PATH, ask(prompt, tools=[TOOL]))["choices"][0]["message"]["tool_calls"]
    one = client.post(PATH, ask(prompt, tools=[TOOL], parallel_tool_calls=False))["choices"][0]["message"][
        "tool_calls"
    ]
    assert [json.loads(call["function"]["arguments"])["city"] for call in both] == ["Paris", "London"]
    assert len({call["id"] for call in both}) == 2
    assert len(one) == 1


def test_a_tool_result_is_answered_in_words(client: Client) -> None:
    first = client.post(PATH, ask("What is the weather in Paris?", tools=[TOOL]))["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": first["tool_calls"][0]["id"], "content": "18 degrees"}
    body = ask("What is the weather in Paris?", tools=[TOOL])
    body["messages"] += [first, result]
    assert "18 degrees" in client.post(PATH, body)["choices"][0]["message"]["content"]


def test_a_tool_result_without_its_call_is_refused(client: Client) -> None:
    body = ask("hi")
    body["messages"].append({"role": "tool", "tool_call_id": "call_x", "content": ""})
    assert client.refusal("POST", PATH, body) == (400, "invalid_value", "messages[1].tool_call_id")


def test_calls_are_cut_by_the_limit(client: Client) -> None:
    answer = client.post(PATH, ask("What is the weather in Paris?", tools=[TOOL], max_tokens=9))
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 9


def test_json_mode_gives_json(client: Client) -> None:
    answer = client.post(PATH, ask("Answer in JSON.", response_format={"type": "json_object"}))
    assert isinstance(json.loads(answer["choices"][0]["message"]["content"]), dict)


def test_a_schema_is_obeyed(client: Client) -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "age": {"type": "integer", "minimum": 3},
            "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2},
            "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        },
        "required": ["name", "age", "tags"],
    }
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema, "strict": True}}
    content = client.post(PATH, ask("Invent a person.", response_format=form))["choices"][0]["message"][
        "content"
    ]
    value = json.loads(content)
    assert isinstance(value["name"], str)
    assert value["age"] == 3
    assert value["tags"] == ["a", "a"]


def test_logprobs_cover_the_content(client: Client) -> None:
    choice = client.post(PATH, ask("Say hello.", logprobs=True, top_logprobs=2))["choices"][0]
    entries = choice["logprobs"]["content"]
    assert "".join(entry["token"] for entry in entries) == choice["message"]["content"]
    assert all(len(entry["top_logprobs"]) == 2 and entry["logprob"] <= 0 for entry in entries)
    assert (
        bytes(byte for entry in entries for byte in entry["bytes"]).decode() == choice["message"]["content"]
    )


def content_of(chunks: list[Any], index: int = 0) -> str:
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"] if choice["index"] == index]
    return "".join(delta.get("content") or "" for delta in deltas)


def test_a_stream_says_what_the_answer_says(client: Client) -> None:
    whole = client.post(PATH, ask("Why?", n=2))
    *chunks, done = client.events(PATH, ask("Why?", n=2, stream=True))
    assert done == "[DONE]"
    assert [content_of(chunks, index) for index in (0, 1)] == [
        choice["message"]["content"] for choice in whole["choices"]
    ]
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    assert "usage" not in chunks[0]


def test_a_stream_ends_each_choice_once(client: Client) -> None:
    chunks = client.events(PATH, ask("Why?", n=2, stream=True))[:-1]
    finishes = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]]
    assert sorted(filter(None, finishes)) == ["stop", "stop"]
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}


def test_usage_comes_last_when_asked_for(client: Client) -> None:
    whole = client.post(PATH, ask("Why?"))
    body = ask("Why?", stream=True, stream_options={"include_usage": True})
    *chunks, last, done = client.events(PATH, body)
    assert done == "[DONE]"
    assert last["choices"] == []
    assert last["usage"] == whole["usage"]
    assert {chunk["usage"] for chunk in chunks} == {None}


def test_streamed_calls_name_themselves_once(client: Client) -> None:
    body = ask("What is the weather in Paris and in London?", tools=[TOOL], stream=True)
    *chunks, _ = client.events(PATH, body)
    parts = [part for chunk in chunks for part in chunk["choices"][0]["delta"].get("tool_calls", ())]
    assert [part["index"] for part in parts if "id" in part] == [0, 1]
    arguments = [
        "".join(p["function"]["arguments"] for p in parts if p["index"] == index) for index in (0, 1)
    ]
    assert [json.loads(text) for text in arguments] == [{"city": "Paris"}, {"city": "London"}]
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_streamed_logprobs_go_with_their_token(client: Client) -> None:
    *chunks, _ = client.events(PATH, ask("Say hello.", stream=True, logprobs=True))
    with_text = [chunk["choices"][0] for chunk in chunks if chunk["choices"][0]["delta"].get("content")]
    assert all(one["logprobs"]["content"][0]["token"] == one["delta"]["content"] for one in with_text)


def test_an_error_known_before_the_stream_is_no_stream(client: Client) -> None:
    assert client.refusal("POST", PATH, ask("hi", stream=True, model="nope"))[0] == 404
