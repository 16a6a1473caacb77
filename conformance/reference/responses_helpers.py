"""The bounded helpers around a Response: read, replay, cancel, compact, and the count of input tokens."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from conformance.exchange import Request, Response
from conformance.reference import errors
from conformance.reference.answers import JsonObject, json_answer, named_event, stream_answer
from conformance.reference.bodies import json_body
from conformance.reference.models import model_for
from conformance.reference.responses import usage_of
from conformance.reference.responses_request import (
    check_request,
    compacted,
    earlier_items,
    functions_of,
    input_tokens,
    items_of,
    turns_of,
)
from conformance.reference.state import State, StoredResponse
from conformance.reference.text import Turn
from conformance.reference.tokens import count


def retrieve_response(state: State, request: Request, response: str) -> Response:
    """Read a completed Response, or replay its stream after ``starting_after``."""
    query = parse_qs(urlsplit(request.path).query, keep_blank_values=True)
    streams = _flag(query, "stream")
    after = _starting_after(query)
    stored = _stored(state, response)
    if not streams:
        if after is not None:
            raise errors.invalid_value(
                "starting_after", "'starting_after' is only allowed when 'stream' is true."
            )
        return json_answer(stored.body)
    last = -1 if after is None else after
    return stream_answer(named_event(event) for event in stored.events if event["sequence_number"] > last)


def cancel_response(state: State, request: Request, response: str) -> Response:
    """Cancel a Response: every one here is complete already, so it comes back as it is."""
    return json_answer(_stored(state, response).body)


def _stored(state: State, identifier: str) -> StoredResponse:
    if identifier not in state.responses:
        raise errors.not_found("Response", identifier[:200])
    return state.responses[identifier]


def _flag(query: dict[str, list[str]], name: str) -> bool:
    value = query.get(name, ["false"])[-1].lower()
    if value not in ("true", "false", "1", "0"):
        raise errors.wrong_type(name, "a boolean", "a string")
    return value in ("true", "1")


def _starting_after(query: dict[str, list[str]]) -> int | None:
    if "starting_after" not in query:
        return None
    value = query["starting_after"][-1]
    if not value.isascii() or not value.isdigit() or len(value) > 18:
        raise errors.wrong_type("starting_after", "an integer of at least 0", "another value")
    return int(value)


def count_input_tokens(state: State, request: Request) -> Response:
    """What the input of a Response would cost."""
    body = json_body(request)
    turns = _turns(state, body)
    return json_answer({"object": "response.input_tokens", "input_tokens": input_tokens(turns, body)})


def compact_response(state: State, request: Request) -> Response:
    """Replace a conversation by its user messages and one opaque item that stands for the rest."""
    body = json_body(request)
    turns = _turns(state, body)
    items = [*earlier_items(state, body), *items_of(body.get("input"))]
    secret = compacted(turns)
    opaque = {"id": state.new_id("cmp_"), "type": "compaction", "encrypted_content": secret}
    compaction = {
        "id": state.new_id("resp_"),
        "object": "response.compaction",
        "created_at": state.now(),
        "output": [*(_message(state, item) for item in items if item.get("role") == "user"), opaque],
        "usage": usage_of(input_tokens(turns, body), count(secret), 0),
    }
    return json_answer(compaction)


def _turns(state: State, body: JsonObject) -> list[Turn]:
    """The conversation that a helper is asked about; it needs an input or a Response to continue."""
    check_request(body, "model", *(() if body.get("previous_response_id") else ("input",)))
    model_for(state, body["model"], "text", "Responses")
    functions_of(body.get("tools") or ())
    items = [*earlier_items(state, body), *items_of(body.get("input"))]
    return turns_of(items, body.get("instructions"))


def _message(state: State, item: JsonObject) -> JsonObject:
    content = item["content"]
    if isinstance(content, str):
        content = [{"type": "input_text", "text": content}]
    return {
        "id": state.new_id("msg_"),
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": content,
    }
