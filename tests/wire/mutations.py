"""Every single change of a stream, and those that leave it legal, each with the reason."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from conformance.wire.grammar import DONE
from tests.wire.legal_streams import Payloads

INDEXES = ("output_index", "content_index", "summary_index", "partial_image_index")
TEXTS = ("delta", "text", "refusal", "arguments", "input", "transcript")


@dataclass(frozen=True)
class Mutation:
    """One change at event ``at``: dropped, duplicated, swapped with the next, or with another value."""

    change: str
    at: int
    original: Payloads
    mutated: Payloads

    @property
    def first(self) -> Any:
        """The event that was changed."""
        return self.original[self.at]

    @property
    def second(self) -> Any:
        """The event after it."""
        return self.original[self.at + 1]

    def __str__(self) -> str:
        second = f" with {label(self.second)}" if self.change == "swap" else ""
        return f"{self.change} {self.at} {label(self.first)}{second}"


def label(payload: Any) -> str:
    """The type of an event; of a chunk, what it says: ``role content finish``."""
    if payload == DONE:
        return DONE
    if "choices" not in payload:
        return str(payload["type"])
    said = [word for entry in payload["choices"] for word in _said(entry)]
    return " ".join(said) if payload["choices"] else "usage"


def _said(entry: dict[str, Any]) -> Iterator[str]:
    delta = entry.get("delta", entry)
    yield from (name for name in ("role", "content", "tool_calls", "text") if delta.get(name))
    if entry["finish_reason"]:
        yield "finish"


def lane(payload: Any) -> object:
    """What an event is about: its choice and call, its item, its lane; None for the whole stream."""
    if payload == DONE:
        return None
    if "choices" in payload:
        return [_call(entry) for entry in payload["choices"]] or None
    if "stream_id" in payload:
        return payload["stream_id"], payload.get("output_index")
    return payload.get("output_index")


def _call(entry: dict[str, Any]) -> tuple[object, ...]:
    calls = entry.get("delta", {}).get("tool_calls") or [{}]
    return entry["index"], calls[0].get("index")


def mutations(original: Payloads) -> Iterator[Mutation]:
    """Every drop, duplication and swap of neighbours, every changed index and every changed text."""
    for at, payload in enumerate(original):
        before, after = original[:at], original[at + 1 :]
        yield Mutation("drop", at, original, before + after)
        yield Mutation("duplicate", at, original, [*before, payload, payload, *after])
        if after and payload != after[0]:
            yield Mutation("swap", at, original, [*before, after[0], payload, *after[1:]])
        for name, changed in _changed(payload):
            yield Mutation(f"change {name}", at, original, [*before, changed, *after])


def _changed(payload: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(payload, dict):
        return
    for name in INDEXES:
        if name in payload:
            yield name, {**payload, name: payload[name] + 1}
    for name in TEXTS:
        if isinstance(payload.get(name), str):
            yield name, {**payload, name: payload[name] + "x"}
    for name in ("id", "model", "created"):
        if name in payload and "choices" in payload:
            yield name, {**payload, name: f"{payload[name]}x"}
    for path in (("item_id",), ("item", "id"), ("response", "id"), ("response", "status"), ("response_id",)):
        changed = copy.deepcopy(payload)
        holder = changed if len(path) == 1 else changed.get(path[0])
        if isinstance(holder, dict) and path[-1] in holder:
            holder[path[-1]] += "x"
            yield ".".join(path), changed


@dataclass(frozen=True)
class Legal:
    """Mutations of a grammar that break no rule, and why."""

    grammars: str
    change: str
    first: str
    reason: str
    second: str = "*"
    when: Callable[[Mutation], bool] = lambda mutation: True

    def covers(self, grammar: str, mutation: Mutation) -> bool:
        """Whether this entry explains why the mutation goes unnoticed."""
        return (
            fnmatchcase(grammar, self.grammars)
            and fnmatchcase(mutation.change, self.change)
            and fnmatchcase(label(mutation.first), self.first)
            and (mutation.change != "swap" or fnmatchcase(label(mutation.second), self.second))
            and self.when(mutation)
        )


def _independent(mutation: Mutation) -> bool:
    first, second = lane(mutation.first), lane(mutation.second)
    return first is not None and second is not None and first != second


def _ends_without_success(mutation: Mutation) -> bool:
    return any(label(payload) in ("response.failed", "error") for payload in mutation.original)


def _has_no_deltas(mutation: Mutation) -> bool:
    kind = label(mutation.first).removesuffix(".done") + ".delta"
    return not any(
        label(payload) == kind and payload.get("item_id") == mutation.first.get("item_id")
        for payload in mutation.original
    )


def _after_error(mutation: Mutation) -> bool:
    before = [payload for payload in mutation.original[: mutation.at] if _same_socket_lane(payload, mutation)]
    return bool(before) and label(before[-1]) == "error"


def _before_error(mutation: Mutation) -> bool:
    following = [
        payload for payload in mutation.original[mutation.at + 1 :] if _same_socket_lane(payload, mutation)
    ]
    return bool(following) and label(following[0]) == "error"


def _same_socket_lane(payload: Any, mutation: Mutation) -> bool:
    return bool(payload.get("stream_id") == mutation.first.get("stream_id"))


def _is_the_only_chunk(mutation: Mutation) -> bool:
    return len([payload for payload in mutation.original if payload != DONE]) == 1


def _same_text(mutation: Mutation) -> bool:
    first, second = mutation.first, mutation.second
    one, other = first.get("delta", ""), second.get("delta", "")
    return label(first) == label(second) and str(one + other) == other + one


def _changes_nothing(mutation: Mutation) -> bool:
    return not mutation.first.get("delta")


def _had_no_deltas(mutation: Mutation) -> bool:
    return len(mutation.original) == 1


def _its_only_delta(mutation: Mutation) -> bool:
    return len(mutation.original) == 2


def _last_partial(mutation: Mutation) -> bool:
    return label(mutation.second).endswith(".completed")


def _same_without_ends(mutation: Mutation) -> bool:
    """Outer white space does not count in a transcript."""
    deltas: list[str] = [
        "".join(p["delta"] for p in ps if "delta" in p) for ps in (mutation.original, mutation.mutated)
    ]
    return deltas[0].strip() == deltas[1].strip()


def _only_chunk_of_the_last_choice(mutation: Mutation) -> bool:
    index = max(
        entry["index"] for payload in mutation.original if payload != DONE for entry in payload["choices"]
    )
    entries = [
        entry["index"] for payload in mutation.original if payload != DONE for entry in payload["choices"]
    ]
    return entries.count(index) == 1 and [entry["index"] for entry in mutation.first["choices"]] == [index]


def _last_call(mutation: Mutation) -> bool:
    calls = [
        (entry["index"], call["index"], "id" in call)
        for payload in mutation.original
        if payload != DONE
        for entry in payload["choices"]
        for call in entry["delta"].get("tool_calls") or []
    ]
    index, number, is_head = next(
        (entry["index"], call["index"], "id" in call)
        for entry in mutation.first["choices"]
        for call in entry["delta"]["tool_calls"]
    )
    later = [call for call in calls if call[0] == index and call[1] > number]
    fragments = [call for call in calls if call[:2] == (index, number)]
    return not is_head or (len(fragments) == 1 and not later)


LEGAL = (
    # chunks
    Legal("chat", "drop", "content", "nothing in the stream repeats the text of a delta"),
    Legal("chat", "duplicate", "content", "a delta may say the same twice"),
    Legal("chat", "drop", "tool_calls", "arguments are not repeated", when=_last_call),
    Legal("chat", "duplicate", "tool_calls", "arguments may say the same twice", when=_last_call),
    Legal("chat", "swap", "content*", "the order of texts means nothing to the grammar", "content*"),
    Legal("chat", "swap", "content", "a choice may say text between its calls", "tool_calls*"),
    Legal(
        "chat",
        "swap",
        "tool_calls",
        "arguments in another order are arguments",
        "tool_calls",
        when=_last_call,
    ),
    Legal("c*", "drop", "usage", "only the request tells whether usage was asked for"),
    Legal("c*", "swap", "*", "choices, and calls of a choice, are independent", when=_independent),
    Legal("completions", "drop", "text*", "nothing in the stream repeats the text"),
    Legal("completions", "drop", "", "nothing was said"),
    Legal("completions", "duplicate", "", "nothing was said"),
    Legal("completions", "duplicate", "text", "a chunk may say the same twice"),
    Legal("completions", "swap", "*", "the order of texts means nothing to the grammar", "*"),
    Legal(
        "c*",
        "drop",
        "*finish",
        "the number of choices is in the request",
        when=_only_chunk_of_the_last_choice,
    ),
    Legal("c*", "change text", "*", "nothing repeats it"),
    Legal("c*", "change *", "*", "one chunk cannot disagree with itself", when=_is_the_only_chunk),
    # responses
    Legal("responses*", "drop", "response.in_progress", "in_progress is optional"),
    Legal("responses*", "drop", "response.created", "a stream may begin with its error", when=_before_error),
    Legal("responses*", "drop", "error", "response.failed alone tells of the failure"),
    Legal("responses*", "drop", "response.failed", "a stream may end on its error", when=_after_error),
    Legal("responses*", "drop", "*_call*.done", "an item may arrive unbroken", when=_has_no_deltas),
    Legal(
        "responses*",
        "drop",
        "response.output_item.done",
        "a failure leaves items open",
        when=_ends_without_success,
    ),
    Legal("responses*", "drop", "response.web_search_call.*", "no client waits for notes of progress"),
    Legal("responses*", "duplicate", "*.in_progress", "a note of progress may be repeated"),
    Legal("responses*", "duplicate", "*.searching", "a note of progress may be repeated"),
    Legal("responses*", "swap", "*.in_progress", "the order of notes is not promised", "*.searching"),
    Legal("re*", "swap", "*_part.done", "parts are told apart by their index", "*_part.added"),
    Legal("re*", "swap", "*", "items, and lanes of a socket, are independent", when=_independent),
    Legal("re*", "swap", "*.delta", "the texts say the same in both orders", "*.delta", when=_same_text),
    Legal("re*", "*", "*.delta", "an empty delta, or one of sound, is not compared", when=_changes_nothing),
    Legal("responses-websocket", "*", "error", "a turn may be refused, twice too"),
    Legal(
        "responses-websocket", "drop", "response.*", "the refusal ends this turn instead", when=_before_error
    ),
    Legal("responses-websocket", "swap", "response.failed", "an error may come before failed", "error"),
    # images, audio
    Legal("image*", "drop", "*.partial_image", "fewer partial images are allowed", when=_last_partial),
    Legal("transcription", "change text", "*", "whole without deltas", when=_had_no_deltas),
    Legal("transcription", "drop", "*.delta", "whole without deltas", when=_its_only_delta),
    Legal("transcription", "*", "*.delta", "it is the same text", when=_same_without_ends),
    Legal("speech", "*", "*.delta", "nothing repeats the sound"),
    # realtime
    Legal("realtime", "*", "rate_limits.updated", "limits may come anywhere"),
    Legal("realtime", "*", "error", "errors may come anywhere"),
    Legal("realtime", "swap", "*", "limits and errors may come anywhere", "rate_limits.updated"),
    Legal("realtime", "swap", "*", "limits and errors may come anywhere", "error"),
    Legal(
        "realtime",
        "drop",
        "conversation.item.done",
        "only the announced end of an item of the response is awaited",
    ),
    Legal(
        "realtime",
        "swap",
        "*",
        "items of the conversation are told of beside the response",
        "conversation.item.*",
    ),
    Legal("realtime", "swap", "conversation.item.*", "they are told of beside the response", "response.*"),
    Legal(
        "realtime",
        "swap",
        "response.output_audio*",
        "sound and transcript are mixed freely",
        "response.output_audio*",
    ),
)
