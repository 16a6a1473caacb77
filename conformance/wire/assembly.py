"""From the events of a stream back to the answer that the same request gives unstreamed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any, TypeGuard

_CHUNK_FIELDS = ("id", "created", "model", "system_fingerprint", "service_tier")
_LAST_WORD = ("response.completed", "response.incomplete", "response.failed")
_OPENING = ("response.created", "response.queued", "response.in_progress")

# event type → the list of the item, the payload's index into it, the member of the part that grows
_PART_DELTAS = {
    "response.output_text.delta": ("content", "content_index", "text"),
    "response.refusal.delta": ("content", "content_index", "refusal"),
    "response.reasoning_text.delta": ("content", "content_index", "text"),
    "response.reasoning_summary_text.delta": ("summary", "summary_index", "text"),
}
_ITEM_DELTAS = {
    "response.function_call_arguments.delta": "arguments",
    "response.mcp_call_arguments.delta": "arguments",
    "response.custom_tool_call_input.delta": "input",
    "response.code_interpreter_call_code.delta": "code",
}


def assemble_chat(chunks: Iterable[Any]) -> dict[str, Any]:
    """A ``chat.completion`` from its chunks: deltas joined by choice and by tool call, and the usage.

    Malformed parts are left out; what never came is absent, save that a message always has ``content``.
    """
    return _assemble(chunks, "chat.completion", _add_delta)


def assemble_completion(chunks: Iterable[Any]) -> dict[str, Any]:
    """A ``text_completion`` from its chunks."""
    return _assemble(chunks, "text_completion", _add_text)


def assemble_responses(events: Iterable[Any]) -> dict[str, Any]:
    """A ``response`` from its events, built from deltas alone.

    The shell is the terminal response, else the latest earlier one; ``output`` is what the events of items,
    parts and texts say, so that it may be compared with the terminal response and with an unstreamed twin.
    """
    shell: dict[str, Any] = {}
    items: dict[int, dict[str, Any]] = {}
    for event in events:
        if not isinstance(event, dict):
            continue
        kind, response = event.get("type"), event.get("response")
        if kind in (*_OPENING, *_LAST_WORD) and isinstance(response, dict):
            shell = {**shell, **response}
        else:
            _add_event(items, event)
    return {**shell, "output": [items[index] for index in sorted(items)]}


def _assemble(chunks: Iterable[Any], kind: str, add: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"object": kind}
    choices: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        if not isinstance(chunk, dict):
            continue
        for name in _CHUNK_FIELDS:
            if chunk.get(name) is not None:
                answer.setdefault(name, chunk[name])
        if isinstance(chunk.get("usage"), dict):
            answer["usage"] = chunk["usage"]
        for choice in _dicts(chunk.get("choices")):
            index = choice.get("index")
            if _is_index(index):
                _add_choice(choices.setdefault(index, {"index": index, "finish_reason": None}), choice, add)
    answer["choices"] = [_finished(choices[index]) for index in sorted(choices)]
    return answer


def _add_choice(built: dict[str, Any], choice: dict[str, Any], add: Any) -> None:
    add(built, choice)
    if choice.get("finish_reason") is not None:
        built["finish_reason"] = choice["finish_reason"]
    if isinstance(choice.get("logprobs"), dict):
        _extend_lists(built.setdefault("logprobs", {}), choice["logprobs"])


def _finished(choice: dict[str, Any]) -> dict[str, Any]:
    message = choice.get("message")
    if message is not None:
        message.setdefault("content", None)
        if "tool_calls" in message:
            calls = message["tool_calls"]
            message["tool_calls"] = [calls[index] for index in sorted(calls)]
    return choice


def _add_text(built: dict[str, Any], choice: dict[str, Any]) -> None:
    _append(built, "text", choice.get("text"))


def _add_delta(built: dict[str, Any], choice: dict[str, Any]) -> None:
    message, delta = built.setdefault("message", {}), choice.get("delta")
    if not isinstance(delta, dict):
        return
    if isinstance(delta.get("role"), str):
        message.setdefault("role", delta["role"])
    for name in ("content", "refusal"):
        _append(message, name, delta.get(name))
    for fragment in _dicts(delta.get("tool_calls")):
        index = fragment.get("index")
        if _is_index(index):
            _add_fragment(message.setdefault("tool_calls", {}).setdefault(index, {}), fragment)
    if isinstance(delta.get("function_call"), dict):
        _add_function(message.setdefault("function_call", {}), delta["function_call"])


def _add_fragment(call: dict[str, Any], fragment: dict[str, Any]) -> None:
    for name in ("id", "type"):
        if isinstance(fragment.get(name), str) and fragment[name]:
            call.setdefault(name, fragment[name])
    if isinstance(fragment.get("function"), dict):
        _add_function(call.setdefault("function", {}), fragment["function"])


def _add_function(function: dict[str, Any], fragment: dict[str, Any]) -> None:
    if isinstance(fragment.get("name"), str) and fragment["name"]:
        function.setdefault("name", fragment["name"])
    _append(function, "arguments", fragment.get("arguments"))


def _add_event(items: dict[int, dict[str, Any]], event: dict[str, Any]) -> None:
    kind, index = event.get("type"), event.get("output_index")
    if not isinstance(kind, str) or not _is_index(index):
        return
    if kind == "response.output_item.added" and isinstance(event.get("item"), dict):
        items[index] = _copy(event["item"])
    elif kind == "response.output_item.done" and isinstance(event.get("item"), dict):
        items[index] = _ended(items.get(index, {}), _copy(event["item"]))
    elif index in items:
        _add_part(items[index], kind, event)


def _ended(streamed: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    """The item as its end has it, with the texts that its deltas said."""
    for name in _ITEM_DELTAS.values():
        if streamed.get(name):
            item[name] = streamed[name]
    for name in ("content", "summary"):
        pairs = zip_longest(_list(streamed.get(name)), _list(item.get(name)))
        parts = [_ended_part(*pair) for pair in pairs]
        if parts:
            item[name] = parts
    return item


def _ended_part(streamed: Any, part: Any) -> Any:
    if not isinstance(streamed, dict) or not isinstance(part, dict):
        return streamed if part is None else part
    return {**part, **{name: streamed[name] for name in ("text", "refusal") if name in streamed}}


def _add_part(item: dict[str, Any], kind: str, event: dict[str, Any]) -> None:
    if kind in _ITEM_DELTAS:
        _append(item, _ITEM_DELTAS[kind], event.get("delta"))
    elif kind in _PART_DELTAS:
        name, index_name, text = _PART_DELTAS[kind]
        part = _part(item, name, event.get(index_name))
        if part is not None:
            _append(part, text, event.get("delta"))
    elif kind in ("response.content_part.added", "response.reasoning_summary_part.added"):
        name, index_name = ("content", "content_index") if "content" in kind else ("summary", "summary_index")
        part = _part(item, name, event.get(index_name))
        if part is not None and isinstance(event.get("part"), dict):
            part.update(_copy(event["part"]))
    elif kind == "response.output_text.annotation.added":
        part = _part(item, "content", event.get("content_index"))
        if part is not None:
            part["annotations"] = [*_list(part.get("annotations")), event.get("annotation")]


def _part(item: dict[str, Any], name: str, index: Any) -> dict[str, Any] | None:
    """The part at ``index``, made when it is the next one."""
    if not isinstance(item.get(name), list):
        item[name] = []
    parts = item[name]
    if not _is_index(index) or index > len(parts):
        return None
    if index == len(parts):
        parts.append({"type": "reasoning_text" if name == "content" else "summary_text"})
    return parts[index] if isinstance(parts[index], dict) else None


def _append(target: dict[str, Any], name: str, piece: Any) -> None:
    if isinstance(piece, str):
        before = target.get(name)
        target[name] = before + piece if isinstance(before, str) else piece


def _extend_lists(target: dict[str, Any], source: dict[str, Any]) -> None:
    for name, value in source.items():
        if isinstance(value, list):
            target[name] = [*_list(target.get(name)), *value]
        else:
            target.setdefault(name, value)


def _copy(value: Any) -> Any:
    """A copy whose dicts and lists may be changed."""
    if isinstance(value, dict):
        return {name: _copy(member) for name, member in value.items()}
    return [_copy(member) for member in value] if isinstance(value, list) else value


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [member for member in _list(value) if isinstance(member, dict)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_index(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
