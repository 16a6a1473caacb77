"""Lies of streamed Responses about their items, parts, calls and reasoning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.reference.editing import (
    Event,
    Stream,
)
from conformance.reference.faults.frame import stream_fault

RESPONSES = "/v1/responses"
READ = "/v1/responses/resp_*"
_TERMINAL = ("response.completed", "response.incomplete", "response.failed")


def _typed(stream: Stream, *kinds: str) -> Iterator[Any]:
    return (chunk for chunk in stream.chunks if chunk.get("type") in kinds)


def _drop(stream: Stream, *kinds: str) -> None:
    """Take events of these types away, and close the numbering up."""
    kept = [event for event in stream.events if event.data.get("type") not in kinds]
    if len(kept) < len(stream.events):
        stream.events = kept
        _renumber(stream)


def _renumber(stream: Stream) -> None:
    first = stream.chunks[0]["sequence_number"] if stream.chunks else 0
    for place, chunk in enumerate(stream.chunks):
        chunk["sequence_number"] = first + place


def _insert(stream: Stream, place: int, *data: Any) -> None:
    stream.events[place:place] = [Event(one["type"], one) for one in data]
    _renumber(stream)


def _place(stream: Stream, kind: str) -> int | None:
    places = (place for place, event in enumerate(stream.events) if event.data.get("type") == kind)
    return next(places, None)


# Items and parts


@stream_fault(RESPONSES)
def never_adds_items(stream: Stream) -> None:
    """Items get events without having been added."""
    _drop(stream, "response.output_item.added")


@stream_fault(RESPONSES)
def never_ends_items(stream: Stream) -> None:
    """Items are added and never done."""
    _drop(stream, "response.output_item.done")


@stream_fault(RESPONSES)
def never_adds_parts(stream: Stream) -> None:
    """Text is streamed into a part that was never added."""
    _drop(stream, "response.content_part.added")


@stream_fault(RESPONSES)
def never_ends_parts(stream: Stream) -> None:
    """Parts are added and never done."""
    _drop(stream, "response.content_part.done")


@stream_fault(RESPONSES, defects=("D122",))
def never_ends_text(stream: Stream) -> None:
    """Text is streamed without response.output_text.done."""
    _drop(stream, "response.output_text.done")


@stream_fault(RESPONSES)
def streams_no_deltas(stream: Stream) -> None:
    """The text comes whole, without a single delta."""
    _drop(stream, "response.output_text.delta")


@stream_fault(RESPONSES, defects=("D125",))
def ends_an_item_that_never_began(stream: Stream) -> None:
    """An item that was never announced is ended."""
    ghost = {"id": "chatcmpl-0", "type": "message", "status": "completed", "role": "assistant", "content": []}
    event = {"type": "response.output_item.done", "sequence_number": 0, "output_index": 7, "item": ghost}
    _insert(stream, len(stream.events) - 1, event)


@stream_fault(RESPONSES, defects=("D131",))
def omits_item_statuses(stream: Stream) -> None:
    """Items in added and done events have no status."""
    for chunk in _typed(stream, "response.output_item.added", "response.output_item.done"):
        chunk["item"].pop("status", None)


@stream_fault(RESPONSES)
def adds_items_completed(stream: Stream) -> None:
    """An item is completed when it is added."""
    for chunk in _typed(stream, "response.output_item.added"):
        if "status" in chunk["item"]:
            chunk["item"]["status"] = "completed"


@stream_fault(RESPONSES, defects=("D136",))
def ends_messages_without_content(stream: Stream) -> None:
    """The message in output_item.done is empty although text was streamed."""
    for chunk in _typed(stream, "response.output_item.done"):
        if chunk["item"]["type"] == "message":
            chunk["item"]["content"] = []


@stream_fault(RESPONSES, defects=("D147",))
def garbles_deltas(stream: Stream) -> None:
    """The deltas do not join to the text of the done events."""
    for chunk in _typed(stream, "response.output_text.delta"):
        chunk["delta"] *= 2


@stream_fault(RESPONSES)
def ends_text_with_another_text(stream: Stream) -> None:
    """output_text.done holds another text than its part."""
    for chunk in _typed(stream, "response.output_text.done"):
        chunk["text"] += "!"


@stream_fault(RESPONSES)
def omits_delta_logprobs(stream: Stream) -> None:
    """Text deltas have no logprobs key."""
    for chunk in _typed(stream, "response.output_text.delta"):
        del chunk["logprobs"]


@stream_fault(RESPONSES)
def omits_content_indexes(stream: Stream) -> None:
    """Text events have no content_index."""
    for chunk in _typed(stream, "response.output_text.delta", "response.output_text.done"):
        del chunk["content_index"]


# Function calls and reasoning


@stream_fault(RESPONSES, defects=("D140",))
def streams_no_arguments(stream: Stream) -> None:
    """Arguments come whole, without a single delta."""
    _drop(stream, "response.function_call_arguments.delta")


@stream_fault(RESPONSES, defects=("D140",))
def ends_arguments_empty(stream: Stream) -> None:
    """The arguments of the done event are {} although others were streamed."""
    for chunk in _typed(stream, "response.function_call_arguments.done"):
        chunk["arguments"] = "{}"


@stream_fault(RESPONSES)
def never_ends_arguments(stream: Stream) -> None:
    """Arguments are streamed without response.function_call_arguments.done."""
    _drop(stream, "response.function_call_arguments.done")


@stream_fault(RESPONSES, defects=("D145",))
def ends_summaries_without_text(stream: Stream) -> None:
    """reasoning_summary_text.done has no text."""
    for chunk in _typed(stream, "response.reasoning_summary_text.done"):
        del chunk["text"]


@stream_fault(RESPONSES, defects=("D141",))
def streams_calls_as_text(stream: Stream) -> None:
    """A call is streamed as marked-up text instead of a function call."""
    added = _place(stream, "response.output_item.added")
    if added is None or stream.events[added].data["item"]["type"] != "function_call":
        return
    final = stream.chunks[-1]
    calls = [item for item in final["response"]["output"] if item["type"] == "function_call"]
    text = "".join(f'<tool_call>{{"name": "{item["name"]}"}}</tool_call>' for item in calls)
    del stream.events[2:-1]
    _insert(stream, 2, *_message_events(text))
    final["response"]["output"] = [stream.events[-2].data["item"]]


def _message_events(text: str) -> list[Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    item = {"id": "msg_0", "type": "message", "status": "completed", "role": "assistant", "content": [part]}
    here = {"item_id": "msg_0", "output_index": 0, "content_index": 0}
    opened = {**item, "status": "in_progress", "content": []}
    events: list[Any] = [
        {"type": "response.output_item.added", "output_index": 0, "item": opened},
        {"type": "response.content_part.added", **here, "part": {**part, "text": ""}},
        {"type": "response.output_text.delta", **here, "delta": text, "logprobs": []},
        {"type": "response.output_text.done", **here, "text": text, "logprobs": []},
        {"type": "response.content_part.done", **here, "part": part},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
    ]
    return [{"sequence_number": 0, **event} for event in events]
