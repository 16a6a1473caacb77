"""Function calls of the deterministic model: whether it calls, which function, with what arguments."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.reference import errors
from conformance.reference.answers import JsonObject
from conformance.reference.text import Turn, cities, last_words
from conformance.reference.tokens import count, tokenize
from conformance.reference.values import structured


@dataclass(frozen=True, slots=True)
class Function:
    """One function that the client offers."""

    name: str
    description: str
    schema: Any


@dataclass(frozen=True, slots=True)
class Choice:
    """How free the model is: ``none``, ``auto``, ``required`` or the name of one function."""

    mode: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the model makes; ``arguments`` is JSON text."""

    name: str
    arguments: str


def calls(
    turns: Sequence[Turn], functions: Sequence[Function], choice: Choice, parallel: bool
) -> tuple[Call, ...]:
    """The calls that answer the conversation; none when the model answers in words."""
    asked = last_words(turns)
    function = _chosen(turns, functions, choice, asked)
    if function is None:
        return ()
    subjects = cities(asked) or (asked.strip()[:40] or "value",)
    return tuple(_call(function, subject) for subject in (subjects if parallel else subjects[:1]))


def _chosen(
    turns: Sequence[Turn], functions: Sequence[Function], choice: Choice, asked: str
) -> Function | None:
    if choice.mode == "none" or not functions:
        return None
    if choice.mode == "named":
        return next((function for function in functions if function.name == choice.name), None)
    related = next((function for function in functions if _about(function, asked)), None)
    if choice.mode == "required":
        return related or functions[0]
    answered = bool(turns) and turns[-1].role == "tool"
    return None if answered else related


def _about(function: Function, asked: str) -> bool:
    words = set(re.findall(r"[a-z]{4,}", function.name.lower())) - {"function", "tool", "call"}
    return any(word in asked.lower() for word in words) or function.name in asked


def _call(function: Function, subject: str) -> Call:
    schema = function.schema if isinstance(function.schema, dict) else {"type": "object", "properties": {}}
    return Call(function.name, json.dumps(structured(schema, subject, "tools"), ensure_ascii=False))


def call_tokens(call: Call) -> int:
    """What a call costs."""
    return count(call.name) + count(call.arguments) + 3


def fit_calls(made: Sequence[Call], limit: int | None) -> tuple[tuple[Call, ...], bool]:
    """The calls that fit into ``limit`` tokens, the last one cut short, and whether one was."""
    kept: list[Call] = []
    left = limit
    for call in made:
        if left is not None and call_tokens(call) >= left:
            room = max(left - call_tokens(Call(call.name, "")), 0)
            return (*kept, Call(call.name, "".join(tokenize(call.arguments)[:room]))), True
        kept.append(call)
        left = None if left is None else left - call_tokens(call)
    return tuple(kept), False


def definition_tokens(tools: Any) -> int:
    """What the offered tools cost in the prompt."""
    return count(json.dumps(tools, ensure_ascii=False)) if tools else 0


def read_choice(value: Any, functions: Sequence[Function], name: Any = None) -> Choice:
    """``tool_choice`` of a request; ``name`` is the function's name where the choice is an object."""
    if value is None:
        return Choice("auto")
    if isinstance(value, str):
        return _mode(value, functions)
    if not isinstance(value, dict):
        raise errors.wrong_type("tool_choice", "a string or an object", type(value).__name__)
    if value.get("type") != "function":
        raise errors.unsupported_value("tool_choice", "Only 'function' choices are supported.")
    if name not in [function.name for function in functions]:
        raise errors.invalid_value("tool_choice", "Tool choice names a function that is not among 'tools'.")
    return Choice("named", name)


def _mode(value: str, functions: Sequence[Function]) -> Choice:
    if value not in ("none", "auto", "required"):
        raise errors.invalid_value("tool_choice", f"Invalid value: '{value[:80]}'.")
    if value == "required" and not functions:
        raise errors.invalid_value("tool_choice", "'required' is only allowed when 'tools' are given.")
    return Choice(value)


def function_of(record: JsonObject, path: str) -> Function:
    """The function that a definition describes."""
    name = record.get("name")
    if name is None:
        raise errors.missing(f"{path}.name")
    if not isinstance(name, str):
        raise errors.wrong_type(f"{path}.name", "a string", type(name).__name__)
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name):
        raise errors.invalid_value(f"{path}.name", "Function names match ^[a-zA-Z0-9_-]{1,64}$.")
    schema = record.get("parameters")
    if schema is not None and not isinstance(schema, dict):
        raise errors.wrong_type(f"{path}.parameters", "an object", type(schema).__name__)
    return Function(name, str(record.get("description") or ""), schema)
