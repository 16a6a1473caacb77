"""Lies of the events of a Response: framing, numbers, beginning and end, in streams, replays and on the socket."""

from __future__ import annotations

import json
from typing import Any

from conformance.exchange import Exchange
from conformance.reference.editing import (
    Event,
    Stream,
    edit_events,
    event_bytes,
    is_call,
    is_stream,
    status_of,
    with_chunks,
)
from conformance.reference.faults.frame import events_fault, fault, stream_fault
from conformance.reference.telling import TERMINAL, Telling, drop, final, insert, places, responses, typed

RESPONSES = "/v1/responses"
READ = "/v1/responses/resp_*"
STREAMS = "/v1/responses*"


# Framing


@stream_fault(STREAMS, defects=("D133",))
def strips_event_names(stream: Stream) -> None:
    """Frames have no event: line."""
    for event in stream.events:
        event.name = None


@stream_fault(STREAMS)
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


# Numbers and ids


@events_fault()
def omits_sequence_numbers(events: Telling) -> None:
    """Events have no sequence_number."""
    for event in events:
        del event["sequence_number"]


@events_fault(defects=("D150",))
def repeats_a_sequence_number(events: Telling) -> None:
    """Two events have one sequence_number."""
    for event in events:
        if event["sequence_number"] >= 4:
            event["sequence_number"] -= 1


@events_fault(defects=("D150",))
def skips_a_sequence_number(events: Telling) -> None:
    """The sequence numbers have a gap."""
    for event in events:
        if event["sequence_number"] >= 4:
            event["sequence_number"] += 1


@events_fault()
def numbers_events_from_one(events: Telling) -> None:
    """The first sequence_number is 1."""
    for event in events:
        event["sequence_number"] += 1


@events_fault(defects=("D151",))
def indexes_output_from_one(events: Telling) -> None:
    """The first output_index is 1."""
    for event in events:
        if "output_index" in event:
            event["output_index"] += 1


@events_fault(defects=("D151",))
def indexes_content_from_one(events: Telling) -> None:
    """The first content_index is 1."""
    for event in events:
        if "content_index" in event:
            event["content_index"] += 1


@events_fault()
def changes_the_item_id_in_mid_stream(events: Telling) -> None:
    """Deltas name another item than the one that was added."""
    for event in events:
        if event["type"].endswith(".delta"):
            event["item_id"] += "x"


@events_fault()
def changes_the_response_id_in_mid_stream(events: Telling) -> None:
    """The first event holds another Response id than the last."""
    for event in typed(events, "response.created"):
        event["response"]["id"] += "x"


# The beginning


@events_fault()
def begins_without_created(events: Telling) -> None:
    """The stream does not begin with response.created."""
    drop(events, "response.created")


@events_fault()
def begins_completed(events: Telling) -> None:
    """The Response in response.created is completed already."""
    for event in typed(events, "response.created"):
        event["response"] = {**event["response"], "status": "completed"}


@events_fault()
def begins_twice(events: Telling) -> None:
    """response.in_progress comes twice."""
    for place in places(events, "response.in_progress"):
        insert(events, place, {**events[place]})


@events_fault()
def queues_what_is_in_progress(events: Telling) -> None:
    """response.queued follows response.in_progress."""
    for place in places(events, "response.in_progress"):
        queued = {**events[place]["response"], "status": "queued"}
        insert(events, place + 1, {"type": "response.queued", "response": queued})


def _begun(events: Telling, **members: Any) -> None:
    for event in typed(events, "response.created", "response.in_progress"):
        event["response"] = {**event["response"], **members}


@events_fault()
def begins_with_the_output(events: Telling) -> None:
    """The Response in the first events has its whole output already."""
    _begun(events, output=final(events)["output"])


@events_fault()
def counts_usage_at_the_beginning(events: Telling) -> None:
    """The Response in the first events has its usage already."""
    _begun(events, usage=final(events)["usage"])


@events_fault()
def begins_with_another_model(events: Telling) -> None:
    """The Response in the first events names another model than the last."""
    _begun(events, model="ref/text-mini" if final(events)["model"] == "ref-text" else "ref-text")


@events_fault(defects=("D130",))
def embeds_a_response_without_output(events: Telling) -> None:
    """The Response in the first events has no output and no error."""
    for event in typed(events, "response.created", "response.in_progress"):
        event["response"] = {k: v for k, v in event["response"].items() if k not in ("output", "error")}


@events_fault()
def leaves_options_out_of_streams(events: Telling) -> None:
    """A Response has fewer members when it is streamed."""
    for response in responses(events):
        response.pop("safety_identifier", None)


# The end


@events_fault()
def ends_without_a_terminal_event(events: Telling) -> None:
    """The stream ends without response.completed."""
    drop(events, *TERMINAL)


@events_fault()
def completes_twice(events: Telling) -> None:
    """The terminal event comes twice."""
    for place in places(events, *TERMINAL):
        insert(events, place, {**events[place]})


@events_fault()
def goes_on_after_the_terminal_event(events: Telling) -> None:
    """An event follows the terminal one."""
    for place in places(events, "response.in_progress"):
        insert(events, len(events), {**events[place]})


@events_fault(defects=("D146",))
def completes_what_is_incomplete(events: Telling) -> None:
    """The terminal event is response.completed although the Response in it is incomplete."""
    for event in typed(events, "response.incomplete"):
        event["type"] = "response.completed"


@events_fault()
def completes_what_was_cut(events: Telling) -> None:
    """A stream that the limit cut ends completed, without incomplete_details."""
    for event in typed(events, "response.incomplete"):
        event["type"] = "response.completed"
        event["response"].update(status="completed", incomplete_details=None)


@events_fault(defects=("D145",))
def completes_with_null_output(events: Telling) -> None:
    """The output in the terminal event is null."""
    for event in typed(events, *TERMINAL):
        event["response"]["output"] = None


@events_fault()
def completes_with_empty_output(events: Telling) -> None:
    """The output in the terminal event is empty although items were streamed."""
    for event in typed(events, *TERMINAL):
        event["response"]["output"] = []


@events_fault()
def completes_without_usage(events: Telling) -> None:
    """The Response in the terminal event has no usage."""
    for event in typed(events, *TERMINAL):
        event["response"]["usage"] = None


@events_fault()
def counts_more_in_streams(events: Telling) -> None:
    """The same Response counts more tokens when it is streamed."""
    for event in typed(events, "response.completed"):
        usage = event["response"]["usage"]
        for name in ("input_tokens", "output_tokens"):
            usage[name] += 1
            usage["total_tokens"] += 1


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


@events_fault()
def warns_in_an_error_event(events: Telling) -> None:
    """An error event comes in the midst of a stream that goes on."""
    error = {"code": "server_error", "message": "A worker was replaced.", "param": None}
    for place in places(events, "response.in_progress"):
        if events[place]["response"]["previous_response_id"] is None:
            insert(events, place + 1, {"type": "error", **error, "error": {"type": "server_error", **error}})


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
def replays_what_is_over(exchange: Exchange) -> Exchange:
    """A replay behind the last event begins anew."""
    if not _replay(exchange) or exchange.response is None or exchange.response.body:
        return exchange
    number = int(exchange.request.path.rpartition("starting_after=")[2].partition("&")[0]) + 1
    item = {"id": "msg_0", "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    return with_chunks(
        exchange,
        [
            event_bytes(
                Event(
                    "response.output_item.added",
                    {
                        "type": "response.output_item.added",
                        "sequence_number": number,
                        "output_index": 0,
                        "item": item,
                    },
                )
            )
        ],
    )


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
        for chunk in typed(stream.chunks, "response.output_text.delta"):
            chunk["delta"] = chunk["delta"].upper() + "~"

    return edit_events(exchange, edit) if _replay(exchange) else exchange
