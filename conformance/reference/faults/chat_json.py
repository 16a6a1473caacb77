"""Lies of POST /v1/chat/completions without streaming."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.reference.editing import (
    Answer,
    is_call,
    is_json,
    status_of,
)
from conformance.reference.faults.frame import json_fault

CHAT = "/v1/chat/completions"


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
