"""The strict official client over the reference target: what it breaks on, the contract must forbid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conformance.reference.server import serve

openai = pytest.importorskip("openai")
MESSAGES = [{"role": "user", "content": "Say hello."}]
TOOL = {"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        serve() as base,
        openai.OpenAI(
            base_url=base, api_key="sk-reference", max_retries=0, _strict_response_validation=True
        ) as client,
    ):
        yield client


def test_models(client: Any) -> None:
    assert [model.id for model in client.models.list()][:2] == ["ref-text", "ref/text-mini"]
    assert client.models.retrieve("ref/text-mini").id == "ref/text-mini"


def test_a_chat_and_its_request_id(client: Any) -> None:
    answer = client.chat.completions.create(model="ref-text", messages=MESSAGES)
    assert answer.choices[0].message.content == "Hello! How can I help you today?"
    assert answer._request_id.startswith("req_")


def test_the_chat_stream_helper_accumulates(client: Any) -> None:
    with client.chat.completions.stream(model="ref-text", messages=MESSAGES, n=2) as stream:
        stream.until_done()
        final = stream.get_final_completion()
    assert [choice.finish_reason for choice in final.choices] == ["stop", "stop"]
    assert final.choices[0].message.content == "Hello! How can I help you today?"


def test_streamed_chat_calls_accumulate(client: Any) -> None:
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": TOOL["parameters"]}}
    asked = [{"role": "user", "content": "What is the weather in Paris and in London?"}]
    with client.chat.completions.stream(model="ref-text", messages=asked, tools=[tool]) as stream:
        final = stream.get_final_completion()
    assert [call.function.name for call in final.choices[0].message.tool_calls] == ["get_weather"] * 2


def lenient(client: Any) -> Any:
    """The client as users have it: its types lack null in legacy chunks and user messages in compactions."""
    return client.with_options(_extra_kwargs={"_strict_response_validation": False})


def test_completions(client: Any) -> None:
    client = lenient(client)
    chunks = list(client.completions.create(model="ref-text", prompt="Why?", stream=True))
    whole = client.completions.create(model="ref-text", prompt="Why?")
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole.choices[0].text


def test_responses(client: Any) -> None:
    first = client.responses.create(model="ref-text", input="My name is Ada.")
    second = client.responses.create(
        model="ref-text", input="What is my name?", previous_response_id=first.id
    )
    assert second.output_text == "It is Ada."
    assert client.responses.retrieve(first.id) == first
    assert client.responses.cancel(first.id).status == "completed"


@pytest.mark.parametrize("prompt", ["Say hello.", "What is the weather in Paris?"])
def test_the_responses_stream_helper_accumulates(client: Any, prompt: str) -> None:
    options = {"tools": [TOOL], "reasoning": {"effort": "low", "summary": "auto"}}
    with client.responses.stream(model="ref-text", input=prompt, **options) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert final.output[0].type == "reasoning"


def test_a_replay_is_read_as_a_stream(client: Any) -> None:
    first = client.responses.create(model="ref-text", input="hi")
    numbers = [
        event.sequence_number for event in client.responses.retrieve(first.id, stream=True, starting_after=2)
    ]
    assert numbers[0] == 3


def test_compaction_and_counting(client: Any) -> None:
    client = lenient(client)
    compacted = client.responses.compact(model="ref-text", input="My name is Ada.")
    items = [item.model_dump(exclude_none=True, warnings=False) for item in compacted.output]
    answer = client.responses.create(
        model="ref-text", input=[*items, {"role": "user", "content": "What is my name?"}]
    )
    assert answer.output_text == "It is Ada."
    assert client.responses.input_tokens.count(model="ref-text", input="hi").input_tokens == 8


def test_refusals_become_typed_errors(client: Any) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="nope", messages=MESSAGES)
    assert caught.value.code == "model_not_found"
    assert caught.value.request_id.startswith("req_")
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="sk-wrong").models.list()
