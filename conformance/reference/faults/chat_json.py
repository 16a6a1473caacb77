"""Lies of POST /v1/chat/completions without streaming."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.exchange import Exchange
from conformance.reference import errors
from conformance.reference.answers import data_event
from conformance.reference.editing import (
    Answer,
    answer_with,
    is_call,
    is_json,
    refuse,
    sent_json,
    status_of,
    with_body,
    with_header,
)
from conformance.reference.faults.frame import fault, json_fault

CHAT = "/v1/chat/completions"


def _calls(answer: Answer) -> Iterator[Any]:
    for choice in answer.body["choices"]:
        yield from choice["message"].get("tool_calls") or ()


def answers_json(exchange: Exchange) -> bool:
    """Whether a chat was answered as JSON."""
    return is_call(exchange, CHAT) and status_of(exchange) == 200 and is_json(exchange)


# The envelope of the answer


@json_fault(CHAT)
def omits_the_chat_id(answer: Answer) -> None:
    """A chat completion has no id."""
    del answer.body["id"]


@json_fault(CHAT, defects=("D006",))
def adds_a_fraction_to_created(answer: Answer) -> None:
    """created is a float."""
    answer.body["created"] += 0.492141


@json_fault(CHAT)
def counts_created_in_milliseconds(answer: Answer) -> None:
    """created counts milliseconds, as if the year were 50000."""
    answer.body["created"] *= 1000


@json_fault(CHAT)
def writes_created_as_text(answer: Answer) -> None:
    """created is a date in a string."""
    answer.body["created"] = "2025-06-15T12:00:00Z"


@json_fault(CHAT, defects=("D018",))
def empties_the_object_name(answer: Answer) -> None:
    """object is the empty string."""
    answer.body["object"] = ""


@json_fault(CHAT)
def calls_an_answer_a_chunk(answer: Answer) -> None:
    """object names a chunk although the answer is whole."""
    answer.body["object"] = "chat.completion.chunk"


@json_fault(CHAT)
def omits_the_model(answer: Answer) -> None:
    """A chat completion does not name its model."""
    del answer.body["model"]


@json_fault(CHAT)
def answers_without_choices(answer: Answer) -> None:
    """choices is an empty array although tokens were charged."""
    answer.body["choices"] = []


# The choices


@json_fault(CHAT, defects=("D022",))
def omits_finish_reason(answer: Answer) -> None:
    """Choices have no finish_reason."""
    for choice in answer.body["choices"]:
        del choice["finish_reason"]


@json_fault(CHAT)
def nulls_finish_reason(answer: Answer) -> None:
    """finish_reason is null although the answer is over."""
    for choice in answer.body["choices"]:
        choice["finish_reason"] = None


@json_fault(CHAT, defects=("D024",))
def omits_the_choice_index(answer: Answer) -> None:
    """Choices have no index."""
    for choice in answer.body["choices"]:
        del choice["index"]


@json_fault(CHAT)
def numbers_choices_from_one(answer: Answer) -> None:
    """The first choice has index 1."""
    for choice in answer.body["choices"]:
        choice["index"] += 1


@json_fault(CHAT, defects=("D025",))
def invents_a_finish_reason(answer: Answer) -> None:
    """finish_reason is a word outside the documented set."""
    for choice in answer.body["choices"]:
        choice["finish_reason"] = "error"


@json_fault(CHAT, defects=("D026",))
def says_length_where_a_stop_string_ended_it(answer: Answer) -> None:
    """finish_reason is length although a stop string ended the text."""
    if answer.sent.get("stop"):
        for choice in answer.body["choices"]:
            choice["finish_reason"] = "length"


@json_fault(CHAT)
def says_stop_where_the_limit_cut_it(answer: Answer) -> None:
    """finish_reason is stop although the token limit cut the text."""
    for choice in answer.body["choices"]:
        choice["finish_reason"] = "stop" if choice["finish_reason"] == "length" else choice["finish_reason"]


@json_fault(CHAT, defects=("D012",))
def ignores_n(answer: Answer) -> None:
    """n is accepted, and one choice comes back."""
    del answer.body["choices"][1:]


@json_fault(CHAT, defects=("D011",))
def splits_a_turn_into_two_choices(answer: Answer) -> None:
    """The calls of one turn come as a second choice."""
    for choice in list(answer.body["choices"]):
        if choice["message"].get("tool_calls"):
            message = {**choice["message"], "content": None}
            del choice["message"]["tool_calls"]
            choice["message"]["content"] = "I will look it up."
            answer.body["choices"].append(
                {**choice, "index": len(answer.body["choices"]), "message": message}
            )


@json_fault(CHAT)
def ignores_the_token_limit(answer: Answer) -> None:
    """The text is longer than the limit that was asked for."""
    limit = answer.sent.get("max_completion_tokens") or answer.sent.get("max_tokens")
    usage = answer.body.get("usage")
    if limit and usage:
        usage["completion_tokens"] += limit
        usage["total_tokens"] += limit


@json_fault(CHAT)
def returns_the_stop_string(answer: Answer) -> None:
    """The text ends with the stop string instead of before it."""
    stop = answer.sent.get("stop")
    if stop:
        for choice in answer.body["choices"]:
            choice["message"]["content"] += stop if isinstance(stop, str) else stop[0]


# The message


@json_fault(CHAT)
def omits_the_content(answer: Answer) -> None:
    """Messages have no content key."""
    for choice in answer.body["choices"]:
        del choice["message"]["content"]


@json_fault(CHAT)
def returns_the_content_as_parts(answer: Answer) -> None:
    """content is an array of parts instead of a string."""
    for choice in answer.body["choices"]:
        choice["message"]["content"] = [{"type": "text", "text": choice["message"]["content"]}]


@json_fault(CHAT)
def answers_as_the_user(answer: Answer) -> None:
    """The answer's role is user."""
    for choice in answer.body["choices"]:
        choice["message"]["role"] = "user"


@json_fault(CHAT)
def answers_nothing(answer: Answer) -> None:
    """content is empty although tokens were charged."""
    for choice in answer.body["choices"]:
        if not choice["message"].get("tool_calls"):
            choice["message"]["content"] = ""


@json_fault(CHAT, defects=("D041",))
def leaks_a_special_token(answer: Answer) -> None:
    """The text ends with the model's own end marker."""
    for choice in answer.body["choices"]:
        if choice["message"].get("content"):
            choice["message"]["content"] += "</s>"


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


# Usage


@json_fault(CHAT)
def omits_usage(answer: Answer) -> None:
    """A chat completion has no usage."""
    del answer.body["usage"]


@json_fault(CHAT, defects=("D024",))
def nulls_usage(answer: Answer) -> None:
    """usage is null."""
    answer.body["usage"] = None


@json_fault(CHAT, defects=("D034",))
def counts_no_completion_tokens(answer: Answer) -> None:
    """completion_tokens is 0 although tokens were reasoned with, and the sum does not add up."""
    usage = answer.body["usage"]
    usage["completion_tokens_details"]["reasoning_tokens"] = usage["completion_tokens"]
    usage["completion_tokens"] = 0


@json_fault(CHAT, defects=("D035",))
def totals_nothing(answer: Answer) -> None:
    """total_tokens is 0."""
    answer.body["usage"]["total_tokens"] = 0


@json_fault(CHAT, defects=("D036",))
def counts_always_the_same(answer: Answer) -> None:
    """The usage is the same whatever the prompt."""
    answer.body["usage"] = {"prompt_tokens": 2, "completion_tokens": 2, "total_tokens": 4}


@json_fault(CHAT)
def counts_more_cached_tokens_than_there_are(answer: Answer) -> None:
    """cached_tokens is more than prompt_tokens."""
    usage = answer.body["usage"]
    usage["prompt_tokens_details"]["cached_tokens"] = usage["prompt_tokens"] + 1


@json_fault(CHAT)
def counts_tokens_in_fractions(answer: Answer) -> None:
    """Token counts are floats with a fraction."""
    for name in ("prompt_tokens", "total_tokens"):
        answer.body["usage"][name] += 0.5


@json_fault(CHAT)
def counts_below_zero(answer: Answer) -> None:
    """completion_tokens is negative."""
    usage = answer.body["usage"]
    usage["completion_tokens"] = -1
    usage["total_tokens"] = usage["prompt_tokens"] - 1


# Requests that must be answered


def _refuses(exchange: Exchange, param: str, message: str) -> Exchange:
    refusal = errors.invalid_value(param, message)
    return refuse(exchange, refusal) if is_call(exchange, CHAT) and status_of(exchange) == 200 else exchange


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
