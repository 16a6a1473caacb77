"""Tokens of the deterministic model: text is cut so that the pieces always join to it again."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from conformance.reference.answers import JsonObject

_PIECE = re.compile(r" ?[^\W_]{1,8}| ?[^\w\s]|_|\s")

_WORDS = """
time water light sound stone river music garden window letter morning number story color bread winter
summer paper silver forest bridge answer question market island engine pocket candle ladder mirror
"""
_VOCABULARY = tuple(f" {word}" for word in _WORDS.split())


def tokenize(text: str) -> tuple[str, ...]:
    """The tokens of ``text``; joined, they are ``text``."""
    return tuple(_PIECE.findall(text))


def count(text: str) -> int:
    """How many tokens ``text`` has."""
    return len(tokenize(text))


def decode(ids: list[int]) -> str:
    """The text of token ids; every id names a word, so that any client's vocabulary is legal."""
    return "".join(_VOCABULARY[int(identifier) % len(_VOCABULARY)] for identifier in ids).strip()


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely a token was, and the alternatives, most likely first, itself included."""

    token: str
    logprob: float
    ranked: tuple[tuple[str, float], ...]


def likelihood(token: str, position: int, alternatives: int) -> Likelihood:
    """A reproducible log probability of ``token`` at ``position``."""
    digest = hashlib.sha256(f"{position}/{token}".encode("utf-8", "replace")).digest()
    logprob = -round((digest[0] + 1) / 512, 6)
    others = [word for word in _VOCABULARY if word != token]
    start = digest[1] % len(others)
    rivals = [
        (others[(start + rank) % len(others)], round(logprob - 1.5 - rank, 6)) for rank in range(alternatives)
    ]
    return Likelihood(token, logprob, ((token, logprob), *rivals)[:alternatives])


def chat_logprob(token: str, position: int, alternatives: int) -> JsonObject:
    """The likelihood of a token in the form that Chat Completions and Responses share."""
    found = likelihood(token, position, alternatives)
    ranked = [_entry(word, logprob) for word, logprob in found.ranked]
    return {**_entry(token, found.logprob), "top_logprobs": ranked}


def _entry(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode("utf-8", "replace"))}
