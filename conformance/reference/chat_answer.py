"""A chat completion as JSON and as a stream of chunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from conformance.exchange import Response
from conformance.reference.answers import DONE, JsonObject, data_event, json_answer, stream_answer
from conformance.reference.sampling import Sample
from conformance.reference.tokens import chat_logprob, tokenize
from conformance.reference.tools import Call

FINGERPRINT = "fp_reference"


@dataclass(frozen=True, slots=True)
class Completion:
    """One choice: its text or its calls, and why it ended."""

    sample: Sample
    tokens: int
    calls: tuple[Call, ...] = ()

    @property
    def finish(self) -> str:
        """The finish_reason."""
        return "tool_calls" if self.calls and self.sample.finish == "stop" else self.sample.finish


@dataclass(frozen=True, slots=True)
class Chat:
    """One answered request, before it becomes JSON or a stream."""

    request: JsonObject
    identifier: str
    created: int
    choices: tuple[Completion, ...]
    call_ids: tuple[tuple[str, ...], ...]
    usage: JsonObject


def chat_answer(chat: Chat) -> Response:
    """The answer in the form that the request asks for."""
    if chat.request.get("stream"):
        return stream_answer(_events(chat))
    return json_answer(_chat_object(chat))


def usage_of(prompt: int, completion: int) -> JsonObject:
    """The usage object of Chat and Completions."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _chat_object(chat: Chat) -> JsonObject:
    choices = [_choice_object(chat, index) for index in range(len(chat.choices))]
    return {
        "id": chat.identifier,
        "object": "chat.completion",
        "created": chat.created,
        "model": chat.request["model"],
        "choices": choices,
        "usage": chat.usage,
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
    }


def _choice_object(chat: Chat, index: int) -> JsonObject:
    choice = chat.choices[index]
    message: JsonObject = {
        "role": "assistant",
        "content": choice.sample.text,
        "refusal": None,
        "annotations": [],
    }
    if choice.calls:
        message["content"] = None
        message["tool_calls"] = [
            {
                "id": identifier,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for identifier, call in zip(chat.call_ids[index], choice.calls, strict=True)
        ]
    return {
        "index": index,
        "message": message,
        "logprobs": logprobs_of(chat, index),
        "finish_reason": choice.finish,
    }


def logprobs_of(chat: Chat, index: int) -> JsonObject | None:
    """The log probabilities of a choice, where they were asked for and there is text."""
    choice = chat.choices[index]
    if not chat.request.get("logprobs") or choice.calls:
        return None
    wanted = int(chat.request.get("top_logprobs") or 0)
    entries = [chat_logprob(token, position, wanted) for position, token in enumerate(choice.sample.tokens)]
    return {"content": entries, "refusal": None}


def _events(chat: Chat) -> Iterator[bytes]:
    """Role, content and finish of every choice, choices taking turns; then usage, if asked for."""
    streams = [_deltas(chat, index) for index in range(len(chat.choices))]
    for turn in zip_longest(*streams):
        yield from (data_event(_chunk(chat, [choice])) for choice in turn if choice is not None)
    if _wants_usage(chat):
        yield data_event({**_chunk(chat, []), "usage": chat.usage})
    yield DONE


def _wants_usage(chat: Chat) -> bool:
    return bool((chat.request.get("stream_options") or {}).get("include_usage"))


def _chunk(chat: Chat, choices: list[JsonObject]) -> JsonObject:
    chunk: JsonObject = {
        "id": chat.identifier,
        "object": "chat.completion.chunk",
        "created": chat.created,
        "model": chat.request["model"],
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
        "choices": choices,
    }
    return {**chunk, "usage": None} if _wants_usage(chat) else chunk


def _deltas(chat: Chat, index: int) -> Iterator[JsonObject]:
    choice = chat.choices[index]
    first = {"role": "assistant", "content": None if choice.calls else "", "refusal": None}
    yield _delta(index, first)
    yield from (_delta(index, part) for part in _call_parts(chat, index))
    logprobs = logprobs_of(chat, index)
    for position, token in enumerate(choice.sample.tokens):
        entry = {"content": [logprobs["content"][position]], "refusal": None} if logprobs else None
        yield {**_delta(index, {"content": token}), "logprobs": entry}
    yield {**_delta(index, {}), "finish_reason": choice.finish}


def _delta(index: int, delta: JsonObject) -> JsonObject:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}


def _call_parts(chat: Chat, index: int) -> Iterator[JsonObject]:
    """Each call: its identity first, then its arguments piece by piece."""
    for number, call in enumerate(chat.choices[index].calls):
        function = {"name": call.name, "arguments": ""}
        opening = {
            "index": number,
            "id": chat.call_ids[index][number],
            "type": "function",
            "function": function,
        }
        yield {"tool_calls": [opening]}
        for piece in tokenize(call.arguments):
            yield {"tool_calls": [{"index": number, "function": {"arguments": piece}}]}
