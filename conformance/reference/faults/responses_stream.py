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


@stream_fault(RESPONSES)
def appends_the_done_marker_to_responses(stream: Stream) -> None:
    """[DONE] follows the terminal event: tolerated by clients, never sent by a Responses API."""
    stream.events.append(Event(None, "[DONE]"))


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
