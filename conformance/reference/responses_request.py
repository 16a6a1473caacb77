"""The request of POST /v1/responses and its helpers: rules, and the conversation that it continues."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.reference import errors
from conformance.reference.answers import JsonObject
from conformance.reference.chat import SERVICE_TIER
from conformance.reference.conversation import parts_turn
from conformance.reference.parameters import (
    Rule,
    anything,
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
from conformance.reference.state import State, StoredResponse
from conformance.reference.text import Turn, prompt_tokens
from conformance.reference.tokens import count
from conformance.reference.tools import Function, definition_tokens, function_of

_INCLUDES = one_of(
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
)
_FORMAT: dict[str, Rule] = {
    "type": one_of("text", "json_object", "json_schema"),
    "name": string(shortest=1, longest=64),
    "schema": mapping,
    "strict": boolean,
}
_REASONING: dict[str, Rule] = {
    "effort": one_of("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    "summary": one_of("auto", "concise", "detailed"),
}
RULES: dict[str, Rule] = {
    "model": string(shortest=1),
    "input": either("a string or an array of items", string=string(longest=10_485_760), array=array(mapping)),
    "instructions": text,
    "previous_response_id": text,
    "max_output_tokens": integer(16),
    "max_tool_calls": integer(1),
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "top_logprobs": integer(0, 20),
    "store": boolean,
    "background": boolean,
    "stream": boolean,
    "stream_options": record({"include_obfuscation": boolean}),
    "parallel_tool_calls": boolean,
    "tools": array(mapping, most=128),
    "tool_choice": either("a string or an object", string=text, object=mapping),
    "text": record({"format": record(_FORMAT, "type"), "verbosity": one_of("low", "medium", "high")}),
    "reasoning": record(_REASONING),
    "include": array(_INCLUDES),
    "truncation": one_of("auto", "disabled"),
    "service_tier": SERVICE_TIER,
    "metadata": metadata,
    "user": text,
    "safety_identifier": string(longest=64),
    "prompt_cache_key": string(longest=64),
    "prompt_cache_retention": text,
    "conversation": anything,
    "prompt": mapping,
}


def check_request(body: JsonObject, *required: str) -> None:
    """Hold a request against the rules, and refuse what this server does not offer."""
    check(body, RULES, required)
    for name in ("background", "conversation", "prompt"):
        if body.get(name):
            raise errors.unsupported_parameter(name)
    form = (body.get("text") or {}).get("format") or {}
    if form.get("type") == "json_schema":
        check(form, _FORMAT, ("name", "schema"), at="text.format.")


def functions_of(tools: Sequence[JsonObject]) -> list[Function]:
    """The functions among the tools, flat as Responses defines them; hosted tools are refused."""
    functions = []
    for index, tool in enumerate(tools):
        check(tool, {"type": text}, ("type",), at=f"tools[{index}].")
        if tool["type"] != "function":
            raise errors.unsupported_value(
                f"tools[{index}].type", "Only tools of type 'function' are supported."
            )
        functions.append(function_of(tool, f"tools[{index}]"))
    return functions


def items_of(value: Any) -> list[JsonObject]:
    """The input as items: a string is one message of the user."""
    if value is None:
        return []
    return [{"role": "user", "content": value}] if isinstance(value, str) else list(value)


def earlier_items(
    state: State, body: JsonObject, cached: Mapping[str, StoredResponse] | None = None
) -> tuple[JsonObject, ...]:
    """The conversation that ``previous_response_id`` continues: a stored one, or one that a socket holds."""
    identifier = body.get("previous_response_id")
    if identifier is None:
        return ()
    found = state.responses.get(identifier) or (cached or {}).get(identifier)
    if found is None:
        message = f"Previous response with id '{identifier[:200]}' not found."
        raise errors.Refusal(400, message, code="previous_response_not_found", param="previous_response_id")
    return found.conversation


def turns_of(items: Sequence[JsonObject], instructions: str | None) -> list[Turn]:
    """The turns of a conversation; outputs must answer a call that it holds."""
    turns = [Turn("system", instructions)] if instructions else []
    calls = set[str]()
    for index, item in enumerate(items):
        kind = item.get("type") or "message"
        if kind == "function_call" and isinstance(item.get("call_id"), str):
            calls.add(item["call_id"])
        turns.append(_turn(item, kind, f"input[{index}]", calls))
    return turns


def _turn(item: JsonObject, kind: Any, at: str, calls: set[str]) -> Turn:
    if kind == "message":
        check(
            item,
            {"role": one_of("user", "assistant", "system", "developer"), "content": anything},
            ("role", "content"),
            at=f"{at}.",
        )
        return parts_turn(item["role"], item["content"], f"{at}.content")
    if kind == "function_call":
        check(
            item,
            {"call_id": text, "name": text, "arguments": text},
            ("call_id", "name", "arguments"),
            at=f"{at}.",
        )
        return Turn("assistant", "", count(item["name"]) + count(item["arguments"]) + 3)
    if kind == "function_call_output":
        return _output_turn(item, at, calls)
    if kind == "compaction":
        return Turn("system", _uncompacted(item, at))
    if kind == "reasoning":
        return Turn("assistant", "", count(json.dumps(item.get("summary"), ensure_ascii=False)))
    raise errors.invalid_value(f"{at}.type", "This item type is not supported.")


def _output_turn(item: JsonObject, at: str, calls: set[str]) -> Turn:
    check(item, {"call_id": text, "output": anything}, ("call_id", "output"), at=f"{at}.")
    if item["call_id"] not in calls:
        raise errors.Refusal(400, "No tool call found for function call output.", param="input")
    return parts_turn("tool", item["output"], f"{at}.output")


def compacted(turns: Sequence[Turn]) -> str:
    """A conversation as opaque text."""
    words = "\n".join(f"{turn.role}: {turn.text}" for turn in turns if turn.text)
    return base64.b64encode(words.encode("utf-8", "replace")).decode() or "AA=="


def _uncompacted(item: JsonObject, at: str) -> str:
    check(item, {"encrypted_content": text}, ("encrypted_content",), at=f"{at}.")
    try:
        return base64.b64decode(item["encrypted_content"], validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        message = "The encrypted content could not be verified."
        raise errors.invalid_value(f"{at}.encrypted_content", message) from None


def input_tokens(turns: Sequence[Turn], body: JsonObject) -> int:
    """What the input of a request costs."""
    return prompt_tokens(turns) + definition_tokens(body.get("tools"))
