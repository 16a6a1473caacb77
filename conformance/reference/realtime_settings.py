"""The settings of a realtime session: their defaults, and the rules of session.update and response.create."""

from __future__ import annotations

from typing import Any

from conformance.reference import errors
from conformance.reference.answers import JsonObject
from conformance.reference.audio import VOICES
from conformance.reference.parameters import (
    Rule,
    anything,
    array,
    check,
    either,
    integer,
    kind_of,
    mapping,
    metadata,
    one_of,
    record,
    text,
)
from conformance.reference.state import State


def _limit(value: Any, path: str) -> None:
    return one_of("inf")(value, path) if isinstance(value, str) else integer(1, 4096)(value, path)


def _modalities(value: Any, path: str) -> None:
    array(one_of("text", "audio"), fewest=1)(value, path)
    if len(value) > 1:
        raise errors.invalid_value(path, "Output modalities are ['text'] or ['audio'].")


_FORMAT: Rule = record(
    {"type": one_of("audio/pcm", "audio/pcmu", "audio/pcma"), "rate": integer(24_000, 24_000)}, "type"
)
_AUDIO: Rule = record(
    {
        "input": record(
            {
                "format": _FORMAT,
                "turn_detection": mapping,
                "transcription": mapping,
                "noise_reduction": mapping,
            }
        ),
        "output": record(
            {
                "format": _FORMAT,
                "voice": either("a string or an object", string=one_of(*VOICES), object=mapping),
            }
        ),
    }
)
_SHARED: dict[str, Rule] = {
    "output_modalities": _modalities,
    "instructions": text,
    "audio": _AUDIO,
    "tools": array(mapping, most=128),
    "tool_choice": either("a string or an object", string=text, object=mapping),
    "prompt": mapping,
    "reasoning": mapping,
    "parallel_tool_calls": anything,
}
SESSION: dict[str, Rule] = {
    **_SHARED,
    "type": one_of("realtime", "transcription"),
    "model": text,
    "max_output_tokens": _limit,
    "truncation": either("a string or an object", string=one_of("auto", "disabled"), object=mapping),
    "tracing": anything,
    "include": array(text),
}
RESPONSE: dict[str, Rule] = {
    **_SHARED,
    "max_output_tokens": _limit,
    "conversation": one_of("auto", "none"),
    "metadata": metadata,
    "input": array(mapping),
}


def known(given: Any, rules: dict[str, Rule], at: str, *required: str) -> None:
    """Hold an object of an event against its rules; realtime refuses what it does not know."""
    if not isinstance(given, dict):
        raise errors.wrong_type(at, "an object", kind_of(given))
    for name in given:
        if name not in rules:
            path = f"{at}.{name}"[:200]
            raise errors.Refusal(400, f"Unknown parameter: '{path}'.", code="unknown_parameter", param=path)
    check(given, rules, required, at=f"{at}.")


def new_session(state: State, model: str) -> JsonObject:
    """A session before its client says anything."""
    sound = {"type": "audio/pcm", "rate": 24_000}
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": state.new_id("sess_"),
        "model": model,
        "output_modalities": ["audio"],
        "instructions": "Be helpful and brief.",
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "expires_at": state.now() + 3600,
        "audio": {
            "input": {
                "format": sound,
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": None,
            },
            "output": {"format": sound, "voice": "alloy", "speed": 1.0},
        },
        "include": None,
    }


def updated(session: JsonObject, change: Any) -> JsonObject:
    """The session after an update; audio is merged, everything else replaced."""
    known(change, SESSION, "session", "type")
    if change["type"] != session["type"]:
        raise errors.invalid_value("session.type", "The type of a session cannot change.")
    if change.get("model") not in (None, session["model"]):
        raise errors.invalid_value("session.model", "The model of a session cannot change.")
    return {**session, **change, "audio": _merged(session["audio"], change.get("audio") or {})}


def _merged(old: JsonObject, new: JsonObject) -> JsonObject:
    return {side: {**old[side], **(new.get(side) or {})} for side in old}
