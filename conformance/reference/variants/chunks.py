"""Streams whose events differ: usage, calls, padding, unknown events."""

from __future__ import annotations

from typing import Any

from conformance.exchange import Exchange
from conformance.reference.editing import (
    Event,
    Stream,
    edit_events,
    is_call,
    is_stream,
)
from conformance.reference.variants.frame import variant


@variant
def sends_null_usage_in_every_chunk(exchange: Exchange) -> Exchange:
    """Chunks have a usage of null though none was asked for."""

    def edit(stream: Stream) -> None:
        for chunk in stream.chunks:
            chunk.setdefault("usage", None)

    return edit_events(exchange, edit) if _is_legacy_stream(exchange) else exchange


@variant
def omits_usage_until_the_last_chunk(exchange: Exchange) -> Exchange:
    """Chunks before the usage chunk have no usage key."""

    def edit(stream: Stream) -> None:
        for chunk in stream.chunks:
            if chunk.get("usage") is None:
                chunk.pop("usage", None)

    return edit_events(exchange, edit) if _is_legacy_stream(exchange) else exchange


def _is_legacy_stream(exchange: Exchange) -> bool:
    return is_stream(exchange) and (
        is_call(exchange, "/v1/chat/completions") or is_call(exchange, "/v1/completions")
    )


@variant
def streams_without_logprobs_keys(exchange: Exchange) -> Exchange:
    """Chunks of a chat have no logprobs key where none were asked for."""

    def edit(stream: Stream) -> None:
        for chunk in stream.chunks:
            for choice in chunk["choices"]:
                if choice["logprobs"] is None:
                    del choice["logprobs"]

    return edit_events(exchange, edit) if is_call(exchange, "/v1/chat/completions") else exchange


@variant
def sends_the_whole_call_in_one_delta(exchange: Exchange) -> Exchange:
    """A streamed chat's call comes whole, in its first part."""

    def edit(stream: Stream) -> None:
        whole: dict[tuple[int, int], Any] = {}
        kept = []
        for event in stream.events:
            parts = _call_parts(event)
            first = [(key, part) for key, part in parts if key not in whole]
            whole.update(first)
            for key, part in parts:
                if (key, part) not in first:
                    whole[key]["function"]["arguments"] += part["function"]["arguments"]
            if first or not parts:
                kept.append(event)
            elif event.data["choices"][0]["finish_reason"]:
                event.data["choices"][0]["delta"] = {}
                kept.append(event)
        stream.events = kept

    return edit_events(exchange, edit) if is_call(exchange, "/v1/chat/completions") else exchange


def _call_parts(event: Event) -> list[tuple[tuple[int, int], Any]]:
    if not isinstance(event.data, dict):
        return []
    return [
        ((choice["index"], part["index"]), part)
        for choice in event.data["choices"]
        for part in choice["delta"].get("tool_calls") or ()
    ]


@variant
def pads_deltas(exchange: Exchange) -> Exchange:
    """Deltas have obfuscation strings, unless they are not wanted."""

    def edit(stream: Stream) -> None:
        if (stream.sent.get("stream_options") or {}).get("include_obfuscation") is False:
            return
        for place, chunk in enumerate(stream.chunks):
            if "choices" in chunk or "delta" in chunk:
                chunk["obfuscation"] = "x" * (place % 8 + 1)

    return edit_events(exchange, edit)


@variant
def appends_the_done_marker(exchange: Exchange) -> Exchange:
    """Streams of Responses and images end with [DONE], which clients ignore."""

    def edit(stream: Stream) -> None:
        stream.events.append(Event(None, "[DONE]"))

    here = is_call(exchange, "/v1/images/*") or is_call(exchange, "/v1/responses*")
    return edit_events(exchange, edit) if here else exchange
