"""Lies of the chunks of a streamed chat: their envelope, and their usage."""

from __future__ import annotations

from conformance.reference.editing import (
    Event,
    Stream,
)
from conformance.reference.faults.chat_json import CHAT
from conformance.reference.faults.frame import stream_fault

# The chunk


@stream_fault(CHAT)
def calls_a_chunk_an_answer(stream: Stream) -> None:
    """object is that of a whole answer."""
    for chunk in stream.chunks:
        chunk["object"] = "chat.completion"


@stream_fault(CHAT, defects=("D104",))
def omits_the_object_of_chunks(stream: Stream) -> None:
    """Chunks have no object."""
    for chunk in stream.chunks:
        del chunk["object"]


@stream_fault(CHAT, defects=("D086",))
def omits_the_id_of_chunks(stream: Stream) -> None:
    """Chunks have no id."""
    for chunk in stream.chunks:
        del chunk["id"]


@stream_fault(CHAT, defects=("D086",))
def empties_the_id_of_chunks(stream: Stream) -> None:
    """The id of every chunk is empty."""
    for chunk in stream.chunks:
        chunk["id"] = ""


@stream_fault(CHAT)
def changes_the_id_in_mid_stream(stream: Stream) -> None:
    """Every chunk has an id of its own."""
    for place, chunk in enumerate(stream.chunks):
        chunk["id"] += f"-{place}"


@stream_fault(CHAT)
def changes_created_in_mid_stream(stream: Stream) -> None:
    """created grows from chunk to chunk."""
    for place, chunk in enumerate(stream.chunks):
        chunk["created"] += place


@stream_fault(CHAT)
def changes_the_model_in_mid_stream(stream: Stream) -> None:
    """The last chunks name another model than the first."""
    for chunk in stream.chunks[2:]:
        chunk["model"] = "another-model"


@stream_fault(CHAT)
def nulls_choices(stream: Stream) -> None:
    """The first chunk has choices of null."""
    for chunk in stream.chunks[:1]:
        chunk["choices"] = None


@stream_fault(CHAT, defects=("D063",))
def begins_with_an_empty_chunk(stream: Stream) -> None:
    """The first chunk has an empty id, object and model and no choices."""
    empty = {"id": "", "object": "", "model": "", "created": 0, "choices": [], "prompt_filter_results": []}
    stream.events.insert(0, Event(None, empty))


@stream_fault(CHAT, defects=("D084",))
def discloses_the_provider(stream: Stream) -> None:
    """Chunks name the provider behind the gateway, its model and its latency."""
    for chunk in stream.chunks:
        chunk["extra_fields"] = {"provider": "vertex", "model_requested": "gemini-2.5-pro", "latency": 412}


@stream_fault(CHAT, defects=("D100",))
def bills_in_the_stream(stream: Stream) -> None:
    """An accounting object without choices is sent as a chunk."""
    bill = {"object": "billing.summary", "usage": {"total_tokens": 3}, "cost": 0.0001}
    stream.events.insert(-1, Event(None, bill))


@stream_fault(CHAT, defects=("D108",))
def interleaves_named_events(stream: Stream) -> None:
    """Named events that are no chunks are mixed into the stream."""
    stream.events.insert(1, Event("gateway.tool.progress", {"tool": "search"}))


# Usage


@stream_fault(CHAT, defects=("D055",))
def sends_empty_usage(stream: Stream) -> None:
    """Chunks before the last have an empty usage object."""
    for chunk in stream.chunks:
        chunk["usage"] = chunk.get("usage") or {}


@stream_fault(CHAT, defects=("D080",))
def forgets_the_usage_chunk(stream: Stream) -> None:
    """include_usage is accepted, and no usage comes."""
    stream.events = [event for event in stream.events if not _is_usage(event)]


def _is_usage(event: Event) -> bool:
    return isinstance(event.data, dict) and bool(event.data.get("usage"))


@stream_fault(CHAT, defects=("D089",))
def forgets_the_usage_chunk_with_tools(stream: Stream) -> None:
    """include_usage is accepted, and no usage comes where tools are given."""
    if stream.sent.get("tools"):
        forgets_the_usage_chunk(stream)


@stream_fault(CHAT)
def sends_the_usage_chunk_twice(stream: Stream) -> None:
    """The usage chunk comes twice."""
    stream.events = [copy for event in stream.events for copy in [event] * (1 + _is_usage(event))]


@stream_fault(CHAT)
def sends_usage_unasked(stream: Stream) -> None:
    """A usage object comes though none was asked for."""
    if not (stream.sent.get("stream_options") or {}).get("include_usage"):
        stream.chunks[-1]["usage"] = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


@stream_fault(CHAT)
def sends_choices_with_the_usage(stream: Stream) -> None:
    """The usage chunk has a choice, which clients take for one more delta."""
    for chunk in stream.chunks:
        if chunk.get("usage"):
            chunk["choices"] = [
                {"index": 0, "delta": {"content": ""}, "logprobs": None, "finish_reason": None}
            ]


@stream_fault(CHAT, defects=("D096",))
def omits_choices_with_the_usage(stream: Stream) -> None:
    """The usage chunk has no choices key."""
    for chunk in stream.chunks:
        if chunk.get("usage"):
            del chunk["choices"]


@stream_fault(CHAT, defects=("D081",))
def counts_more_when_streaming(stream: Stream) -> None:
    """A stream's completion_tokens is more than that of the same answer whole."""
    for chunk in stream.chunks:
        if chunk.get("usage"):
            chunk["usage"]["completion_tokens"] += 7
            chunk["usage"]["total_tokens"] += 7


@stream_fault(CHAT)
def miscounts_the_stream(stream: Stream) -> None:
    """A stream's total_tokens is not the sum of its parts."""
    for chunk in stream.chunks:
        if chunk.get("usage"):
            chunk["usage"]["total_tokens"] += 1


@stream_fault(CHAT, defects=("D104",))
def counts_usage_in_every_chunk(stream: Stream) -> None:
    """Every chunk has the usage so far, whether asked for or not."""
    for place, chunk in enumerate(stream.chunks):
        chunk["usage"] = {"prompt_tokens": 9, "completion_tokens": place, "total_tokens": 9 + place}
