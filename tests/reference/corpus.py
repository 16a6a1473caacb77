"""One exchange of every kind that the text faults lie about, made by the reference target itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.exchange import Exchange
from conformance.reference.state import Identifiers, State
from tests.reference.client import Client
from tests.reference.media_corpus import media_exchanges
from tests.reference.socket_corpus import socket_exchanges

CHAT, COMPLETIONS, RESPONSES = "/v1/chat/completions", "/v1/completions", "/v1/responses"
WEATHER = "What is the weather in Paris and in London?"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CHAT_TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}
TOOL = {"type": "function", "name": "get_weather", "parameters": SCHEMA}
CALL = {"id": "call_abcdef", "type": "function", "function": {"name": "get_weather", "arguments": '{"ci'}}


def new_client() -> Client:
    """A client of a fresh target whose answers are always the same."""
    return Client(State(clock=lambda: 1_750_000_000.0, new_id=Identifiers("corpus")))


def exchanges() -> list[Exchange]:
    """The corpus."""
    client = new_client()
    return [*_chats(client), *_completions(client), *_responses(client), *_others(client)]


def all_exchanges() -> list[Exchange]:
    """The corpus with media and conversations."""
    return [*exchanges(), *media_exchanges(new_client()), *socket_exchanges(new_client())]


def _chats(client: Client) -> Iterator[Exchange]:
    for options in _chat_options():
        messages = options.pop("messages", None) or [
            {"role": "user", "content": options.pop("prompt", "Say hello.")}
        ]
        body = {"model": "ref-text", "messages": messages, **options}
        yield client.exchange("POST", CHAT, body)
        streamed = {**body, "stream": True, "stream_options": {"include_usage": True}}
        yield client.exchange("POST", CHAT, streamed)
        yield client.exchange("POST", CHAT, {**body, "stream": True})


def _chat_options() -> Iterator[dict[str, Any]]:
    yield {}
    yield {"n": 3}
    yield {"max_completion_tokens": 16, "prompt": "Tell a story."}
    yield {"prompt": "Count from 1 to 9.", "stop": "5", "frequency_penalty": 0.1}
    yield {"prompt": WEATHER, "tools": [CHAT_TOOL]}
    yield {"prompt": WEATHER, "tools": [CHAT_TOOL], "tool_choice": "required"}
    yield {"prompt": WEATHER, "tools": [CHAT_TOOL], "tool_choice": "none"}
    named = {"type": "function", "function": {"name": "get_weather"}}
    yield {"prompt": WEATHER, "tools": [CHAT_TOOL], "tool_choice": named}
    yield {"response_format": {"type": "json_object"}}
    yield {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}}
    yield {"logprobs": True}
    yield {"logprobs": True, "top_logprobs": 2}
    yield {"messages": [{"role": "assistant", "content": ""}, {"role": "user", "content": "hi"}]}
    answered = {"role": "tool", "tool_call_id": "call_abcdef", "content": "18 degrees"}
    yield {"messages": [{"role": "assistant", "content": None, "tool_calls": [CALL]}, answered]}
    yield {"stream": False}
    yield {"temperature": 9}
    yield {"model": "nope"}


def _completions(client: Client) -> Iterator[Exchange]:
    for options in ({}, {"n": 2}, {"best_of": 3}, {"echo": True, "logprobs": 1}, {"seed": 7}):
        yield client.exchange("POST", COMPLETIONS, {"model": "ref-text", "prompt": "Why?", **options})
        body = {"model": "ref-text", "prompt": ["Why?", "How?"], "stream": True, **options}
        yield client.exchange("POST", COMPLETIONS, {**body, "stream_options": {"include_usage": True}})
    yield client.exchange("POST", COMPLETIONS, {"model": "ref-text", "prompt": ["Why?", "How?"]})


def _responses(client: Client) -> Iterator[Exchange]:
    first = client.post(RESPONSES, {"model": "ref-text", "input": "hi"})["id"]
    options: tuple[dict[str, Any], ...] = (
        {},
        {"metadata": {"a": "b"}, "temperature": 0.5},
        {"input": "Tell a story.", "max_output_tokens": 16},
        {"input": WEATHER, "tools": [TOOL]},
        {
            "input": "Invent a city.",
            "text": {"format": {"type": "json_schema", "name": "x", "schema": SCHEMA}},
        },
        {"reasoning": {"effort": "low", "summary": "auto"}},
        {"previous_response_id": first},
        {"previous_response_id": "resp_nope"},
        {"background": True},
    )
    for option in options:
        body = {"model": "ref-text", "input": "Say hello.", **option}
        yield client.exchange("POST", RESPONSES, body)
        yield client.exchange("POST", RESPONSES, {**body, "stream": True})
    yield client.exchange("GET", f"{RESPONSES}/{first}")
    yield client.exchange("GET", f"{RESPONSES}/{first}?stream=true&starting_after=2")
    for helper in ("compact", "input_tokens"):
        yield client.exchange(
            "POST", f"{RESPONSES}/{helper}", {"model": "ref-text", "input": "Say hello, please."}
        )


def _others(client: Client) -> Iterator[Exchange]:
    for path in ("/v1/models", "/v1/models/ref%2Ftext-mini", "/v1/models/nope", "/v1/nope", CHAT, RESPONSES):
        yield client.exchange("GET", path)
    for path in (
        "files",
        "batches",
        "vector_stores",
        "assistants",
        "conversations",
        "fine_tuning/jobs",
        "videos",
    ):
        yield client.exchange("GET", f"/v1/{path}")
    yield client.exchange("GET", "/v1/organization/projects")
    yield client.exchange("POST", "/v1/images/variations", {})
    yield client.exchange("POST", "/v1/images/generations", {})
    yield client.exchange("OPTIONS", CHAT, headers=(("Origin", "https://x.test"),))
    yield client.exchange("GET", "/v1/models", key=None)
    yield client.exchange("GET", "/v1/models", key="sk-wrong")
    yield client.exchange("GET", "/v1/models", headers=(("Origin", "https://x.test"),))
    yield client.exchange("POST", CHAT, b"{")
    yield client.exchange("POST", CHAT, {"model": "ref-text"})
    yield client.exchange("POST", CHAT, {"model": 7, "messages": []})
    yield client.exchange("POST", CHAT, b"{}", headers=(("Content-Type", ""),))
    yield _too_long(client)


def _too_long(client: Client) -> Exchange:
    """A refusal for its length; the request is kept short, so that reading the corpus stays quick."""
    messages = [{"role": "user", "content": "word " * 10_000}]
    exchange = client.exchange("POST", CHAT, {"model": "ref-text", "messages": messages})
    return replace(exchange, request=replace(exchange.request, body=b"{}"))
