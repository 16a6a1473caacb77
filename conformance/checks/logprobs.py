"""Log probabilities of chat completions and of legacy completions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.completion_view import Choice, Completion, completions
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, Spoiled, Subject, check

_SLACK = 1e-6  # rounding of a probability of 1


def _tokens(choice: Choice) -> list[dict[str, Any]]:
    logprobs = choice.value.get("logprobs")
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    return [token for token in content if isinstance(token, dict)] if isinstance(content, list) else []


def _judged(subject: Subject) -> Iterator[tuple[Completion, Choice]]:
    for found in completions(subject):
        for choice in found.choices:
            if choice.message.get("content"):
                yield found, choice


def _required(choice: Choice) -> list[dict[str, Any]]:
    tokens = _tokens(choice)
    if not tokens:
        raise Spoiled("the answer has no log probabilities")
    return tokens


@check
def logprobs_are_given(subject: Subject) -> Iterator[Finding]:
    """An entry at least, where there is content."""
    for found, choice in _judged(subject):
        if not _tokens(choice):
            where = f"{choice.where}/logprobs"
            yield Finding(
                "a list of tokens", shown(choice.value.get("logprobs")), where, found.answer.exchange.id
            )


@check
def logprobs_are_not_positive(subject: Subject) -> Iterator[Finding]:
    """The logarithm of a probability."""
    for found, choice in _judged(subject):
        for position, token in enumerate(_required(choice)):
            for entry in (token, *[top for top in token.get("top_logprobs") or () if isinstance(top, dict)]):
                value = entry.get("logprob")
                if isinstance(value, int | float) and value > _SLACK:
                    where = f"{choice.where}/logprobs/content/{position}"
                    yield Finding("at most 0", shown(value), where, found.answer.exchange.id)


@check
def logprob_tokens_add_up(subject: Subject) -> Iterator[Finding]:
    """By bytes where every token has them, as a token may end within a character."""
    for found, choice in _judged(subject):
        tokens = _required(choice)
        if all(isinstance(token.get("bytes"), list) for token in tokens):
            text = _decoded([byte for token in tokens for byte in token["bytes"]])
        else:
            text = "".join(str(token.get("token")) for token in tokens)
        if text != choice.text:
            where = f"{choice.where}/logprobs/content"
            yield Finding(shown(choice.text), shown(text), where, found.answer.exchange.id)


def _decoded(values: list[Any]) -> str:
    if not all(isinstance(value, int) and 0 <= value < 256 for value in values):
        return "numbers that are not bytes"
    return bytes(values).decode("utf-8", "replace")


@check
def top_logprobs_are_as_many_as_asked_for(subject: Subject) -> Iterator[Finding]:
    """Never more than asked for; and if asked for, not none at all."""
    for found, choice in _judged(subject):
        most = found.request.get("top_logprobs") or 0
        counts = [len(token.get("top_logprobs") or ()) for token in _required(choice)]
        where = f"{choice.where}/logprobs/content"
        if max(counts) > most:
            yield Finding(f"at most {most} alternatives", str(max(counts)), where, found.answer.exchange.id)
        if most and not max(counts):
            yield Finding("alternatives", "none on any token", where, found.answer.exchange.id)


@check
def completion_logprobs_are_parallel(subject: Subject) -> Iterator[Finding]:
    """tokens, token_logprobs, top_logprobs and text_offset of legacy completions."""
    for found in completions(subject):
        for choice in found.choices:
            yield from _parallel(found, choice)


def _parallel(found: Completion, choice: Choice) -> Iterator[Finding]:
    logprobs = choice.value.get("logprobs")
    where = f"{choice.where}/logprobs"
    if not isinstance(logprobs, dict):
        if choice.text:
            yield Finding(
                "tokens with their log probabilities", shown(logprobs), where, found.answer.exchange.id
            )
        return
    names = ("tokens", "token_logprobs", "top_logprobs", "text_offset")
    lists = {name: logprobs[name] for name in names if isinstance(logprobs.get(name), list)}
    lengths = {name: len(members) for name, members in lists.items()}
    if len(set(lengths.values())) > 1:
        yield Finding("lists of equal length", shown(lengths), where, found.answer.exchange.id)
    offsets = [offset for offset in lists.get("text_offset", []) if isinstance(offset, int)]
    if offsets != sorted(offsets):
        yield Finding(
            "offsets that do not fall", shown(offsets), f"{where}/text_offset", found.answer.exchange.id
        )
    positive = [
        value
        for value in lists.get("token_logprobs", [])
        if isinstance(value, int | float) and value > _SLACK
    ]
    if positive:
        yield Finding("at most 0", shown(positive[0]), f"{where}/token_logprobs", found.answer.exchange.id)
