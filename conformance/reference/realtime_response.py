"""The events of one realtime response: text, or sound with its transcript, or function calls."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from conformance.reference import media
from conformance.reference.answers import JsonObject
from conformance.reference.responses_request import functions_of
from conformance.reference.sampling import sample
from conformance.reference.text import Turn, prompt_tokens, reply
from conformance.reference.tokens import tokenize
from conformance.reference.tools import call_tokens, calls, definition_tokens, fit_calls, read_choice

NewId = Callable[[str], str]


class RealtimeResponse:
    """One response: what it says, and the events that say it; ``previous`` is the item before it."""

    def __init__(
        self,
        new_id: NewId,
        settings: JsonObject,
        turns: Sequence[Turn],
        conversation: str | None,
        previous: str | None,
    ) -> None:
        self._new_id = new_id
        self._settings = settings
        self._turns = turns
        self._conversation = conversation
        self._previous = previous
        self._id = new_id("resp_")
        self._spoken = settings["output_modalities"] == ["audio"]
        self.items, self._tokens, self._cut = self._written()

    def _written(self) -> tuple[list[JsonObject], int, bool]:
        limit = self._settings["max_output_tokens"]
        limit = None if limit in ("inf", None) else int(limit)
        functions = functions_of(self._settings.get("tools") or ())
        wanted = self._settings.get("tool_choice")
        choice = read_choice(wanted, functions, wanted.get("name") if isinstance(wanted, dict) else None)
        made = calls(self._turns, functions, choice, True)
        if made:
            kept, cut = fit_calls(made, limit)
            total = sum(call_tokens(call) for call in kept)
            return [self._call_item(call) for call in kept], min(total, limit or total), cut
        said = sample(reply(self._turns), limit)
        return [self._message(said.text, said.finish == "length")], len(said.tokens), said.finish == "length"

    def _call_item(self, call: Any) -> JsonObject:
        return {
            **self._item("function_call", "completed"),
            "call_id": self._new_id("call_"),
            "name": call.name,
            "arguments": call.arguments,
        }

    def _message(self, text: str, cut: bool) -> JsonObject:
        part = (
            {"type": "output_audio", "transcript": text}
            if self._spoken
            else {"type": "output_text", "text": text}
        )
        item = self._item("message", "incomplete" if cut else "completed")
        return {**item, "role": "assistant", "content": [part]}

    def _item(self, kind: str, status: str) -> JsonObject:
        return {"id": self._new_id("item_"), "object": "realtime.item", "type": kind, "status": status}

    def events(self) -> Iterator[JsonObject]:
        """Every event in order, without ids."""
        yield {"type": "response.created", "response": self._object("in_progress")}
        for index, item in enumerate(self.items):
            yield from self._item_events(index, item)
        yield {"type": "response.done", "response": self._object("incomplete" if self._cut else "completed")}
        limit = {"limit": 60_000, "remaining": 59_999, "reset_seconds": 0.001}
        yield {
            "type": "rate_limits.updated",
            "rate_limits": [{"name": "requests", **limit}, {"name": "tokens", **limit}],
        }

    def _object(self, status: str) -> JsonObject:
        done = status != "in_progress"
        details = {"type": "incomplete", "reason": "max_output_tokens"} if status == "incomplete" else None
        return {
            "object": "realtime.response",
            "id": self._id,
            "status": status,
            "status_details": details,
            "output": self.items if done else [],
            "conversation_id": self._conversation,
            "output_modalities": self._settings["output_modalities"],
            "max_output_tokens": self._settings["max_output_tokens"],
            "audio": {"output": self._settings["audio"]["output"]},
            "usage": self._usage() if done else None,
            "metadata": self._settings.get("metadata"),
        }

    def _usage(self) -> JsonObject:
        asked = prompt_tokens(self._turns) + definition_tokens(self._settings.get("tools"))
        text, sound = (0, self._tokens) if self._spoken else (self._tokens, 0)
        cached = {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0}
        return {
            "total_tokens": asked + self._tokens,
            "input_tokens": asked,
            "output_tokens": self._tokens,
            "input_token_details": {
                "text_tokens": asked,
                "audio_tokens": 0,
                "image_tokens": 0,
                "cached_tokens": 0,
                "cached_tokens_details": cached,
            },
            "output_token_details": {"text_tokens": text, "audio_tokens": sound},
        }

    def _item_events(self, index: int, item: JsonObject) -> Iterator[JsonObject]:
        here = {"response_id": self._id, "output_index": index}
        empty: JsonObject = {"arguments": ""} if item["type"] == "function_call" else {"content": []}
        opened = {**item, "status": "in_progress", **empty}
        yield {"type": "response.output_item.added", **here, "item": opened}
        if self._conversation:
            yield {"type": "conversation.item.added", "previous_item_id": self._before(index), "item": opened}
        if item["type"] == "function_call":
            yield from _arguments({**here, "item_id": item["id"], "call_id": item["call_id"]}, item)
        else:
            yield from self._part_events(
                {**here, "item_id": item["id"], "content_index": 0}, item["content"][0]
            )
        if self._conversation:
            yield {"type": "conversation.item.done", "previous_item_id": self._before(index), "item": item}
        yield {"type": "response.output_item.done", **here, "item": item}

    def _before(self, index: int) -> str | None:
        return self.items[index - 1]["id"] if index else self._previous

    def _part_events(self, here: JsonObject, content: JsonObject) -> Iterator[JsonObject]:
        field = "transcript" if self._spoken else "text"
        kind = "audio" if self._spoken else "text"
        yield {"type": "response.content_part.added", **here, "part": {"type": kind, field: ""}}
        yield from (_spoken if self._spoken else _text)(here, content[field])
        yield {"type": "response.content_part.done", **here, "part": {"type": kind, field: content[field]}}


def _text(here: JsonObject, words: str) -> Iterator[JsonObject]:
    for token in tokenize(words):
        yield {"type": "response.output_text.delta", **here, "delta": token}
    yield {"type": "response.output_text.done", **here, "text": words}


def _spoken(here: JsonObject, words: str) -> Iterator[JsonObject]:
    sound = base64.b64encode(media.pcm(0.02)).decode()
    for token in tokenize(words):
        yield {"type": "response.output_audio_transcript.delta", **here, "delta": token}
        yield {"type": "response.output_audio.delta", **here, "delta": sound}
    yield {"type": "response.output_audio.done", **here}
    yield {"type": "response.output_audio_transcript.done", **here, "transcript": words}


def _arguments(here: JsonObject, item: JsonObject) -> Iterator[JsonObject]:
    for piece in tokenize(item["arguments"]):
        yield {"type": "response.function_call_arguments.delta", **here, "delta": piece}
    whole = {"name": item["name"], "arguments": item["arguments"]}
    yield {"type": "response.function_call_arguments.done", **here, **whole}
