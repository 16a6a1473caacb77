"""Lies of streamed Responses, as SSE and in replays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.exchange import Exchange
from conformance.reference.editing import (
    Event,
    Stream,
    edit_events,
    is_call,
    is_stream,
    status_of,
    with_chunks,
)
from conformance.reference.faults.frame import fault, stream_fault

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


# Framing


@stream_fault(RESPONSES, defects=("D133",))
def strips_event_names(stream: Stream) -> None:
    """Frames have no event: line."""
    for event in stream.events:
        event.name = None


@stream_fault(RESPONSES)
def names_events_otherwise(stream: Stream) -> None:
    """The event: line contradicts the type in the data."""
    for event in stream.events:
        event.name = "message"


@fault(defects=("D143",))
def puts_a_blank_line_behind_event_names(exchange: Exchange) -> Exchange:
    """A blank line separates the event: line from its data."""
    streams = is_call(exchange, RESPONSES) and is_stream(exchange) and status_of(exchange) == 200
    if not streams or exchange.response is None:
        return exchange
    pieces = [chunk.data.replace(b"\ndata: ", b"\n\ndata: ") for chunk in exchange.response.chunks]
    return with_chunks(exchange, pieces)


# Numbering


@stream_fault(RESPONSES)
def omits_sequence_numbers(stream: Stream) -> None:
    """Events have no sequence_number."""
    for chunk in stream.chunks:
        del chunk["sequence_number"]


@stream_fault(RESPONSES, defects=("D150",))
def repeats_a_sequence_number(stream: Stream) -> None:
    """Two events have one sequence_number."""
    for chunk in stream.chunks[4:]:
        chunk["sequence_number"] -= 1


@stream_fault(RESPONSES, defects=("D150",))
def skips_a_sequence_number(stream: Stream) -> None:
    """The sequence numbers have a gap."""
    for chunk in stream.chunks[4:]:
        chunk["sequence_number"] += 1


@stream_fault(RESPONSES)
def numbers_events_from_one(stream: Stream) -> None:
    """The first sequence_number is 1."""
    for chunk in stream.chunks:
        chunk["sequence_number"] += 1


@stream_fault(RESPONSES, defects=("D151",))
def indexes_output_from_one(stream: Stream) -> None:
    """The first output_index is 1."""
    for chunk in stream.chunks:
        if "output_index" in chunk:
            chunk["output_index"] += 1


@stream_fault(RESPONSES, defects=("D151",))
def indexes_content_from_one(stream: Stream) -> None:
    """The first content_index is 1."""
    for chunk in stream.chunks:
        if "content_index" in chunk:
            chunk["content_index"] += 1


@stream_fault(RESPONSES)
def changes_the_item_id_in_mid_stream(stream: Stream) -> None:
    """Deltas name another item than the one that was added."""
    for chunk in _typed(stream, "response.output_text.delta", "response.function_call_arguments.delta"):
        chunk["item_id"] += "x"


@stream_fault(RESPONSES)
def changes_the_response_id_in_mid_stream(stream: Stream) -> None:
    """The last event holds another Response id than the first."""
    for chunk in _typed(stream, *_TERMINAL):
        chunk["response"]["id"] = "resp_another"


# Beginning and end


@stream_fault(RESPONSES)
def begins_without_created(stream: Stream) -> None:
    """The stream does not begin with response.created."""
    _drop(stream, "response.created")


@stream_fault(RESPONSES)
def begins_without_in_progress(stream: Stream) -> None:
    """The stream has no response.in_progress."""
    _drop(stream, "response.in_progress")


@stream_fault(RESPONSES)
def begins_completed(stream: Stream) -> None:
    """The Response in response.created is completed already."""
    for chunk in _typed(stream, "response.created"):
        chunk["response"]["status"] = "completed"


@stream_fault(RESPONSES, defects=("D130",))
def embeds_a_response_without_output(stream: Stream) -> None:
    """The Response in the first events has no output and no error."""
    for chunk in _typed(stream, "response.created", "response.in_progress"):
        for name in ("output", "error"):
            del chunk["response"][name]


@stream_fault(RESPONSES)
def ends_without_a_terminal_event(stream: Stream) -> None:
    """The stream ends without response.completed."""
    _drop(stream, *_TERMINAL)


@stream_fault(RESPONSES)
def completes_twice(stream: Stream) -> None:
    """The terminal event comes twice."""
    _insert(stream, len(stream.events), {**stream.chunks[-1]})


@stream_fault(RESPONSES)
def goes_on_after_the_terminal_event(stream: Stream) -> None:
    """An event follows the terminal one."""
    _insert(stream, len(stream.events), {**stream.chunks[1]})


@stream_fault(RESPONSES, defects=("D146",))
def completes_what_is_incomplete(stream: Stream) -> None:
    """The terminal event is response.completed although the Response in it is incomplete."""
    for event in stream.events:
        if event.data["type"] == "response.incomplete":
            event.name = event.data["type"] = "response.completed"


@stream_fault(RESPONSES)
def completes_what_was_cut(stream: Stream) -> None:
    """A stream that the limit cut ends completed, without incomplete_details."""
    for event in stream.events:
        if event.data["type"] == "response.incomplete":
            event.name = event.data["type"] = "response.completed"
            event.data["response"].update(status="completed", incomplete_details=None)


@stream_fault(RESPONSES, defects=("D145",))
def completes_with_null_output(stream: Stream) -> None:
    """The output in the terminal event is null."""
    for chunk in _typed(stream, *_TERMINAL):
        chunk["response"]["output"] = None


@stream_fault(RESPONSES)
def completes_with_empty_output(stream: Stream) -> None:
    """The output in the terminal event is empty although items were streamed."""
    for chunk in _typed(stream, *_TERMINAL):
        chunk["response"]["output"] = []


@stream_fault(RESPONSES)
def completes_without_usage(stream: Stream) -> None:
    """The Response in the terminal event has no usage."""
    for chunk in _typed(stream, *_TERMINAL):
        chunk["response"]["usage"] = None


# Failures


@fault(defects=("D132",))
def fails_a_response_with_an_envelope(exchange: Exchange) -> Exchange:
    """A failing stream ends on the HTTP error envelope instead of an event."""
    streams = is_call(exchange, RESPONSES) and is_stream(exchange) and status_of(exchange) == 200
    if not streams or exchange.response is None:
        return exchange
    envelope = {
        "error": {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}
    }
    kept = [chunk.data for chunk in exchange.response.chunks[:4]]
    return with_chunks(exchange, [*kept, b"data: " + json.dumps(envelope).encode() + b"\n\n"])


# Replay


def _replay(exchange: Exchange) -> bool:
    return is_call(exchange, READ, "GET") and is_stream(exchange) and status_of(exchange) == 200


@fault()
def replays_from_the_beginning(exchange: Exchange) -> Exchange:
    """starting_after is ignored: the replay begins at an event before it."""
    if not _replay(exchange) or "starting_after=" not in exchange.request.path:
        return exchange
    return edit_events(exchange, _repeat_earlier)


def _repeat_earlier(stream: Stream) -> None:
    if stream.chunks:
        earlier = {**stream.chunks[0], "sequence_number": max(stream.chunks[0]["sequence_number"] - 1, 0)}
        stream.events.insert(0, Event(earlier["type"], earlier))


@fault()
def renumbers_the_replay(exchange: Exchange) -> Exchange:
    """A replay numbers its events anew."""

    def edit(stream: Stream) -> None:
        for place, chunk in enumerate(stream.chunks):
            chunk["sequence_number"] = place

    return edit_events(exchange, edit) if _replay(exchange) else exchange


@fault()
def replays_another_text(exchange: Exchange) -> Exchange:
    """A replay streams other deltas than the original."""

    def edit(stream: Stream) -> None:
        for chunk in _typed(stream, "response.output_text.delta"):
            chunk["delta"] = chunk["delta"].upper() + "~"

    return edit_events(exchange, edit) if _replay(exchange) else exchange
