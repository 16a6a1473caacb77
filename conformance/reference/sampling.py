"""How an answer ends: at a stop string, at the token limit, or by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from conformance.reference.tokens import tokenize


@dataclass(frozen=True, slots=True)
class Sample:
    """One generated text and why it ended."""

    tokens: tuple[str, ...]
    finish: Literal["stop", "length"]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.tokens)


def sample(text: str, limit: int | None = None, stops: tuple[str, ...] = ()) -> Sample:
    """``text`` up to the first stop string, which is left out, and at most ``limit`` tokens of it.

    A text that fills the limit exactly ends by length: the model never came to say that it was done.
    """
    ends = [text.find(stop) for stop in stops if stop and stop in text]
    tokens = tokenize(text[: min(ends)] if ends else text)
    if limit is not None and len(tokens) >= limit:
        return Sample(tokens[:limit], "length")
    return Sample(tokens, "stop")
