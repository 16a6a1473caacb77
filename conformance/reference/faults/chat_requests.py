"""Lies about chat requests: good ones refused, or answered in another form."""

from __future__ import annotations

import json

from conformance.exchange import Exchange
from conformance.reference import errors
from conformance.reference.answers import data_event
from conformance.reference.editing import (
    Answer,
    answer_with,
    edit_json,
    is_call,
    refuse,
    sent_json,
    status_of,
    with_body,
    with_header,
)
from conformance.reference.faults.chat_json import CHAT, answers_json
from conformance.reference.faults.frame import Alter, fault, remembering_fault

# Requests that must be answered


def _refuses(exchange: Exchange, param: str, message: str) -> Exchange:
    refusal = errors.invalid_value(param, message)
    return refuse(exchange, refusal) if is_call(exchange, CHAT) and status_of(exchange) == 200 else exchange


@remembering_fault()
def ignores_the_seed() -> Alter:
    """The same seed gives another text every other time."""
    seen: set[bytes] = set()

    def alter(exchange: Exchange) -> Exchange:
        body = exchange.request.body
        if sent_json(exchange).get("seed") is None or status_of(exchange) != 200 or body not in seen:
            seen.add(body)
            return exchange
        seen.remove(body)
        return edit_json(exchange, _say_otherwise)

    return alter


def _say_otherwise(answer: Answer) -> None:
    for choice in answer.body["choices"]:
        if "text" in choice:
            choice["text"] = choice["text"][::-1]
        else:
            choice["message"]["content"] = choice["message"]["content"][::-1]


@fault(defects=("D005",))
def refuses_empty_assistant_content(exchange: Exchange) -> Exchange:
    """A history with an empty assistant message is refused."""
    messages = sent_json(exchange).get("messages") or []
    empty = any(isinstance(one, dict) and one.get("content") == "" for one in messages)
    return _refuses(exchange, "messages", "Empty content is not allowed.") if empty else exchange


@fault(defects=("D009",))
def refuses_logprobs_without_alternatives(exchange: Exchange) -> Exchange:
    """logprobs without top_logprobs is refused."""
    sent = sent_json(exchange)
    bare = sent.get("logprobs") is True and sent.get("top_logprobs") is None
    return _refuses(exchange, "logprobs", "top_logprobs is needed.") if bare else exchange


@fault(defects=("D030",))
def refuses_max_completion_tokens(exchange: Exchange) -> Exchange:
    """max_completion_tokens is refused as unknown."""
    given = "max_completion_tokens" in sent_json(exchange)
    return _refuses(exchange, "max_completion_tokens", "Unknown parameter.") if given else exchange


@fault(defects=("D030",))
def refuses_frequency_penalty(exchange: Exchange) -> Exchange:
    """frequency_penalty is refused as unknown."""
    given = "frequency_penalty" in sent_json(exchange)
    return _refuses(exchange, "frequency_penalty", "Unknown parameter.") if given else exchange


@fault(defects=("D031",))
def refuses_its_own_call_ids(exchange: Exchange) -> Exchange:
    """A history with a call id that the server made is refused."""
    given = b'"tool_call_id"' in exchange.request.body
    return _refuses(exchange, "messages", "Tool call ids have nine characters.") if given else exchange


@fault(defects=("D253",))
def fails_on_a_broken_call_in_the_history(exchange: Exchange) -> Exchange:
    """Malformed arguments in the history are answered with 500."""
    for message in sent_json(exchange).get("messages") or []:
        for call in (message.get("tool_calls") or ()) if isinstance(message, dict) else ():
            try:
                json.loads(call["function"]["arguments"])
            except (KeyError, TypeError, ValueError):
                return refuse(exchange, errors.Refusal(500, "Internal server error.", kind="server_error"))
    return exchange


@fault(defects=("D015",))
def streams_though_told_not_to(exchange: Exchange) -> Exchange:
    """An explicit stream: false is answered with a stream."""
    if (
        not answers_json(exchange)
        or sent_json(exchange).get("stream") is not False
        or exchange.response is None
    ):
        return exchange
    whole = json.loads(exchange.response.body)
    choices = [{**choice, "delta": choice.pop("message")} for choice in whole["choices"]]
    chunk = {**whole, "object": "chat.completion.chunk", "choices": choices}
    body = data_event(chunk) + b"data: [DONE]\n\n"
    return answer_with(exchange, 200, body, "text/event-stream; charset=utf-8")


@fault(defects=("D020",))
def appends_the_done_marker_to_json(exchange: Exchange) -> Exchange:
    """A whole JSON answer is sent as an event stream with [DONE] behind it."""
    if not answers_json(exchange) or exchange.response is None:
        return exchange
    marked = with_body(exchange, exchange.response.body + b"\n\ndata: [DONE]\n\n")
    return with_header(marked, "content-type", "text/event-stream")


@fault(defects=("D247",))
def answers_200_with_an_error(exchange: Exchange) -> Exchange:
    """A failure is answered 200 with only an error object."""
    if not answers_json(exchange):
        return exchange
    return answer_with(exchange, 200, {"error": {"message": "Provider returned error", "code": 429}})
