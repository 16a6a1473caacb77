"""What a model says, cut otherwise, thought about first, or under another name of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.exchange import Exchange
from conformance.reference.editing import Answer, Event, Stream, edit_events, edit_json, is_call, status_of
from conformance.reference.turns import Turn
from conformance.reference.variants.frame import variant, variant_of_turns

CHAT = "/v1/chat/completions"
_Key = tuple[int, str]


@variant
def packs_role_text_and_end_together(exchange: Exchange) -> Exchange:
    """A streamed chat's first text comes with the role, and its last with the finish_reason."""

    def edit(stream: Stream) -> None:
        for index in {choice["index"] for choice in _choices(stream.events)}:
            _pack(stream, index)

    return edit_events(exchange, edit) if is_call(exchange, CHAT) else exchange


def _pack(stream: Stream, index: int) -> None:
    own = [event for event in stream.events if _index_of(event) == index]
    if len(own) < 3:
        return
    first, second, *_, last = (event.data["choices"][0] for event in own)
    second["delta"] = {**first["delta"], **second["delta"]}
    text = own[-2].data["choices"][0]
    text["finish_reason"] = last["finish_reason"]
    stream.events = [event for event in stream.events if event is not own[0] and event is not own[-1]]


def _choices(events: list[Event]) -> Iterator[Any]:
    for event in events:
        if isinstance(event.data, dict):
            yield from event.data.get("choices", ())


def _index_of(event: Event) -> int | None:
    choices = list(_choices([event]))
    return choices[0]["index"] if choices else None


@variant
def says_texts_in_one_delta(exchange: Exchange) -> Exchange:
    """A streamed chat's text comes whole, in its first delta; the others have an empty one."""

    def edit(stream: Stream) -> None:
        if stream.sent.get("logprobs"):
            return
        whole: dict[int, Any] = {}
        for choice in _choices(stream.events):
            text = choice["delta"].get("content")
            if not text:
                continue
            if choice["index"] in whole:
                whole[choice["index"]]["content"] += text
                choice["delta"]["content"] = ""
            else:
                whole[choice["index"]] = choice["delta"]

    return edit_events(exchange, edit) if is_call(exchange, CHAT) else exchange


@variant
def thinks_before_it_chats(exchange: Exchange) -> Exchange:
    """A chat's choices have a reasoning_content, streamed before their content."""

    def edit(answer: Answer) -> None:
        for choice in answer.body["choices"]:
            choice["message"]["reasoning_content"] = "Let me think."

    def edit_stream(stream: Stream) -> None:
        events: list[Event] = []
        for event in stream.events:
            events.append(event)
            events += [Event(None, _thought(event.data, choice)) for choice in _begun([event])]
        stream.events = events

    if status_of(exchange) != 200 or not is_call(exchange, CHAT):
        return exchange
    return edit_events(edit_json(exchange, edit), edit_stream)


def _begun(events: list[Event]) -> Iterator[Any]:
    return (choice for choice in _choices(events) if "role" in choice["delta"] and not choice["finish_reason"])


def _thought(chunk: Any, choice: Any) -> Any:
    return {
        **chunk,
        "choices": [{**choice, "logprobs": None, "delta": {"reasoning_content": "Let me think."}}],
    }


@variant
def stops_after_a_forced_call(exchange: Exchange) -> Exchange:
    """A chat that was told which function to call ends with finish_reason stop."""

    def edit(answer: Answer) -> None:
        if isinstance(answer.sent.get("tool_choice"), dict):
            _stop(answer.body["choices"])

    def edit_stream(stream: Stream) -> None:
        if isinstance(stream.sent.get("tool_choice"), dict):
            _stop(_choices(stream.events))

    if status_of(exchange) != 200 or not is_call(exchange, CHAT):
        return exchange
    return edit_events(edit_json(exchange, edit), edit_stream)


def _stop(choices: Any) -> None:
    for choice in choices:
        if choice["finish_reason"] == "tool_calls":
            choice["finish_reason"] = "stop"


_DATED = "-2025-06-01"
_NAMED = (CHAT, "/v1/completions", "/v1/responses", "/v1/responses/*", "/v1/embeddings", "/v1/moderations")


def _name_dated(document: Any) -> None:
    """The model of an answer, of an event's response, or of a session."""
    for holder in (document, *(document.get(name) for name in ("response", "session"))):
        if isinstance(holder, dict) and isinstance(holder.get("model"), str):
            holder["model"] = holder["model"].removesuffix(_DATED) + _DATED


def _name_dated_in_turn(turn: Turn) -> None:
    for event in turn.events:
        if isinstance(event, dict):
            _name_dated(event)


@variant_of_turns(_name_dated_in_turn)
def names_dated_models(exchange: Exchange) -> Exchange:
    """Answers name the dated form of the model that was asked for."""

    def edit(answer: Answer) -> None:
        _name_dated(answer.body)

    def edit_stream(stream: Stream) -> None:
        for chunk in stream.chunks:
            _name_dated(chunk)

    here = status_of(exchange) == 200 and any(is_call(exchange, path) for path in _NAMED)
    return edit_events(edit_json(exchange, edit), edit_stream) if here else exchange


def _leave_out_settings(response: Any, sent: Any) -> None:
    if isinstance(response, dict) and response.get("object") == "response":
        for name in ("temperature", "top_p"):
            if sent.get(name) is None:
                response[name] = None


def _leave_out_settings_in_turn(turn: Turn) -> None:
    for event in turn.events:
        if isinstance(event, dict):
            _leave_out_settings(event.get("response"), turn.asked)


@variant_of_turns(_leave_out_settings_in_turn)
def has_no_sampling_settings(exchange: Exchange) -> Exchange:
    """temperature and top_p of a Response are null unless they were asked for, as models that reason have none."""

    def edit(answer: Answer) -> None:
        _leave_out_settings(answer.body, answer.sent)

    def edit_stream(stream: Stream) -> None:
        for chunk in stream.chunks:
            _leave_out_settings(chunk.get("response"), stream.sent)

    here = status_of(exchange) == 200 and is_call(exchange, "/v1/responses*")
    return edit_events(edit_json(exchange, edit), edit_stream) if here else exchange
