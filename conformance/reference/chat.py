"""POST /v1/chat/completions: the request's rules, the answer, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from conformance.exchange import Request, Response
from conformance.reference import errors
from conformance.reference.answers import JsonObject
from conformance.reference.bodies import json_body
from conformance.reference.chat_answer import Chat, Completion, chat_answer, usage_of
from conformance.reference.conversation import chat_turns
from conformance.reference.models import model_for
from conformance.reference.parameters import (
    Rule,
    array,
    boolean,
    check,
    either,
    integer,
    mapping,
    metadata,
    number,
    one_of,
    record,
    string,
    text,
)
from conformance.reference.sampling import Sample, sample
from conformance.reference.state import State
from conformance.reference.text import Turn, last_words, prompt_tokens, reply
from conformance.reference.tools import (
    Call,
    Choice,
    Function,
    call_tokens,
    calls,
    definition_tokens,
    fit_calls,
    function_of,
    read_choice,
)
from conformance.reference.values import structured

CONTEXT = 8_192

STOP: Rule = either("a string or an array of strings", string=text, array=array(text, most=4))
STREAM_OPTIONS: Rule = record({"include_usage": boolean, "include_obfuscation": boolean})
SERVICE_TIER: Rule = one_of("auto", "default", "flex", "scale", "priority", "fast", "ultrafast")

RULES: dict[str, Rule] = {
    "model": string(shortest=1),
    "messages": array(fewest=1),
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "n": integer(1, 128),
    "stop": STOP,
    "max_tokens": integer(1),
    "max_completion_tokens": integer(1),
    "presence_penalty": number(-2, 2),
    "frequency_penalty": number(-2, 2),
    "logit_bias": mapping,
    "logprobs": boolean,
    "top_logprobs": integer(0, 20),
    "seed": integer(),
    "stream": boolean,
    "stream_options": STREAM_OPTIONS,
    "response_format": mapping,
    "tools": array(mapping, most=128),
    "tool_choice": either("a string or an object", string=text, object=mapping),
    "parallel_tool_calls": boolean,
    "user": text,
    "safety_identifier": string(longest=64),
    "prompt_cache_key": text,
    "service_tier": SERVICE_TIER,
    "store": boolean,
    "metadata": metadata,
    "modalities": array(one_of("text", "audio")),
    "reasoning_effort": one_of("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    "verbosity": one_of("low", "medium", "high"),
    "prediction": mapping,
}
UNSUPPORTED = ("audio", "web_search_options", "functions", "function_call", "moderation")


def create_chat(state: State, request: Request) -> Response:
    """Answer a conversation, as JSON or as a stream."""
    body = json_body(request)
    check(body, RULES, ("model", "messages"))
    _check_combinations(body)
    model_for(state, body["model"], "text", "Chat Completions")
    return chat_answer(_answer(state, body))


def _check_combinations(body: JsonObject) -> None:
    for name in UNSUPPORTED:
        if body.get(name) is not None:
            raise errors.unsupported_parameter(name)
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise errors.invalid_value("top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true.")
    if body.get("stream_options") is not None and not body.get("stream"):
        raise errors.invalid_value(
            "stream_options", "'stream_options' is only allowed when 'stream' is true."
        )
    if "audio" in (body.get("modalities") or ()):
        raise errors.unsupported_value("modalities", "This model answers in text only.")


def _answer(state: State, body: JsonObject) -> Chat:
    turns = chat_turns(body["messages"])
    prompt = prompt_tokens(turns) + definition_tokens(body.get("tools"))
    if prompt > CONTEXT:
        raise errors.context_length_exceeded("messages", CONTEXT, prompt)
    choices = tuple(_complete(body, turns, index) for index in range(int(body.get("n") or 1)))
    call_ids = tuple(tuple(state.new_id("call_") for _ in choice.calls) for choice in choices)
    usage = usage_of(prompt, sum(choice.tokens for choice in choices))
    return Chat(body, state.new_id("chatcmpl-"), state.now(), choices, call_ids, usage)


def _complete(body: JsonObject, turns: Sequence[Turn], index: int) -> Completion:
    functions = _functions(body.get("tools") or ())
    choice = _choice(body.get("tool_choice"), functions)
    made = calls(turns, functions, choice, body.get("parallel_tool_calls") is not False)
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    limit = int(limit) if limit else None
    if made:
        return _cut_calls(made, limit)
    written = _formatted(body.get("response_format"), turns)
    if written is None:
        written = reply(turns, variation(body, index))
    said = sample(written, limit, stops_of(body.get("stop")))
    return Completion(said, len(said.tokens))


def variation(body: JsonObject, index: int) -> int:
    """Which wording a choice gets: reproducible for a seed, the same for all at temperature zero."""
    if body.get("temperature") == 0:
        return 0
    return int(body.get("seed") or 0) % 5 + index


def stops_of(stop: Any) -> tuple[str, ...]:
    """The stop strings of a request."""
    return (stop,) if isinstance(stop, str) else tuple(stop or ())


def _cut_calls(made: tuple[Call, ...], limit: int | None) -> Completion:
    """The calls within the limit; the one that does not fit is cut, as a real model's would be."""
    kept, cut = fit_calls(made, limit)
    total = sum(call_tokens(call) for call in kept)
    tokens = total if limit is None else min(total, limit)
    return Completion(Sample((), "length" if cut else "stop"), tokens, kept)


def _functions(tools: Sequence[JsonObject]) -> list[Function]:
    functions = []
    for index, tool in enumerate(tools):
        at = f"tools[{index}]"
        check(tool, {"type": text}, ("type",), at=f"{at}.")
        if tool["type"] != "function":
            raise errors.unsupported_value(f"{at}.type", "Only tools of type 'function' are supported.")
        check(tool, {"function": mapping}, ("function",), at=f"{at}.")
        functions.append(function_of(tool["function"], f"{at}.function"))
    return functions


def _choice(value: Any, functions: Sequence[Function]) -> Choice:
    named = value.get("function") if isinstance(value, dict) else None
    return read_choice(value, functions, named.get("name") if isinstance(named, dict) else None)


def _formatted(form: JsonObject | None, turns: Sequence[Turn]) -> str | None:
    """The text that a response format prescribes; None where words are free."""
    if form is None:
        return None
    check(form, {"type": one_of("text", "json_object", "json_schema")}, ("type",), at="response_format.")
    if form["type"] == "text":
        return None
    if form["type"] == "json_object":
        return json.dumps({"answer": reply(turns), "ok": True}, ensure_ascii=False)
    check(form, {"json_schema": mapping}, ("json_schema",), at="response_format.")
    schema = form["json_schema"]
    rules: dict[str, Rule] = {"name": string(shortest=1, longest=64), "schema": mapping, "strict": boolean}
    check(schema, rules, ("name",), at="response_format.json_schema.")
    return json.dumps(
        structured(schema.get("schema", {"type": "object"}), last_words(turns)[:40], "response_format"),
        ensure_ascii=False,
    )
