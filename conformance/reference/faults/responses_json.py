"""Lies of POST /v1/responses without streaming."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.reference.editing import (
    Answer,
)
from conformance.reference.faults.frame import json_fault

RESPONSES = "/v1/responses"
READ = "/v1/responses/resp_*"


def _items(answer: Answer, kind: str) -> Iterator[Any]:
    return (item for item in answer.body["output"] if item["type"] == kind)


def _parts(answer: Answer) -> Iterator[Any]:
    for item in _items(answer, "message"):
        yield from item["content"]


# The object


@json_fault(RESPONSES)
def omits_the_response_id(answer: Answer) -> None:
    """A Response has no id, and cannot be continued."""
    del answer.body["id"]


@json_fault(RESPONSES)
def calls_a_response_a_chat(answer: Answer) -> None:
    """object of a Response is that of a chat completion."""
    answer.body["object"] = "chat.completion"


@json_fault(RESPONSES)
def writes_created_at_as_text(answer: Answer) -> None:
    """created_at is a string."""
    answer.body["created_at"] = str(answer.body["created_at"])


@json_fault(RESPONSES)
def omits_the_status(answer: Answer) -> None:
    """A Response has no status."""
    del answer.body["status"]


@json_fault(RESPONSES)
def invents_a_status(answer: Answer) -> None:
    """status is a word outside the documented set."""
    answer.body["status"] = "done"


@json_fault(RESPONSES)
def stays_in_progress(answer: Answer) -> None:
    """status is in_progress although the answer is whole."""
    answer.body["status"] = "in_progress"


@json_fault(RESPONSES)
def completes_before_it_was_created(answer: Answer) -> None:
    """completed_at is earlier than created_at."""
    if answer.body["completed_at"]:
        answer.body["completed_at"] = answer.body["created_at"] - 60


@json_fault(RESPONSES)
def completes_with_an_error(answer: Answer) -> None:
    """A completed Response has an error."""
    if answer.body["status"] == "completed":
        answer.body["error"] = {"code": "server_error", "message": "Something went wrong."}


@json_fault(RESPONSES, defects=("D116",))
def calls_a_cut_response_completed(answer: Answer) -> None:
    """A Response that the limit cut is completed, without incomplete_details."""
    if answer.body["status"] == "incomplete":
        answer.body.update(
            status="completed", incomplete_details=None, completed_at=answer.body["created_at"]
        )


@json_fault(RESPONSES)
def gives_no_reason_for_incompleteness(answer: Answer) -> None:
    """An incomplete Response has no incomplete_details."""
    answer.body["incomplete_details"] = None


@json_fault(RESPONSES, defects=("D117",))
def calls_cut_items_completed(answer: Answer) -> None:
    """The item that the limit cut is completed."""
    for item in answer.body["output"]:
        item["status"] = "completed"


@json_fault(RESPONSES, defects=("D118",))
def nulls_the_output(answer: Answer) -> None:
    """output is null."""
    answer.body["output"] = None


@json_fault(RESPONSES)
def answers_without_output(answer: Answer) -> None:
    """output is empty although tokens were charged."""
    answer.body["output"] = []


@json_fault(RESPONSES)
def omits_tool_fields(answer: Answer) -> None:
    """A Response lacks tools, tool_choice and parallel_tool_calls."""
    for name in ("tools", "tool_choice", "parallel_tool_calls"):
        del answer.body[name]


@json_fault(RESPONSES)
def omits_the_response_metadata(answer: Answer) -> None:
    """A Response has no metadata key."""
    del answer.body["metadata"]


@json_fault(RESPONSES)
def omits_the_response_error(answer: Answer) -> None:
    """A Response has no error key."""
    del answer.body["error"]


@json_fault(RESPONSES)
def forgets_the_metadata(answer: Answer) -> None:
    """metadata is accepted and comes back empty."""
    answer.body["metadata"] = {}


@json_fault(RESPONSES)
def forgets_the_temperature(answer: Answer) -> None:
    """Another temperature comes back than was asked for."""
    answer.body["temperature"] = 0.123


@json_fault(RESPONSES)
def forgets_the_previous_response(answer: Answer) -> None:
    """previous_response_id comes back as null although it was sent."""
    answer.body["previous_response_id"] = None


@json_fault(RESPONSES)
def names_another_previous_response(answer: Answer) -> None:
    """previous_response_id comes back as another id than was sent."""
    if answer.body["previous_response_id"]:
        answer.body["previous_response_id"] = "resp_another"


# The items


@json_fault(RESPONSES)
def omits_item_ids(answer: Answer) -> None:
    """Messages in the output have no id."""
    for item in _items(answer, "message"):
        del item["id"]


@json_fault(RESPONSES)
def repeats_item_ids(answer: Answer) -> None:
    """All items of the output have one id."""
    for item in answer.body["output"]:
        item["id"] = "item_0"


@json_fault(RESPONSES)
def answers_a_response_as_the_user(answer: Answer) -> None:
    """The role of the output message is user."""
    for item in _items(answer, "message"):
        item["role"] = "user"


@json_fault(RESPONSES)
def returns_output_text_as_a_string(answer: Answer) -> None:
    """The content of the output message is a string instead of parts."""
    for item in _items(answer, "message"):
        item["content"] = "".join(part["text"] for part in item["content"])


@json_fault(RESPONSES)
def calls_output_text_text(answer: Answer) -> None:
    """The parts of the output message have the type text."""
    for part in _parts(answer):
        part["type"] = "text"


@json_fault(RESPONSES)
def omits_annotations(answer: Answer) -> None:
    """The parts of the output message have no annotations."""
    for part in _parts(answer):
        del part["annotations"]


@json_fault(RESPONSES)
def answers_a_response_with_nothing(answer: Answer) -> None:
    """The text is empty although tokens were charged."""
    for part in _parts(answer):
        part["text"] = ""


@json_fault(RESPONSES)
def breaks_the_arguments_of_a_response(answer: Answer) -> None:
    """The arguments of a function call are not JSON."""
    for item in _items(answer, "function_call"):
        item["arguments"] = item["arguments"][:-1]


@json_fault(RESPONSES)
def returns_response_arguments_as_an_object(answer: Answer) -> None:
    """The arguments of a function call are an object."""
    for item in _items(answer, "function_call"):
        item["arguments"] = {"city": "Paris"}


@json_fault(RESPONSES)
def omits_the_call_id_of_a_response(answer: Answer) -> None:
    """A function call has no call_id, and cannot be answered."""
    for item in _items(answer, "function_call"):
        del item["call_id"]


@json_fault(RESPONSES)
def nests_the_function_as_chat_does(answer: Answer) -> None:
    """A function call has name and arguments under function."""
    for item in _items(answer, "function_call"):
        item["function"] = {"name": item.pop("name"), "arguments": item.pop("arguments")}


@json_fault(RESPONSES)
def ignores_the_format_of_a_response(answer: Answer) -> None:
    """The text is prose although JSON was asked for."""
    form = (answer.sent.get("text") or {}).get("format") or {}
    if form.get("type") in ("json_object", "json_schema"):
        for part in _parts(answer):
            part["text"] = "Certainly! Here you are."


# Usage


@json_fault(RESPONSES)
def omits_the_usage_of_a_response(answer: Answer) -> None:
    """A completed Response has a usage of null."""
    answer.body["usage"] = None


@json_fault(RESPONSES, defects=("D119",))
def counts_nothing_in_responses(answer: Answer) -> None:
    """The usage of a Response is all zeros although there is output."""
    answer.body["usage"].update(input_tokens=0, output_tokens=0, total_tokens=0)


@json_fault(RESPONSES)
def miscounts_responses(answer: Answer) -> None:
    """total_tokens of a Response is not the sum of its parts."""
    answer.body["usage"]["total_tokens"] += 1


@json_fault(RESPONSES)
def counts_responses_as_chat_does(answer: Answer) -> None:
    """The usage of a Response has prompt_tokens and completion_tokens."""
    usage = answer.body["usage"]
    total = {"total_tokens": usage["total_tokens"]}
    answer.body["usage"] = {
        "prompt_tokens": usage["input_tokens"],
        "completion_tokens": usage["output_tokens"],
        **total,
    }


@json_fault(RESPONSES)
def omits_usage_details(answer: Answer) -> None:
    """The usage of a Response has no details."""
    for name in ("input_tokens_details", "output_tokens_details"):
        del answer.body["usage"][name]


@json_fault(RESPONSES)
def reasons_more_than_it_writes(answer: Answer) -> None:
    """reasoning_tokens is more than output_tokens."""
    usage = answer.body["usage"]
    usage["output_tokens_details"]["reasoning_tokens"] = usage["output_tokens"] + 1


@json_fault(RESPONSES)
def exceeds_max_output_tokens(answer: Answer) -> None:
    """output_tokens is more than max_output_tokens."""
    limit = answer.sent.get("max_output_tokens")
    if limit:
        answer.body["usage"]["output_tokens"] += limit
        answer.body["usage"]["total_tokens"] += limit
