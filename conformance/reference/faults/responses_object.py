"""Lies about a Response as a whole: its members, status, times and options, wherever it is told."""

from __future__ import annotations

from typing import Any

from conformance.reference.editing import Answer
from conformance.reference.faults.frame import json_fault, response_fault, whole_fault

RESPONSES = "/v1/responses"
_ANY = ("response", "response.compaction")

# The object


@response_fault(*_ANY)
def omits_the_response_id(response: Any) -> None:
    """A Response has no id, and cannot be continued."""
    del response["id"]


@response_fault()
def calls_a_response_a_chat(response: Any) -> None:
    """object of a Response is that of a chat completion."""
    response["object"] = "chat.completion"


@response_fault(*_ANY)
def writes_created_at_as_text(response: Any) -> None:
    """created_at is a string."""
    response["created_at"] = str(response["created_at"])


@response_fault(*_ANY)
def dates_responses_in_milliseconds(response: Any) -> None:
    """created_at of a Response counts milliseconds."""
    _shift(response, lambda seconds: seconds * 1000)


@response_fault(*_ANY)
def dates_responses_to_another_day(response: Any) -> None:
    """created_at of a Response is three days old."""
    _shift(response, lambda seconds: seconds - 3 * 86_400)


def _shift(response: Any, move: Any) -> None:
    for name in ("created_at", "completed_at"):
        if response.get(name) is not None:
            response[name] = move(response[name])


@whole_fault()
def completes_before_it_was_created(response: Any) -> None:
    """completed_at is earlier than created_at."""
    if response["completed_at"]:
        response["completed_at"] = response["created_at"] - 60


@response_fault()
def omits_the_response_metadata(response: Any) -> None:
    """A Response has no metadata key."""
    del response["metadata"]


@response_fault()
def omits_the_response_error(response: Any) -> None:
    """A Response has no error key."""
    del response["error"]


@response_fault()
def omits_tool_fields(response: Any) -> None:
    """A Response lacks tools, tool_choice and parallel_tool_calls."""
    for name in ("tools", "tool_choice", "parallel_tool_calls"):
        del response[name]


@response_fault()
def names_the_model_of_another_vendor(response: Any) -> None:
    """model of a Response is a name that neither was asked for nor is listed."""
    response["model"] = "vendor-large-7b"


# The status


@whole_fault()
def completes_with_an_error(response: Any) -> None:
    """A completed Response has an error."""
    if response["status"] == "completed":
        response["error"] = {"code": "server_error", "message": "Something went wrong."}


@whole_fault(defects=("D116",))
def calls_a_cut_response_completed(response: Any) -> None:
    """A Response that the limit cut is completed, without incomplete_details."""
    if response["status"] == "incomplete":
        response.update(status="completed", incomplete_details=None, completed_at=response["created_at"])
        for item in response["output"]:
            item["status"] = "completed"


@whole_fault()
def gives_no_reason_for_incompleteness(response: Any) -> None:
    """An incomplete Response has no incomplete_details."""
    response["incomplete_details"] = None


@response_fault()
def omits_the_status(response: Any) -> None:
    """A Response has no status."""
    del response["status"]


@json_fault(RESPONSES)
def invents_a_status(answer: Answer) -> None:
    """status is a word outside the documented set."""
    answer.body["status"] = "done"


@json_fault(RESPONSES)
def stays_in_progress(answer: Answer) -> None:
    """status is in_progress although the answer is whole."""
    answer.body["status"] = "in_progress"


@whole_fault()
def fails_every_response(response: Any) -> None:
    """Every Response is failed, with an error."""
    error = {"code": "server_error", "message": "The model failed."}
    response.update(status="failed", error=error, completed_at=None, incomplete_details=None, output=[])


# Options


@response_fault()
def forgets_the_metadata(response: Any) -> None:
    """metadata is accepted and comes back empty."""
    response["metadata"] = {}


@response_fault()
def forgets_the_temperature(response: Any) -> None:
    """Another temperature comes back than was asked for."""
    response["temperature"] = 0.123


@response_fault()
def forgets_the_previous_response(response: Any) -> None:
    """previous_response_id comes back as null although it was sent."""
    response["previous_response_id"] = None


@response_fault()
def names_another_previous_response(response: Any) -> None:
    """previous_response_id comes back as another id than was sent."""
    if response["previous_response_id"]:
        response["previous_response_id"] = "resp_another"


@response_fault()
def leaves_options_out(response: Any) -> None:
    """Options that a client may set are not repeated."""
    for name in ("max_output_tokens", "truncation", "safety_identifier", "prompt_cache_key"):
        del response[name]


@response_fault()
def forgets_what_tools_are_for(response: Any) -> None:
    """Tools come back without their description and parameters."""
    for tool in response["tools"]:
        tool.update(description=None, parameters=None)


@response_fault()
def shows_instructions_nobody_sent(response: Any) -> None:
    """The instructions of the operator are shown where the client sent none."""
    if response["instructions"] is None:
        response["instructions"] = "You are a helpful assistant."
