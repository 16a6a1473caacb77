"""Lies of streamed chat completions: what the chunks say. How the bytes lie is in ``event_stream``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.exchange import Exchange, Failure
from conformance.reference import errors
from conformance.reference.answers import data_event
from conformance.reference.editing import (
    Event,
    Stream,
    answer_with,
    edit_events,
    is_call,
    is_stream,
    sent_json,
    status_of,
    with_body,
    with_chunks,
    with_header,
)
from conformance.reference.faults.chat_json import CHAT
from conformance.reference.faults.frame import fault, stream_fault


def streams_chat(exchange: Exchange) -> bool:
    """Whether a chat was answered as a stream."""
    return is_call(exchange, CHAT) and status_of(exchange) == 200 and is_stream(exchange)


def _choices(stream: Stream) -> Iterator[Any]:
    for chunk in stream.chunks:
        yield from chunk["choices"]


def _unfinished(stream: Stream) -> Iterator[Any]:
    return (choice for choice in _choices(stream) if choice["finish_reason"] is None)


def _finishing(stream: Stream) -> Iterator[Any]:
    return (choice for choice in _choices(stream) if choice["finish_reason"] is not None)


def _call_parts(stream: Stream) -> Iterator[Any]:
    for choice in _choices(stream):
        yield from choice["delta"].get("tool_calls") or ()


# The end of the stream


@stream_fault(CHAT, defects=("D045",))
def drops_the_done_marker(stream: Stream) -> None:
    """The stream ends without [DONE]."""
    stream.events = [event for event in stream.events if event.data != "[DONE]"]


@stream_fault(CHAT)
def says_done_twice(stream: Stream) -> None:
    """[DONE] is followed by another [DONE]."""
    stream.events.append(Event(None, "[DONE]"))


@stream_fault(CHAT)
def goes_on_after_done(stream: Stream) -> None:
    """A chunk follows [DONE]."""
    stream.events.append(stream.events[0])


@stream_fault(CHAT, defects=("D047",))
def never_finishes(stream: Stream) -> None:
    """No chunk has a finish_reason."""
    for choice in _finishing(stream):
        choice["finish_reason"] = None


@stream_fault(CHAT, defects=("D083",))
def finishes_with_every_chunk(stream: Stream) -> None:
    """Every chunk has finish_reason stop."""
    for choice in _unfinished(stream):
        choice["finish_reason"] = "stop"


@stream_fault(CHAT)
def finishes_twice(stream: Stream) -> None:
    """The chunk that finishes a choice is sent twice."""
    last = next(event for event in reversed(stream.events) if _finishes(event))
    stream.events.insert(stream.events.index(last), last)


def _finishes(event: Event) -> bool:
    return isinstance(event.data, dict) and any(one["finish_reason"] for one in event.data["choices"])


@stream_fault(CHAT)
def speaks_after_it_finished(stream: Stream) -> None:
    """Content follows the chunk that finished the choice."""
    place = next(place for place, event in enumerate(stream.events) if _finishes(event))
    late = {**stream.chunks[0], "choices": [{"index": 0, "delta": {"content": "!"}, "finish_reason": None}]}
    stream.events.insert(place + 1, Event(None, late))


@fault(defects=("D048",))
def hangs_after_the_finish(exchange: Exchange) -> Exchange:
    """After the finish_reason nothing comes, and the connection stays open."""
    if not streams_chat(exchange):
        return exchange
    cut = edit_events(exchange, _up_to_the_finish)
    return replace(cut, failure=Failure("idle", "silent after the chunk that finished"))


def _up_to_the_finish(stream: Stream) -> None:
    place = max(place for place, event in enumerate(stream.events) if _finishes(event))
    del stream.events[place + 1 :]


@fault(defects=("D103",))
def opens_a_stream_and_falls_silent(exchange: Exchange) -> Exchange:
    """The head of a stream comes, and then nothing at all."""
    if not streams_chat(exchange):
        return exchange
    return replace(with_body(exchange, b""), failure=Failure("idle", "silent after the head"))


@fault()
def cuts_the_stream_off(exchange: Exchange) -> Exchange:
    """The connection closes in the middle of the stream."""
    if not streams_chat(exchange) or exchange.response is None:
        return exchange
    pieces = [chunk.data for chunk in exchange.response.chunks]
    half = with_chunks(exchange, pieces[: len(pieces) // 2])
    return replace(half, failure=Failure("cut", "closed in the middle of the stream"))


# finish_reason


@stream_fault(CHAT, defects=("D042",))
def omits_finish_reason_until_the_end(stream: Stream) -> None:
    """Chunks before the last have no finish_reason key."""
    for choice in list(_unfinished(stream)):
        del choice["finish_reason"]


@stream_fault(CHAT, defects=("D062",))
def empties_finish_reason_until_the_end(stream: Stream) -> None:
    """Chunks before the last have an empty finish_reason."""
    for choice in _unfinished(stream):
        choice["finish_reason"] = ""


@stream_fault(CHAT, defects=("D098",))
def spells_null_as_none(stream: Stream) -> None:
    """Chunks before the last have the text None as their finish_reason."""
    for choice in _unfinished(stream):
        choice["finish_reason"] = "None"


@stream_fault(CHAT, defects=("D090",))
def writes_finish_reason_in_camel_case(stream: Stream) -> None:
    """The last chunk says finishReason, and finish_reason stays null."""
    for choice in list(_finishing(stream)):
        choice["finishReason"], choice["finish_reason"] = choice["finish_reason"], None


@stream_fault(CHAT, defects=("D082",))
def says_stop_where_tools_are_streamed(stream: Stream) -> None:
    """A stream of freely chosen calls ends with stop."""
    if stream.sent.get("tool_choice", "auto") == "auto":
        for choice in _finishing(stream):
            choice["finish_reason"] = (
                "stop" if choice["finish_reason"] == "tool_calls" else choice["finish_reason"]
            )


# Deltas


@stream_fault(CHAT, defects=("D057",))
def never_says_the_role(stream: Stream) -> None:
    """No delta has a role."""
    for choice in _choices(stream):
        choice["delta"].pop("role", None)


@stream_fault(CHAT)
def repeats_the_role(stream: Stream) -> None:
    """Every delta repeats the role."""
    for choice in _choices(stream):
        choice["delta"]["role"] = "assistant"


@stream_fault(CHAT, defects=("D055", "D098"))
def nulls_the_role_of_later_deltas(stream: Stream) -> None:
    """Deltas after the first have a role of null."""
    for choice in _choices(stream):
        choice["delta"].setdefault("role", None)


@stream_fault(CHAT, defects=("D087",))
def omits_the_last_delta(stream: Stream) -> None:
    """The chunk that finishes has no delta."""
    for choice in _finishing(stream):
        del choice["delta"]


@stream_fault(CHAT)
def sends_messages_for_deltas(stream: Stream) -> None:
    """Chunks carry a message instead of a delta."""
    for choice in _choices(stream):
        choice["message"] = choice.pop("delta")


@stream_fault(CHAT)
def streams_the_text_so_far(stream: Stream) -> None:
    """Each delta holds all the text so far instead of what is new."""
    so_far: dict[int, str] = {}
    for choice in _choices(stream):
        text = choice["delta"].get("content")
        if text:
            so_far[choice["index"]] = choice["delta"]["content"] = so_far.get(choice["index"], "") + text


@stream_fault(CHAT)
def streams_no_text(stream: Stream) -> None:
    """No delta has any content although tokens were generated."""
    stream.events = [event for event in stream.events if not _has_text(event)]


def _has_text(event: Event) -> bool:
    return isinstance(event.data, dict) and any(one["delta"].get("content") for one in event.data["choices"])


@stream_fault(CHAT, defects=("D094",))
def sends_empty_logprobs(stream: Stream) -> None:
    """logprobs is an empty object where none were asked for."""
    for choice in _choices(stream):
        choice["logprobs"] = choice["logprobs"] or {}


@stream_fault(CHAT)
def streams_one_choice_for_many(stream: Stream) -> None:
    """n is accepted, and only one choice is streamed."""
    stream.events = [event for event in stream.events if not _of_other_choices(event)]


def _of_other_choices(event: Event) -> bool:
    return isinstance(event.data, dict) and any(choice["index"] > 0 for choice in event.data["choices"])


# Tool calls


@stream_fault(CHAT, defects=("D085",))
def streams_calls_without_ids(stream: Stream) -> None:
    """No part of a streamed call has an id."""
    for part in _call_parts(stream):
        part.pop("id", None)


@stream_fault(CHAT, defects=("D044",))
def never_names_the_streamed_function(stream: Stream) -> None:
    """The first part of a call has only its index and arguments."""
    for part in _call_parts(stream):
        for name in ("id", "type"):
            part.pop(name, None)
        part["function"].pop("name", None)


@stream_fault(CHAT)
def repeats_the_name_in_every_part(stream: Stream) -> None:
    """Each part of a call repeats the function's name, which clients join."""
    names: dict[int, str] = {}
    for part in _call_parts(stream):
        names.setdefault(part["index"], part["function"].get("name"))
        part["function"]["name"] = names[part["index"]]


@stream_fault(CHAT, defects=("D066",))
def empties_name_and_id_of_later_parts(stream: Stream) -> None:
    """Later parts of a call have an empty name and id, which clients take for the call's own."""
    for part in _call_parts(stream):
        part.setdefault("id", "")
        part["function"].setdefault("name", "")


@stream_fault(CHAT, defects=("D067",))
def gives_every_streamed_call_index_zero(stream: Stream) -> None:
    """All parallel calls have index 0."""
    for part in _call_parts(stream):
        part["index"] = 0


@stream_fault(CHAT)
def streams_calls_without_index(stream: Stream) -> None:
    """The parts of calls have no index."""
    for part in _call_parts(stream):
        del part["index"]


@stream_fault(CHAT, defects=("D068",))
def numbers_calls_for_ids(stream: Stream) -> None:
    """The ids of calls are 0, 1, …: the same in every answer."""
    for part in _call_parts(stream):
        if "id" in part:
            part["id"] = str(part["index"])


@stream_fault(CHAT)
def cuts_streamed_arguments(stream: Stream) -> None:
    """The arguments of a streamed call do not join to JSON."""
    parts = [part for part in _call_parts(stream) if part["function"].get("arguments")]
    for part in parts[-1:]:
        part["function"]["arguments"] = ""


# Refusals of streams


def _refuses_stream(exchange: Exchange) -> bool:
    return (
        is_call(exchange, CHAT) and status_of(exchange) >= 400 and sent_json(exchange).get("stream") is True
    )


@fault(defects=("D059",))
def streams_a_refusal(exchange: Exchange) -> Exchange:
    """What was known to be refused comes as a 200 with an error event."""
    if not _refuses_stream(exchange) or exchange.response is None:
        return exchange
    body = b"data: " + exchange.response.body + b"\n\ndata: [DONE]\n\n"
    return answer_with(exchange, 200, body, "text/event-stream; charset=utf-8")


@fault(defects=("D046",))
def answers_200_to_a_bad_stream_request(exchange: Exchange) -> Exchange:
    """A bad parameter of a stream is answered 200 with a bare error text and no end."""
    if not _refuses_stream(exchange):
        return exchange
    body = {"error": "Input validation error", "error_type": "validation"}
    return with_header(answer_with(exchange, 200, body), "content-type", "text/event-stream")


@fault()
def fails_in_mid_stream(exchange: Exchange) -> Exchange:
    """The stream breaks off with an error event."""
    if not streams_chat(exchange) or exchange.response is None:
        return exchange
    failure = {"error": errors.Refusal(500, "The server had an error.", kind="server_error").error()}
    return with_chunks(
        exchange, [*(chunk.data for chunk in exchange.response.chunks[:3]), data_event(failure)]
    )


@stream_fault(CHAT)
def caches_more_than_it_reads_in_streams(stream: Stream) -> None:
    """cached_tokens in the usage of a stream is more than prompt_tokens."""
    for chunk in stream.chunks:
        if chunk.get("usage"):
            usage = chunk["usage"]
            usage["prompt_tokens_details"]["cached_tokens"] = usage["prompt_tokens"] + 1


@stream_fault(CHAT)
def counts_nothing_in_streams(stream: Stream) -> None:
    """The usage of a stream is all zeros."""
    for chunk in stream.chunks:
        if chunk.get("usage"):
            chunk["usage"].update(prompt_tokens=0, completion_tokens=0, total_tokens=0)


@stream_fault(CHAT)
def indexes_streamed_calls_from_one(stream: Stream) -> None:
    """The first call of a stream has the index 1."""
    for part in _call_parts(stream):
        part["index"] += 1
