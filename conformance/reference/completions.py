"""POST /v1/completions, the legacy text completion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from conformance.exchange import Request, Response
from conformance.reference import errors
from conformance.reference.answers import DONE, JsonObject, data_event, json_answer, stream_answer
from conformance.reference.bodies import json_body
from conformance.reference.chat import CONTEXT, STOP, STREAM_OPTIONS, stops_of, variation
from conformance.reference.chat_answer import FINGERPRINT, usage_of
from conformance.reference.models import model_for
from conformance.reference.parameters import (
    Rule,
    array,
    boolean,
    check,
    either,
    integer,
    mapping,
    number,
    string,
    text,
)
from conformance.reference.sampling import Sample, sample
from conformance.reference.state import State
from conformance.reference.text import Turn, reply
from conformance.reference.tokens import decode, likelihood, tokenize


def _prompt_item(value: Any, path: str) -> None:
    rule = either("a string or an array of token ids", string=text, array=array(integer(0), fewest=1))
    return integer(0)(value, path) if isinstance(value, int) else rule(value, path)


RULES: dict[str, Rule] = {
    "model": string(shortest=1),
    "prompt": either("a string or an array", string=text, array=array(_prompt_item, fewest=1, most=2048)),
    "max_tokens": integer(0),
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "n": integer(1, 128),
    "best_of": integer(0, 20),
    "logprobs": integer(0, 5),
    "echo": boolean,
    "suffix": text,
    "stop": STOP,
    "presence_penalty": number(-2, 2),
    "frequency_penalty": number(-2, 2),
    "logit_bias": mapping,
    "seed": integer(),
    "stream": boolean,
    "stream_options": STREAM_OPTIONS,
    "user": text,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One completion: the prompt's tokens where they are echoed, and what was written."""

    echoed: tuple[str, ...]
    sample: Sample

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens of the text that is returned."""
        return self.echoed + self.sample.tokens


def create_completion(state: State, request: Request) -> Response:
    """Complete each prompt ``n`` times, as JSON or as a stream."""
    body = json_body(request)
    check(body, RULES, ("model", "prompt"))
    _check_combinations(body)
    model_for(state, body["model"], "text", "Completions")
    prompts = _prompts(body["prompt"])
    asked = sum(len(tokenize(prompt)) for prompt in prompts)
    if asked > CONTEXT:
        raise errors.context_length_exceeded("prompt", CONTEXT, asked)
    head = _head(state, body)
    choices, written = _choices(body, prompts)
    usage = usage_of(asked, written)
    if body.get("stream"):
        return stream_answer(_events(body, head, choices, usage))
    return json_answer({**head, "choices": _whole(body, choices), "usage": usage})


def _check_combinations(body: JsonObject) -> None:
    if body.get("suffix"):
        raise errors.unsupported_parameter("suffix")
    if body.get("stream_options") is not None and not body.get("stream"):
        raise errors.invalid_value(
            "stream_options", "'stream_options' is only allowed when 'stream' is true."
        )
    best_of = body.get("best_of")
    if best_of is None:
        return
    if body.get("stream") and best_of > 1:
        raise errors.invalid_value("best_of", "'best_of' cannot be used with 'stream'.")
    if best_of < (body.get("n") or 1):
        raise errors.invalid_value("best_of", "'best_of' must be at least 'n'.")


def _prompts(prompt: Any) -> list[str]:
    if isinstance(prompt, str):
        return [prompt]
    if all(isinstance(item, int) for item in prompt):
        return [decode(prompt)]
    return [
        item if isinstance(item, str) else decode(item if isinstance(item, list) else [item])
        for item in prompt
    ]


def _head(state: State, body: JsonObject) -> JsonObject:
    return {
        "id": state.new_id("cmpl-"),
        "object": "text_completion",
        "created": state.now(),
        "model": body["model"],
        "system_fingerprint": FINGERPRINT,
    }


def _choices(body: JsonObject, prompts: list[str]) -> tuple[list[Choice], int]:
    """The returned choices, prompt by prompt, and the tokens of all candidates."""
    wanted = int(body.get("n") or 1)
    candidates = max(wanted, int(body.get("best_of") or 1))
    choices, written = [], 0
    for prompt in prompts:
        written_here = [_write(body, prompt, index) for index in range(candidates)]
        written += sum(len(candidate.sample.tokens) for candidate in written_here)
        choices += sorted(written_here, key=_score, reverse=True)[:wanted]
    return choices, written


def _score(choice: Choice) -> float:
    tokens = choice.sample.tokens
    return sum(likelihood(token, 0, 0).logprob for token in tokens) / max(len(tokens), 1)


def _write(body: JsonObject, prompt: str, index: int) -> Choice:
    given = body.get("max_tokens")
    limit = 16 if given is None else int(given)
    said = reply([Turn("user", prompt)], variation(body, index))
    echoed = tokenize(prompt) if body.get("echo") else ()
    return Choice(echoed, sample(f" {said}", limit, stops_of(body.get("stop"))))


def _whole(body: JsonObject, choices: list[Choice]) -> list[JsonObject]:
    return [
        {
            "text": "".join(choice.tokens),
            "index": index,
            "logprobs": _logprobs(body, choice, 0, len(choice.tokens)),
            "finish_reason": choice.sample.finish,
        }
        for index, choice in enumerate(choices)
    ]


def _logprobs(body: JsonObject, choice: Choice, start: int, end: int) -> JsonObject | None:
    """The legacy form: parallel arrays; the first token of an echoed prompt has no likelihood."""
    if body.get("logprobs") is None:
        return None
    alternatives = max(int(body["logprobs"]), 1)
    tokens = choice.tokens[start:end]
    found = [likelihood(token, start + place, alternatives) for place, token in enumerate(tokens)]
    unknown = [bool(choice.echoed) and start + place == 0 for place in range(len(tokens))]
    offsets = [sum(len(token) for token in choice.tokens[:place]) for place in range(start, end)]
    return {
        "tokens": list(tokens),
        "token_logprobs": [None if skip else one.logprob for one, skip in zip(found, unknown, strict=True)],
        "top_logprobs": [
            None if skip else dict(one.ranked) for one, skip in zip(found, unknown, strict=True)
        ],
        "text_offset": offsets,
    }


def _events(body: JsonObject, head: JsonObject, choices: list[Choice], usage: JsonObject) -> Iterator[bytes]:
    wants_usage = bool((body.get("stream_options") or {}).get("include_usage"))
    tail: JsonObject = {"usage": None} if wants_usage else {}
    streams = [_pieces(body, index, choice) for index, choice in enumerate(choices)]
    for turn in zip_longest(*streams):
        yield from (data_event({**head, "choices": [piece], **tail}) for piece in turn if piece is not None)
    if wants_usage:
        yield data_event({**head, "choices": [], "usage": usage})
    yield DONE


def _pieces(body: JsonObject, index: int, choice: Choice) -> Iterator[JsonObject]:
    for place, token in enumerate(choice.tokens):
        yield _piece(index, token, _logprobs(body, choice, place, place + 1), None)
    yield _piece(index, "", None, choice.sample.finish)


def _piece(index: int, words: str, logprobs: JsonObject | None, finish: str | None) -> JsonObject:
    return {"text": words, "index": index, "logprobs": logprobs, "finish_reason": finish}
