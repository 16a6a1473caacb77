"""Streams that keep their grammar, as Hypothesis strategies: each is the list of payloads in wire order."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from conformance.wire.grammar import DONE

Payloads = list[Any]

WORDS = st.lists(st.sampled_from(["a", "b ", "ż", "🎉", '"', "\n"]), max_size=4)
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
RESPONSES_USAGE = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}


@st.composite
def interleaved(draw: st.DrawFn, lanes: list[Payloads]) -> Payloads:
    """Every lane in its own order, mixed with the others."""
    lanes = [list(lane) for lane in lanes if lane]
    mixed: Payloads = []
    while lanes:
        lane = draw(st.sampled_from(lanes))
        mixed.append(lane.pop(0))
        lanes = [lane for lane in lanes if lane]
    return mixed


# Chat and completions


def chunk(choices: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": choices,
        **more,
    }


def choice(index: int, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": index, "delta": delta, "finish_reason": finish}


@st.composite
def tool_deltas(draw: st.DrawFn, choice_index: int) -> Payloads:
    """The deltas of parallel tool calls, one after the other or mixed."""
    lanes: list[Payloads] = []
    for index in range(draw(st.integers(1, 2))):
        head = {"id": f"call_{choice_index}_{index}", "type": "function"}
        first = {"index": index, **head, "function": {"name": "f", "arguments": ""}}
        pieces = draw(WORDS)
        rest = [{"index": index, "function": {"arguments": piece}} for piece in pieces]
        lanes.append([{"tool_calls": [fragment]} for fragment in (first, *rest)])
    heads = [lane.pop(0) for lane in lanes]
    return heads + draw(interleaved(lanes))


@st.composite
def chat_choice(draw: st.DrawFn, index: int, tools: bool) -> Payloads:
    """The chunks of one choice."""
    deltas: Payloads = [{"role": "assistant", "content": ""}, *({"content": word} for word in draw(WORDS))]
    if draw(st.booleans()) and len(deltas) > 1:
        deltas[:2] = [{"role": "assistant", **deltas[1]}]  # role and content in one delta
    if tools:
        deltas += draw(tool_deltas(index))
    entries = [choice(index, delta) for delta in deltas]
    finish = "tool_calls" if tools else "stop"
    if draw(st.booleans()):
        entries.append(choice(index, {}, finish))
    else:
        entries[-1] = {**entries[-1], "finish_reason": finish}
    return entries


@st.composite
def chat(draw: st.DrawFn) -> Payloads:
    """A chat stream: one or several choices, tools or not, usage or not."""
    tools = draw(st.booleans())
    lanes = [draw(chat_choice(index, tools)) for index in range(draw(st.integers(1, 2)))]
    # choices first appear in ascending order
    heads = [lane.pop(0) for lane in lanes]
    entries = heads + draw(interleaved(lanes))
    together = draw(st.booleans())
    payloads = [chunk(heads), *map(chunk, ([entry] for entry in entries[len(heads) :]))]
    if not together:
        payloads = [chunk([entry]) for entry in entries]
    return _with_usage(draw, payloads)


@st.composite
def completions(draw: st.DrawFn) -> Payloads:
    """A completions stream: choices of several prompts in any order."""
    lanes: list[Payloads] = []
    for index in range(draw(st.integers(1, 3))):
        texts = [*draw(WORDS), ""]
        entries = [{"index": index, "text": text, "logprobs": None, "finish_reason": None} for text in texts]
        entries[-1]["finish_reason"] = "stop"
        lanes.append(entries)
    entries = draw(interleaved(lanes))
    return _with_usage(draw, [{**chunk([entry]), "object": "text_completion"} for entry in entries])


def _with_usage(draw: st.DrawFn, payloads: Payloads) -> Payloads:
    if draw(st.booleans()):
        for payload in payloads:
            payload["usage"] = None
        payloads.append({**payloads[0], "choices": [], "usage": USAGE})
    return [*payloads, DONE]


# Responses


def _parted(item: dict[str, Any], index: int) -> dict[str, Any]:
    return {"item_id": item["id"], "output_index": index}


def text_events(index: int, item: dict[str, Any], number: int, words: list[str], refusal: bool) -> Payloads:
    """One part of a message, and its effect on ``item``."""
    name, kind = ("refusal", "response.refusal") if refusal else ("text", "response.output_text")
    base = {**_parted(item, index), "content_index": number}
    part = {"type": "refusal" if refusal else "output_text", name: ""}
    whole = {**part, name: "".join(words)}
    item["content"].append(whole)
    return [
        {"type": "response.content_part.added", **base, "part": part},
        *({"type": f"{kind}.delta", **base, "delta": word} for word in words),
        {"type": f"{kind}.done", **base, name: whole[name]},
        {"type": "response.content_part.done", **base, "part": whole},
    ]


def summary_events(index: int, item: dict[str, Any], number: int, words: list[str]) -> Payloads:
    """One part of a reasoning summary, and its effect on ``item``."""
    base = {**_parted(item, index), "summary_index": number}
    whole = {"type": "summary_text", "text": "".join(words)}
    item["summary"].append(whole)
    kind = "response.reasoning_summary"
    return [
        {"type": f"{kind}_part.added", **base, "part": {"type": "summary_text", "text": ""}},
        *({"type": f"{kind}_text.delta", **base, "delta": word} for word in words),
        {"type": f"{kind}_text.done", **base, "text": whole["text"]},
        {"type": f"{kind}_part.done", **base, "part": whole},
    ]


def said_events(kind: str, field: str, index: int, item: dict[str, Any], words: list[str]) -> Payloads:
    """A text of the item itself: arguments, or the input of a custom tool."""
    base = _parted(item, index)
    item[field] = "".join(words)
    return [
        *({"type": f"{kind}.delta", **base, "delta": word} for word in words),
        {"type": f"{kind}.done", **base, field: item[field]},
    ]


def progress_events(index: int, item: dict[str, Any]) -> Payloads:
    """The notes of a hosted tool."""
    kind = f"response.{item['type']}"
    return [
        {"type": f"{kind}.{note}", **_parted(item, index)}
        for note in ("in_progress", "searching", "completed")
    ]


ITEMS: dict[str, dict[str, Any]] = {
    "message": {"role": "assistant", "content": []},
    "function_call": {"call_id": "c", "name": "f", "arguments": ""},
    "custom_tool_call": {"call_id": "c", "name": "f", "input": ""},
    "reasoning": {"summary": []},
    "web_search_call": {},
}


@st.composite
def item_events(draw: st.DrawFn, index: int, kind: str, *, incomplete: bool = False) -> Payloads:
    """One output item from its announcement to its end."""
    item = {"type": kind, "id": f"item_{index}", "status": "in_progress", **copy.deepcopy(ITEMS[kind])}
    events: Payloads = [
        {"type": "response.output_item.added", "output_index": index, "item": copy.deepcopy(item)}
    ]
    events += _inner(draw, index, kind, item)
    item["status"] = "incomplete" if incomplete else "completed"
    events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    return events


def _inner(draw: st.DrawFn, index: int, kind: str, item: dict[str, Any]) -> Payloads:
    if kind == "message":
        parts = [
            text_events(index, item, number, draw(WORDS), draw(st.booleans()))
            for number in range(draw(st.integers(1, 2)))
        ]
        return [event for part in parts for event in part]
    if kind == "reasoning":
        parts = [
            summary_events(index, item, number, draw(WORDS)) for number in range(draw(st.integers(0, 2)))
        ]
        return [event for part in parts for event in part]
    if kind == "web_search_call":
        return progress_events(index, item)
    if draw(st.booleans()):
        item["arguments" if kind == "function_call" else "input"] = "whole"  # the item arrives unbroken
        return []
    if kind == "function_call":
        return said_events("response.function_call_arguments", "arguments", index, item, draw(WORDS))
    return said_events("response.custom_tool_call_input", "input", index, item, draw(WORDS))


def response(status: str, output: list[Any], identity: str = "resp_1") -> dict[str, Any]:
    done = status in ("completed", "incomplete")
    return {
        "id": identity,
        "object": "response",
        "status": status,
        "output": output,
        "usage": RESPONSES_USAGE if done else None,
    }


def numbered(events: Payloads) -> Payloads:
    """Copies with sequence numbers 0, 1, 2…"""
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


@st.composite
def responses(draw: st.DrawFn, identity: str = "resp_1", terminal: str | None = None) -> Payloads:
    """A Responses stream: items of every kind, in turn or interleaved, to any terminal."""
    terminal = terminal or draw(st.sampled_from(["completed", "incomplete", "failed"]))
    kinds = draw(st.lists(st.sampled_from(sorted(ITEMS)), max_size=3))
    lanes = [
        draw(item_events(index, kind, incomplete=terminal == "incomplete" and index == len(kinds) - 1))
        for index, kind in enumerate(kinds)
    ]
    items = [lane[-1]["item"] for lane in lanes]
    if draw(st.booleans()):
        heads = [lane.pop(0) for lane in lanes]
        inner = heads + draw(interleaved(lanes))
    else:
        inner = [event for lane in lanes for event in lane]
    events = [{"type": "response.created", "response": response("in_progress", [], identity)}]
    if draw(st.booleans()):
        events.append({"type": "response.in_progress", "response": response("in_progress", [], identity)})
    events += inner
    if terminal == "failed":
        events += draw(st.sampled_from([[], [{"type": "error", "error": {"message": "m", "code": "c"}}]]))
        items = []
    events.append({"type": f"response.{terminal}", "response": response(terminal, items, identity)})
    return numbered(events)


@st.composite
def responses_websocket(draw: st.DrawFn) -> Payloads:
    """Several turns, in one or two lanes, with refused turns between."""
    lanes: list[Payloads] = []
    names: list[list[str | None]] = [[None], ["a", "b"]]
    for lane in draw(st.sampled_from(names)):
        turns: Payloads = []
        for number in range(draw(st.integers(1, 2))):
            turns += draw(responses(f"resp_{lane}_{number}"))
            if draw(st.booleans()):
                turns.append({"type": "error", "status": 400, "error": {"message": "m", "code": "c"}})
        lanes.append([turn if lane is None else {**turn, "stream_id": lane} for turn in turns])
    return draw(interleaved(lanes))


# Images, audio, realtime


def image_stream(prefix: str, images: int = 1) -> st.SearchStrategy[Payloads]:
    """Partial images and the completed one, for each image."""

    def one(count: int) -> Payloads:
        partial = [
            {"type": f"{prefix}.partial_image", "b64_json": "AAAA", "partial_image_index": number}
            for number in range(count)
        ]
        return [*partial, {"type": f"{prefix}.completed", "b64_json": "AAAA", "usage": {}}]

    counts = st.lists(st.integers(0, 3), min_size=images, max_size=images)
    return counts.map(lambda counts: [event for count in counts for event in one(count)])


def transcription() -> st.SearchStrategy[Payloads]:
    """Deltas and the whole, whose outer white space may differ."""
    return WORDS.map(
        lambda words: [
            *({"type": "transcript.text.delta", "delta": word} for word in words),
            {"type": "transcript.text.done", "text": "".join(words).strip()},
        ]
    )


def speech() -> st.SearchStrategy[Payloads]:
    """Pieces of sound and the end."""
    return st.integers(0, 3).map(
        lambda count: (
            [{"type": "speech.audio.delta", "audio": "AAAA"}] * count + [{"type": "speech.audio.done"}]
        )
    )


@st.composite
def realtime_response(draw: st.DrawFn, identity: str, audio: bool) -> Payloads:
    """One response of a session: a message in text or sound, and a call perhaps."""
    item = {
        "id": f"item_{identity}",
        "type": "message",
        "role": "assistant",
        "status": "in_progress",
        "content": [],
    }
    base = {"response_id": identity, "item_id": item["id"], "output_index": 0, "content_index": 0}
    words = draw(WORDS)
    text = "".join(words)
    field, channel = (
        ("transcript", "response.output_audio_transcript") if audio else ("text", "response.output_text")
    )
    said: list[Payloads] = [
        [
            *({"type": f"{channel}.delta", **base, "delta": word} for word in words),
            {"type": f"{channel}.done", **base, field: text},
        ]
    ]
    if audio:
        said.append(
            [{"type": f"response.output_audio.{note}", **base} for note in ("delta", "delta", "done")]
        )
    done = {
        **item,
        "status": "completed",
        "content": [{"type": f"output_{'audio' if audio else 'text'}", field: text}],
    }
    part = {"type": "audio" if audio else "text"}
    ends = [
        {"type": "conversation.item.done", "item": done},
        {"type": "response.output_item.done", "response_id": identity, "output_index": 0, "item": done},
    ]
    shell = {"id": identity, "object": "realtime.response"}
    return [
        {
            "type": "response.created",
            "response": {**shell, "status": "in_progress", "output": [], "usage": None},
        },
        {"type": "response.output_item.added", "response_id": identity, "output_index": 0, "item": item},
        {"type": "conversation.item.added", "item": item},
        {"type": "response.content_part.added", **base, "part": {**part, field: ""}},
        *draw(interleaved(said)),
        {"type": "response.content_part.done", **base, "part": {**part, field: text}},
        *draw(st.permutations(ends)),
        {
            "type": "response.done",
            "response": {**shell, "status": "completed", "output": [done], "usage": {}},
        },
    ]


@st.composite
def realtime(draw: st.DrawFn) -> Payloads:
    """A session with user items, errors, rate limits and several responses."""
    events: Payloads = [{"type": "session.created", "session": {"type": "realtime"}}]
    for number in range(draw(st.integers(1, 2))):
        user = {"id": f"user_{number}", "type": "message", "role": "user"}
        events += [{"type": f"conversation.item.{note}", "item": user} for note in ("added", "done")]
        if draw(st.booleans()):
            events.append({"type": "error", "error": {"message": "m", "event_id": "e"}})
        events += draw(realtime_response(f"resp_{number}", draw(st.booleans())))
        events.insert(draw(st.integers(1, len(events))), {"type": "rate_limits.updated", "rate_limits": []})
    return [{**event, "event_id": f"event_{number}"} for number, event in enumerate(events)]


STREAMS: dict[str, st.SearchStrategy[Payloads]] = {
    "chat": chat(),
    "completions": completions(),
    "responses": responses(),
    "responses-websocket": responses_websocket(),
    "image-generation": image_stream("image_generation"),
    "image-edit": image_stream("image_edit"),
    "transcription": transcription(),
    "speech": speech(),
    "realtime": realtime(),
}
"""A strategy for each grammar of ``spec/streams.yaml``."""
