"""POST /v1/responses: the answer as JSON or as a stream, stored for continuation and the read helpers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.exchange import Request, Response
from conformance.reference import errors
from conformance.reference.answers import JsonObject, json_answer, named_event, stream_answer
from conformance.reference.bodies import json_body
from conformance.reference.chat import CONTEXT, variation
from conformance.reference.models import model_for
from conformance.reference.responses_request import (
    check_request,
    earlier_items,
    functions_of,
    input_tokens,
    items_of,
    turns_of,
)
from conformance.reference.responses_stream import events_of
from conformance.reference.sampling import sample
from conformance.reference.state import State, StoredResponse, keep
from conformance.reference.text import Turn, last_words, reasoning, reply
from conformance.reference.tokens import chat_logprob, count
from conformance.reference.tools import calls, fit_calls, read_choice
from conformance.reference.values import structured

Cache = Mapping[str, StoredResponse]


def create_response(state: State, request: Request) -> Response:
    """Answer an input, as JSON or as a stream of named events."""
    body = json_body(request)
    answered = respond(state, body)
    if body.get("stream"):
        return stream_answer(named_event(event) for event in answered.events)
    return json_answer(answered.body)


def respond(state: State, body: JsonObject, cached: Cache | None = None) -> StoredResponse:
    """Answer a request, whatever carried it here, and keep the answer unless ``store`` is false.

    ``cached`` are Responses that may be continued though they are not stored.
    """
    check_request(body, "model", "input")
    model_for(state, body["model"], "text", "Responses")
    answered = _answer(state, body, cached or {})
    if body.get("store") is not False:
        keep(state.responses, answered.body["id"], answered)
    return answered


def _answer(state: State, body: JsonObject, cached: Cache) -> StoredResponse:
    items = [*earlier_items(state, body, cached), *items_of(body["input"])]
    turns = turns_of(items, body.get("instructions"))
    asked = input_tokens(turns, body)
    if asked > CONTEXT:
        raise errors.context_length_exceeded("input", CONTEXT, asked)
    thoughts = _thoughts(state, body, turns)
    limit = int(body["max_output_tokens"]) if body.get("max_output_tokens") else None
    written, spent, cut = _written(state, body, turns, None if limit is None else limit - thoughts.tokens)
    output = [*thoughts.items, *written]
    usage = usage_of(asked, thoughts.tokens + spent, thoughts.tokens)
    response = _response_object(state, body, output, usage, cut)
    events = tuple(events_of(response, state.interlude))
    return StoredResponse(response, (*items, *output), events)


class _Thoughts:
    """The reasoning before the answer, at most eight tokens under the least limit that a request may set."""

    def __init__(self, items: list[JsonObject], tokens: int) -> None:
        self.items = items
        self.tokens = tokens


def _thoughts(state: State, body: JsonObject, turns: Sequence[Turn]) -> _Thoughts:
    wanted = body.get("reasoning") or {}
    if not state.always_reasons and wanted.get("effort", "none") == "none":
        return _Thoughts([], 0)
    item: JsonObject = {"id": state.new_id("rs_"), "type": "reasoning", "summary": []}
    words = reasoning(turns)
    if wanted.get("summary") or state.always_reasons:
        item["summary"] = [{"type": "summary_text", "text": words}]
    if "reasoning.encrypted_content" in (body.get("include") or ()):
        item["encrypted_content"] = "cmVmZXJlbmNl"
    return _Thoughts([item], min(count(words), 8))


def _written(
    state: State, body: JsonObject, turns: Sequence[Turn], limit: int | None
) -> tuple[list[JsonObject], int, bool]:
    """The items that answer, what they cost, and whether the limit cut them."""
    functions = functions_of(body.get("tools") or ())
    wanted = body.get("tool_choice")
    choice = read_choice(wanted, functions, wanted.get("name") if isinstance(wanted, dict) else None)
    made = calls(turns, functions, choice, body.get("parallel_tool_calls") is not False)
    if made:
        return _call_items(state, made, limit)
    said = sample(_words(body, turns), limit)
    cut = said.finish == "length"
    return [_message(state, body, said.tokens, _status(cut))], len(said.tokens), cut


def _status(cut: bool) -> str:
    return "incomplete" if cut else "completed"


def _call_items(state: State, made: Any, limit: int | None) -> tuple[list[JsonObject], int, bool]:
    kept, cut = fit_calls(made, limit)
    items = [
        {
            "id": state.new_id("fc_"),
            "type": "function_call",
            "status": _status(cut and place == len(kept) - 1),
            "call_id": state.new_id("call_"),
            "name": call.name,
            "arguments": call.arguments,
        }
        for place, call in enumerate(kept)
    ]
    total = sum(count(call.name) + count(call.arguments) + 3 for call in kept)
    return items, total if limit is None else min(total, limit), cut


def _words(body: JsonObject, turns: Sequence[Turn]) -> str:
    form = (body.get("text") or {}).get("format") or {}
    if form.get("type") == "json_object":
        return json.dumps({"answer": reply(turns), "ok": True}, ensure_ascii=False)
    if form.get("type") == "json_schema":
        return json.dumps(
            structured(form["schema"], last_words(turns)[:40], "text.format"), ensure_ascii=False
        )
    return reply(turns, variation(body, 0))


def _message(state: State, body: JsonObject, tokens: tuple[str, ...], status: str) -> JsonObject:
    entries: list[JsonObject] = []
    if "message.output_text.logprobs" in (body.get("include") or ()):
        wanted = int(body.get("top_logprobs") or 0)
        entries = [chat_logprob(token, place, wanted) for place, token in enumerate(tokens)]
    part = {"type": "output_text", "text": "".join(tokens), "annotations": [], "logprobs": entries}
    return {
        "id": state.new_id("msg_"),
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [part],
    }


def usage_of(asked: int, written: int, thought: int) -> JsonObject:
    """The usage object of Responses and compactions."""
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": asked + written,
    }


def _response_object(
    state: State, body: JsonObject, output: list[JsonObject], usage: JsonObject, cut: bool
) -> JsonObject:
    now = state.now()
    return {
        "id": state.new_id("resp_"),
        "object": "response",
        "created_at": now,
        "status": _status(cut),
        "background": False,
        "completed_at": None if cut else now,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        **_echo(body),
        "output": output,
        "usage": usage,
    }


def _echo(body: JsonObject) -> JsonObject:
    """What a Response repeats of its request, with the defaults that took effect."""
    form = (body.get("text") or {}).get("format") or {"type": "text"}
    wanted = body.get("reasoning") or {}
    return {
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "metadata": body.get("metadata") or {},
        "model": body["model"],
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "previous_response_id": body.get("previous_response_id"),
        "prompt_cache_key": body.get("prompt_cache_key"),
        "prompt_cache_retention": body.get("prompt_cache_retention"),
        "reasoning": {"effort": wanted.get("effort"), "summary": wanted.get("summary")},
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": "default",
        "store": body.get("store") is not False,
        "temperature": _given(body, "temperature", 1.0),
        "text": {"format": form, "verbosity": (body.get("text") or {}).get("verbosity") or "medium"},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": [_tool(tool) for tool in body.get("tools") or ()],
        "top_logprobs": _given(body, "top_logprobs", 0),
        "top_p": _given(body, "top_p", 1.0),
        "truncation": body.get("truncation") or "disabled",
        "user": body.get("user"),
        "frequency_penalty": 0.0,
        "presence_penalty": 0.0,
    }


def _given(body: JsonObject, name: str, default: float) -> Any:
    return default if body.get(name) is None else body[name]


def _tool(tool: JsonObject) -> JsonObject:
    return {"description": None, "parameters": None, "strict": True, **tool}
