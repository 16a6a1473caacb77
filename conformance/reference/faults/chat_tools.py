"""Lies of chat completions in calls, structured output and log probabilities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.reference.editing import (
    Answer,
)
from conformance.reference.faults.chat_json import CHAT
from conformance.reference.faults.frame import json_fault


def _calls(answer: Answer) -> Iterator[Any]:
    for choice in answer.body["choices"]:
        yield from choice["message"].get("tool_calls") or ()


# Tool calls


@json_fault(CHAT, defects=("D001",))
def returns_arguments_as_an_object(answer: Answer) -> None:
    """arguments is an object instead of JSON text."""
    for call in _calls(answer):
        call["function"]["arguments"] = json.loads(call["function"]["arguments"])


@json_fault(CHAT, defects=("D003",))
def cuts_arguments_and_calls_them_whole(answer: Answer) -> None:
    """arguments breaks off in mid-JSON although finish_reason is tool_calls."""
    for call in _calls(answer):
        text = call["function"]["arguments"]
        call["function"]["arguments"] = text[: len(text) // 2]


@json_fault(CHAT)
def omits_the_call_id(answer: Answer) -> None:
    """Tool calls have no id."""
    for call in _calls(answer):
        del call["id"]


@json_fault(CHAT)
def gives_every_call_one_id(answer: Answer) -> None:
    """All calls of an answer share one id."""
    for call in _calls(answer):
        call["id"] = "call_0"


@json_fault(CHAT)
def omits_the_call_type(answer: Answer) -> None:
    """Tool calls have no type."""
    for call in _calls(answer):
        del call["type"]


@json_fault(CHAT)
def calls_a_function_something_else(answer: Answer) -> None:
    """Calls of functions have the type tool."""
    for call in _calls(answer):
        call["type"] = "tool"


@json_fault(CHAT)
def calls_a_function_nobody_offered(answer: Answer) -> None:
    """A call names a function that is not among the tools."""
    for call in _calls(answer):
        call["function"]["name"] = "search_the_web"


@json_fault(CHAT)
def says_stop_where_tools_are_called(answer: Answer) -> None:
    """finish_reason is stop although tools were called freely."""
    if answer.sent.get("tool_choice", "auto") == "auto":
        for choice in answer.body["choices"]:
            if choice["finish_reason"] == "tool_calls":
                choice["finish_reason"] = "stop"


@json_fault(CHAT)
def calls_a_tool_though_told_not_to(answer: Answer) -> None:
    """A tool is called although tool_choice is none."""
    if answer.sent.get("tool_choice") == "none":
        function = {"name": answer.sent["tools"][0]["function"]["name"], "arguments": "{}"}
        call = {"id": "call_0", "type": "function", "function": function}
        choice = answer.body["choices"][0]
        choice["message"].update(content=None, tool_calls=[call])
        choice["finish_reason"] = "tool_calls"


@json_fault(CHAT)
def answers_in_words_where_a_call_is_required(answer: Answer) -> None:
    """No tool is called although tool_choice forces one."""
    if answer.sent.get("tool_choice") not in (None, "auto", "none"):
        for choice in answer.body["choices"]:
            choice["message"].pop("tool_calls", None)
            choice["message"]["content"] = "It is sunny."
            choice["finish_reason"] = "stop"


# Structured output


@json_fault(CHAT)
def answers_json_mode_in_prose(answer: Answer) -> None:
    """The text is not JSON although json_object was asked for."""
    if (answer.sent.get("response_format") or {}).get("type") == "json_object":
        for choice in answer.body["choices"]:
            choice["message"]["content"] = f"Sure! Here it is: {choice['message']['content']}"


@json_fault(CHAT)
def ignores_the_schema(answer: Answer) -> None:
    """The text is JSON of another shape than the schema asked for."""
    if (answer.sent.get("response_format") or {}).get("type") == "json_schema":
        for choice in answer.body["choices"]:
            choice["message"]["content"] = '{"something": ["else"]}'


# Log probabilities


@json_fault(CHAT, defects=("D007",))
def returns_logprobs_of_the_legacy_shape(answer: Answer) -> None:
    """logprobs has the parallel arrays of the legacy completions."""
    for choice in answer.body["choices"]:
        if choice["logprobs"]:
            tokens = [entry["token"] for entry in choice["logprobs"]["content"]]
            values = [entry["logprob"] for entry in choice["logprobs"]["content"]]
            offsets = [len("".join(tokens[:place])) for place in range(len(tokens))]
            choice["logprobs"] = {
                "tokens": tokens,
                "token_logprobs": values,
                "top_logprobs": None,
                "text_offset": offsets,
            }


def _entries(answer: Answer) -> Iterator[Any]:
    for choice in answer.body["choices"]:
        yield from (choice["logprobs"] or {}).get("content") or ()


@json_fault(CHAT)
def returns_no_logprobs(answer: Answer) -> None:
    """logprobs are accepted and come back as null."""
    for choice in answer.body["choices"]:
        choice["logprobs"] = None


@json_fault(CHAT)
def returns_positive_logprobs(answer: Answer) -> None:
    """Log probabilities are above zero."""
    for entry in _entries(answer):
        entry["logprob"] = 0.5


@json_fault(CHAT)
def returns_logprobs_of_another_text(answer: Answer) -> None:
    """The tokens of logprobs do not join to the content."""
    for choice in answer.body["choices"]:
        if choice["logprobs"]:
            del choice["logprobs"]["content"][-1:]


@json_fault(CHAT)
def returns_more_alternatives_than_asked(answer: Answer) -> None:
    """top_logprobs holds more entries than were asked for."""
    for entry in _entries(answer):
        entry["top_logprobs"] += [{"token": "x", "logprob": -9.0, "bytes": [120]}] * 3


@json_fault(CHAT)
def spells_tokens_with_other_bytes(answer: Answer) -> None:
    """The bytes of a token do not spell the token."""
    for entry in _entries(answer):
        entry["bytes"] = [63]
