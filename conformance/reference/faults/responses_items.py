"""Lies of the events of a Response about its items, parts, texts, calls and reasoning."""

from __future__ import annotations

from typing import Any

from conformance.reference.faults.frame import events_fault
from conformance.reference.telling import Telling, drop, insert, places, typed

_TEXT = ("response.content_part.added", "response.output_text.delta", "response.output_text.done",
         "response.content_part.done")  # fmt: skip
_ARGUMENTS = ("response.function_call_arguments.delta", "response.function_call_arguments.done")

# Items and parts


@events_fault()
def never_adds_items(events: Telling) -> None:
    """Items get events without having been added."""
    drop(events, "response.output_item.added")


@events_fault()
def adds_items_twice(events: Telling) -> None:
    """An item is added twice."""
    for place in reversed(places(events, "response.output_item.added")):
        insert(events, place, {**events[place]})


@events_fault()
def never_ends_items(events: Telling) -> None:
    """Items are added and never done."""
    drop(events, "response.output_item.done")


@events_fault()
def ends_items_twice(events: Telling) -> None:
    """An item is done twice."""
    for place in reversed(places(events, "response.output_item.done")):
        insert(events, place, {**events[place]})


@events_fault()
def never_adds_parts(events: Telling) -> None:
    """Text is streamed into a part that was never added."""
    drop(events, "response.content_part.added")


@events_fault()
def never_ends_parts(events: Telling) -> None:
    """Parts are added and never done."""
    drop(events, "response.content_part.done")


@events_fault(defects=("D125",))
def ends_an_item_that_never_began(events: Telling) -> None:
    """An item that was never announced is ended."""
    ghost = {"id": "chatcmpl-0", "type": "message", "status": "completed", "role": "assistant", "content": []}
    for place in places(events, "response.completed"):
        insert(events, place, {"type": "response.output_item.done", "output_index": 7, "item": ghost})


def _items(events: Telling, *kinds: str, **members: Any) -> None:
    for event in typed(events, *kinds):
        event["item"] = {**event["item"], **members} if "status" in event["item"] else event["item"]


@events_fault(defects=("D131",))
def omits_item_statuses(events: Telling) -> None:
    """Items in added and done events have no status."""
    for event in typed(events, "response.output_item.added", "response.output_item.done"):
        event["item"].pop("status", None)


@events_fault()
def adds_items_completed(events: Telling) -> None:
    """An item is completed when it is added."""
    _items(events, "response.output_item.added", status="completed")


@events_fault()
def leaves_done_items_in_progress(events: Telling) -> None:
    """An item is still in progress when it is done."""
    _items(events, "response.output_item.done", status="in_progress")


@events_fault()
def adds_messages_with_their_content(events: Telling) -> None:
    """A message has its content already when it is added."""
    whole = {event["output_index"]: event["item"] for event in typed(events, "response.output_item.done")}
    for event in typed(events, "response.output_item.added"):
        if event["item"]["type"] == "message":
            event["item"] = {**event["item"], "content": whole[event["output_index"]]["content"]}


@events_fault(defects=("D136",))
def ends_messages_without_content(events: Telling) -> None:
    """The message in output_item.done is empty although text was streamed."""
    for event in typed(events, "response.output_item.done"):
        if event["item"]["type"] == "message":
            event["item"]["content"] = []


# Texts


@events_fault(defects=("D122",))
def never_ends_text(events: Telling) -> None:
    """Text is streamed without response.output_text.done."""
    drop(events, "response.output_text.done")


@events_fault()
def streams_no_deltas(events: Telling) -> None:
    """The text comes whole, without a single delta."""
    drop(events, "response.output_text.delta")


@events_fault()
def says_texts_only_at_their_end(events: Telling) -> None:
    """Texts and arguments come only with the end of their items."""
    drop(events, *_TEXT, *_ARGUMENTS)


@events_fault()
def goes_on_after_the_text(events: Telling) -> None:
    """A delta follows the done event of its text."""
    for place in reversed(places(events, "response.output_text.done")):
        late = {**events[place], "type": "response.output_text.delta", "delta": "", "logprobs": []}
        late.pop("text")
        insert(events, place + 1, late)


@events_fault(defects=("D147",))
def garbles_deltas(events: Telling) -> None:
    """The deltas do not join to the text of the done events."""
    for event in typed(events, "response.output_text.delta"):
        event["delta"] *= 2


@events_fault()
def cuts_deltas_within_a_character(events: Telling) -> None:
    """A delta ends in half of a surrogate pair."""
    for event in list(typed(events, "response.output_text.delta"))[-1:]:
        event["delta"] += "\ud83d"


@events_fault()
def ends_text_with_another_text(events: Telling) -> None:
    """output_text.done holds another text than its part."""
    for event in typed(events, "response.output_text.done"):
        event["text"] += "!"


@events_fault()
def ends_parts_with_another_text(events: Telling) -> None:
    """content_part.done holds another text than was streamed."""
    for event in typed(events, "response.content_part.done"):
        event["part"] = {**event["part"], "text": event["part"]["text"] + "!"}


@events_fault()
def omits_delta_logprobs(events: Telling) -> None:
    """Text deltas have no logprobs key."""
    for event in typed(events, "response.output_text.delta"):
        del event["logprobs"]


@events_fault()
def returns_logprobs_of_another_stream(events: Telling) -> None:
    """The log probabilities of the deltas are not those of their text."""
    for event in typed(events, "response.output_text.delta"):
        for entry in event["logprobs"]:
            entry.update(token="x", bytes=[120])


@events_fault()
def omits_content_indexes(events: Telling) -> None:
    """Text events have no content_index."""
    for event in typed(events, "response.output_text.delta", "response.output_text.done"):
        del event["content_index"]


@events_fault()
def obfuscates_always(events: Telling) -> None:
    """Deltas are padded although the client switched that off."""
    for event in events:
        if event["type"].endswith(".delta"):
            event["obfuscation"] = "aaaa"


# Function calls and reasoning


@events_fault(defects=("D140",))
def streams_no_arguments(events: Telling) -> None:
    """Arguments come whole, without a single delta."""
    drop(events, "response.function_call_arguments.delta")


@events_fault(defects=("D140",))
def ends_arguments_empty(events: Telling) -> None:
    """The arguments of the done event are {} although others were streamed."""
    for event in typed(events, "response.function_call_arguments.done"):
        event["arguments"] = "{}"


@events_fault()
def never_ends_arguments(events: Telling) -> None:
    """Arguments are streamed without response.function_call_arguments.done."""
    drop(events, "response.function_call_arguments.done")


@events_fault(defects=("D145",))
def ends_summaries_without_text(events: Telling) -> None:
    """reasoning_summary_text.done has no text."""
    for event in typed(events, "response.reasoning_summary_text.done"):
        del event["text"]
