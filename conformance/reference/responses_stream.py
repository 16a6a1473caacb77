"""The events that stream a Response: derived from the finished object, so that both always agree.

created, in_progress, ITEM*, completed | incomplete
ITEM = output_item.added, the parts of its type with their deltas, output_item.done
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.reference.answers import JsonObject
from conformance.reference.tokens import tokenize


def events_of(response: JsonObject, interlude: tuple[JsonObject, ...] = ()) -> Iterator[JsonObject]:
    """Every event in order, each numbered from zero; ``interlude`` comes before the first item."""
    for number, event in enumerate(_events(response, interlude)):
        yield {"type": event["type"], "sequence_number": number, **event}


def _events(response: JsonObject, interlude: tuple[JsonObject, ...]) -> Iterator[JsonObject]:
    begun = {
        **response,
        "status": "in_progress",
        "completed_at": None,
        "incomplete_details": None,
        "output": [],
        "usage": None,
    }
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    yield from interlude
    for index, item in enumerate(response["output"]):
        yield from _item_events(index, item)
    yield {"type": f"response.{response['status']}", "response": response}


def _item_events(index: int, item: JsonObject) -> Iterator[JsonObject]:
    parts = {"message": _message_events, "function_call": _call_events, "reasoning": _reasoning_events}
    empty: dict[str, JsonObject] = {
        "message": {"content": []},
        "function_call": {"arguments": ""},
        "reasoning": {"summary": []},
    }
    opened = {**item, **empty[item["type"]]}
    if "status" in item:
        opened["status"] = "in_progress"
    yield {"type": "response.output_item.added", "output_index": index, "item": opened}
    yield from parts[item["type"]]({"item_id": item["id"], "output_index": index}, item)
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _message_events(place: JsonObject, item: JsonObject) -> Iterator[JsonObject]:
    for index, part in enumerate(item["content"]):
        here = {**place, "content_index": index}
        yield {"type": "response.content_part.added", **here, "part": {**part, "text": "", "logprobs": []}}
        yield from _text_deltas(here, part)
        whole = {"text": part["text"], "logprobs": part["logprobs"]}
        yield {"type": "response.output_text.done", **here, **whole}
        yield {"type": "response.content_part.done", **here, "part": part}


def _text_deltas(here: JsonObject, part: JsonObject) -> Iterator[JsonObject]:
    entries: list[Any] = part["logprobs"]
    for number, token in enumerate(tokenize(part["text"])):
        delta = {"delta": token, "logprobs": entries[number : number + 1]}
        yield {"type": "response.output_text.delta", **here, **delta}


def _call_events(place: JsonObject, item: JsonObject) -> Iterator[JsonObject]:
    for piece in tokenize(item["arguments"]):
        yield {"type": "response.function_call_arguments.delta", **place, "delta": piece}
    whole = {"name": item["name"], "arguments": item["arguments"]}
    yield {"type": "response.function_call_arguments.done", **place, **whole}


def _reasoning_events(place: JsonObject, item: JsonObject) -> Iterator[JsonObject]:
    for index, part in enumerate(item["summary"]):
        here = {**place, "summary_index": index}
        empty = {"type": "summary_text", "text": ""}
        yield {"type": "response.reasoning_summary_part.added", **here, "part": empty}
        for piece in tokenize(part["text"]):
            yield {"type": "response.reasoning_summary_text.delta", **here, "delta": piece}
        yield {"type": "response.reasoning_summary_text.done", **here, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **here, "part": part}
