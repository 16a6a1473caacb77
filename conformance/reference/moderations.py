"""POST /v1/moderations: thirteen categories, scored by the words that name them."""

from __future__ import annotations

import re
from typing import Any

from conformance.exchange import Request, Response
from conformance.reference.answers import JsonObject, json_answer
from conformance.reference.bodies import json_body
from conformance.reference.models import model_for
from conformance.reference.parameters import (
    Rule,
    anything,
    array,
    check,
    either,
    one_of,
    record,
    string,
    text,
)
from conformance.reference.state import State

_SIGNS = {
    "harassment": r"\bidiot|\bharass",
    "harassment/threatening": r"\bthreat",
    "hate": r"\bhate (?:all|every)|\bhateful",
    "hate/threatening": r"\bexterminate",
    "illicit": r"\bsteal|\bcounterfeit",
    "illicit/violent": r"\bbomb",
    "self-harm": r"\bself-harm|\bhurt myself",
    "self-harm/intent": r"\bwant to hurt myself",
    "self-harm/instructions": r"\bhow to hurt myself",
    "sexual": r"\bporn",
    "sexual/minors": r"$^",
    "violence": r"\bkill|\bbomb|\bstab",
    "violence/graphic": r"\bgore\b",
}
_SEEN_IN_IMAGES = frozenset(
    {"self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "violence", "violence/graphic"}
)


def _part(value: Any, path: str) -> None:
    if isinstance(value, str):
        return
    record({"type": one_of("text", "image_url")}, "type")(value, path)
    rules: dict[str, Rule] = {"text": text, "image_url": record({"url": string(shortest=1)}, "url")}
    check(value, rules, (value["type"],), at=f"{path}.")


RULES: dict[str, Rule] = {
    "input": either("a string or an array", string=text, array=array(_part, fewest=1)),
    "model": anything,
}


def create_moderation(state: State, request: Request) -> Response:
    """A result for a text or for a list of parts together; one for each text of a list of texts."""
    body = json_body(request)
    check(body, {**RULES, "model": string(shortest=1)}, ("input",))
    model = model_for(state, body.get("model") or "ref-moderation", "safety", "Moderations")
    results = [_result(words, kinds) for words, kinds in _inputs(body["input"])]
    return json_answer({"id": state.new_id("modr-"), "model": model.id, "results": results})


def _inputs(given: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Each input's words and the kinds of content it has."""
    if isinstance(given, str):
        return [(given, ("text",))]
    if all(isinstance(part, str) for part in given):
        return [(part, ("text",)) for part in given]
    words = [part if isinstance(part, str) else part.get("text", "") for part in given]
    kinds = {"image" if isinstance(part, dict) and part["type"] == "image_url" else "text" for part in given}
    return [("\n".join(words), tuple(sorted(kinds, reverse=True)))]


def _result(words: str, kinds: tuple[str, ...]) -> JsonObject:
    found = {name: bool(re.search(sign, words, re.I)) for name, sign in _SIGNS.items()}
    return {
        "flagged": any(found.values()),
        "categories": found,
        "category_scores": {name: 0.93 if hit else _low(name, words) for name, hit in found.items()},
        "category_applied_input_types": {name: _applied(name, kinds) for name in found},
    }


def _low(name: str, words: str) -> float:
    return round(0.000_01 * (1 + (len(name) * 7 + len(words)) % 50), 8)


def _applied(name: str, kinds: tuple[str, ...]) -> list[str]:
    return [kind for kind in kinds if kind == "text" or name in _SEEN_IN_IMAGES]
