"""Chat messages and content parts as turns: one reading of a conversation, to answer and to count."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from conformance.reference import errors
from conformance.reference.answers import JsonObject
from conformance.reference.parameters import Rule, check, either, one_of, string, text
from conformance.reference.text import Turn
from conformance.reference.tokens import count

IMAGE_TOKENS = 85
"""What an image in the prompt costs, whatever its size."""

_PARTS = (
    "text",
    "input_text",
    "output_text",
    "refusal",
    "image_url",
    "input_image",
    "input_audio",
    "file",
    "input_file",
)
_FIELDS = {"text": "text", "input_text": "text", "output_text": "text", "refusal": "refusal"}


def parts_turn(role: str, content: Any, path: str, extra: int = 0) -> Turn:
    """A turn of plain text or of typed parts."""
    either("a string or an array of content parts", string=text, array=_each_part)(content, path)
    if isinstance(content, str):
        return Turn(role, content, extra)
    words = [str(part[_FIELDS[part["type"]]]) for part in content if part["type"] in _FIELDS]
    others = sum(part["type"] not in _FIELDS for part in content)
    return Turn(role, "\n".join(words), extra + IMAGE_TOKENS * others)


def _each_part(content: Any, path: str) -> None:
    for index, part in enumerate(content):
        at = f"{path}[{index}]"
        if not isinstance(part, dict):
            raise errors.wrong_type(at, "an object", type(part).__name__)
        check(part, {"type": one_of(*_PARTS)}, ("type",), at=f"{at}.")
        field = _FIELDS.get(part["type"])
        if field:
            check(part, {field: text}, (field,), at=f"{at}.")


def chat_turns(messages: Sequence[Any]) -> list[Turn]:
    """The turns of Chat Completions messages, each held against the rules of its role."""
    turns, open_calls = [], set[str]()
    for index, message in enumerate(messages):
        at = f"messages[{index}]"
        if not isinstance(message, dict):
            raise errors.wrong_type(at, "an object", type(message).__name__)
        check(message, _MESSAGE, ("role",), at=f"{at}.")
        open_calls.update(_call_ids(message, at))
        turns.append(_message_turn(message, at, open_calls))
    return turns


_MESSAGE: dict[str, Rule] = {
    "role": one_of("developer", "system", "user", "assistant", "tool", "function"),
    "name": string(longest=64),
    "tool_call_id": text,
}


def _call_ids(message: JsonObject, at: str) -> list[str]:
    calls = message.get("tool_calls")
    if calls is None:
        return []
    if not isinstance(calls, list):
        raise errors.wrong_type(f"{at}.tool_calls", "an array", type(calls).__name__)
    for index, call in enumerate(calls):
        if not isinstance(call, dict):
            raise errors.wrong_type(f"{at}.tool_calls[{index}]", "an object", type(call).__name__)
        check(call, {"id": text}, ("id",), at=f"{at}.tool_calls[{index}].")
    return [call["id"] for call in calls]


def _message_turn(message: JsonObject, at: str, open_calls: set[str]) -> Turn:
    role, content = message["role"], message.get("content")
    if role == "tool":
        check(message, _MESSAGE, ("tool_call_id",), at=f"{at}.")
        if message["tool_call_id"] not in open_calls:
            text_ = (
                "A message with role 'tool' must answer a preceding message with that call in 'tool_calls'."
            )
            raise errors.invalid_value(f"{at}.tool_call_id", text_)
    if content is None:
        if role == "assistant" and (
            message.get("tool_calls") or message.get("function_call") or message.get("refusal")
        ):
            return Turn(role, "", count(json.dumps(message, ensure_ascii=False)))
        raise (
            errors.missing(f"{at}.content")
            if "content" not in message
            else errors.wrong_type(f"{at}.content", "a string or an array of content parts", "null")
        )
    extra = count(json.dumps(message["tool_calls"], ensure_ascii=False)) if message.get("tool_calls") else 0
    return parts_turn(role, content, f"{at}.content", extra)
