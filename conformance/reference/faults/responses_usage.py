"""Lies about the usage of a Response or a compaction, wherever it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.reference.faults.frame import response_fault

_ANY = ("response", "response.compaction")


def _counted(usage: Any, **counts: int) -> None:
    """Set counts, and the sum with them."""
    usage.update(counts)
    usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]


def _of(response: Any, edit: Callable[[Any], None]) -> None:
    if response["usage"] is not None:
        edit(response["usage"])


@response_fault()
def omits_the_usage_of_a_response(response: Any) -> None:
    """A completed Response has a usage of null."""
    response["usage"] = None


@response_fault(*_ANY, defects=("D119",))
def counts_nothing_in_responses(response: Any) -> None:
    """The usage of a Response is all zeros although there is output."""
    _of(response, lambda usage: _counted(usage, input_tokens=0, output_tokens=0))


@response_fault(*_ANY)
def miscounts_responses(response: Any) -> None:
    """total_tokens of a Response is not the sum of its parts."""
    _of(response, lambda usage: usage.update(total_tokens=usage["total_tokens"] + 1))


@response_fault(*_ANY)
def counts_responses_as_chat_does(response: Any) -> None:
    """The usage of a Response has prompt_tokens and completion_tokens."""
    if response["usage"] is not None:
        usage = response["usage"]
        total = {"total_tokens": usage["total_tokens"]}
        names = {"prompt_tokens": usage["input_tokens"], "completion_tokens": usage["output_tokens"]}
        response["usage"] = {**names, **total}


@response_fault(*_ANY)
def omits_usage_details(response: Any) -> None:
    """The usage of a Response has no details."""
    for name in ("input_tokens_details", "output_tokens_details"):
        _of(response, lambda usage, name=name: usage.pop(name))  # type: ignore[misc]


@response_fault(*_ANY)
def reasons_more_than_it_writes(response: Any) -> None:
    """reasoning_tokens is more than output_tokens."""
    _of(
        response,
        lambda usage: usage["output_tokens_details"].update(reasoning_tokens=usage["output_tokens"] + 1),
    )


@response_fault()
def exceeds_max_output_tokens(response: Any) -> None:
    """output_tokens is more than max_output_tokens."""
    limit = response["max_output_tokens"]
    if limit:
        _of(response, lambda usage: _counted(usage, output_tokens=usage["output_tokens"] + limit))


@response_fault()
def counts_far_less_than_the_limit(response: Any) -> None:
    """A Response that the limit cut counts less than half of it."""
    if response["status"] == "incomplete":
        written = response["max_output_tokens"] * 2 // 5
        _of(response, lambda usage: _counted(usage, output_tokens=written))


@response_fault()
def counts_every_output_alike(response: Any) -> None:
    """output_tokens is the same however much was written."""
    if response["status"] == "completed" and not response["reasoning"]["effort"]:
        _of(response, lambda usage: _counted(usage, output_tokens=1))


@response_fault(*_ANY)
def counts_every_input_of_responses_alike(response: Any) -> None:
    """input_tokens of a Response is the same whatever the input."""
    _of(response, lambda usage: _counted(usage, input_tokens=8))


@response_fault()
def counts_only_the_latest_turn(response: Any) -> None:
    """A Response that continues another does not count what it continues."""
    if response["previous_response_id"]:
        _of(response, lambda usage: _counted(usage, input_tokens=2))
