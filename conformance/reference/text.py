"""The deterministic model: what it says depends on the conversation and on nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.reference.tokens import count

_OPENERS = ("", "Well, ", "In short, ", "Certainly: ", "Let me think. ", "As it happens, ", "Briefly, ")
_STORY = (
    "Once there was a small lighthouse on a grey rock, and every evening its keeper climbed the stairs to "
    "light the lamp. Ships passed by day and by night, and their captains counted the flashes to know where "
    "they were. One winter the fog stayed for a week. The keeper rang the bell each hour, wrote the hour "
    "into a book, and waited. When the sky cleared, five ships lay safe in the bay, and nobody was lost. "
)
_WORLD = "Grüße, 你好, привет, こんにちは! 🌍🎉 Ça va bien, naïve café, 😀."

_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_STEMS = ["thir", "four", "fif", "six", "seven", "eigh", "nine"]
_TEENS = ["ten", "eleven", "twelve", *(f"{stem}teen" for stem in _STEMS)]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NUMBERS = (*_ONES, *_TEENS, *(f"{ten}{one and '-' + one}" for ten in _TENS for one in ("", *_ONES)))

CITIES = (
    "Paris",
    "London",
    "Tokyo",
    "Berlin",
    "Madrid",
    "Rome",
    "Oslo",
    "Lima",
    "Boston",
    "New York",
    "San Francisco",
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation as text; ``extra`` are tokens beyond it (an image, a call)."""

    role: str
    text: str
    extra: int = 0


def prompt_tokens(turns: Sequence[Turn]) -> int:
    """What a conversation costs: its text, four tokens a turn for the frame, three to prime the answer."""
    return 3 + sum(4 + count(turn.text) + turn.extra for turn in turns)


def last_words(turns: Sequence[Turn]) -> str:
    """What the user said last."""
    return next((turn.text for turn in reversed(turns) if turn.role == "user"), "")


def reply(turns: Sequence[Turn], variation: int = 0) -> str:
    """The answer to a conversation; another ``variation`` words it otherwise where words are free."""
    if turns and turns[-1].role == "tool":
        return f"The tool answered: {turns[-1].text or 'nothing'}"
    asked = last_words(turns)
    return _prescribed(asked) or _remembered(turns, asked) or _vary(_free(asked), variation)


def _vary(text: str, variation: int) -> str:
    opener = _OPENERS[variation % len(_OPENERS)]
    round_ = variation // len(_OPENERS)
    return opener + (f"({round_ + 1}) " if round_ else "") + text


def _prescribed(asked: str) -> str | None:
    counting = re.search(r"\bcount (?:from (\d{1,4}) )?(?:up )?to (\d{1,4})", asked, re.I)
    if counting:
        first = int(counting[1] or 1)
        numbers = range(first, min(int(counting[2]), first + 299) + 1)
        return ", ".join(map(str, numbers)) or None
    if re.search(r"\bcount from one to\b.*\bwords\b", asked, re.I):
        return " ".join(_NUMBERS)
    quoted = re.search(r"\b(?:exactly|after me|verbatim|literally)\b[^:]*:\s*(.+)", asked, re.I | re.S)
    return quoted[1].strip().strip("\"'`“”") or None if quoted else None


def _remembered(turns: Sequence[Turn], asked: str) -> str | None:
    if not re.search(r"\b(what|which|who|recall|remind|repeat)\b", asked, re.I):
        return None
    told = "\n".join(turn.text for turn in turns if turn.role in ("user", "system", "developer"))
    facts: list[tuple[str, str]] = re.findall(
        r"\b(?:my|the|this)\s+([a-z ]{2,30}?)\s+is\s+[\"'`]?([\w-]+)", told, re.I
    )
    facts += re.findall(
        r"\bremember\s+(?:the |this |my )?([a-z ]*?)\s*:?\s*[\"'`]?([\w-]*[A-Z0-9][\w-]*)", told
    )
    for name, value in reversed(facts):
        if not name.strip() or name.strip().lower() in asked.lower():
            return f"It is {value}."
    return None


def _free(asked: str) -> str:
    lowered = asked.lower()
    if re.search(r"\b(story|essay|poem|novel|long|detail|explain|describe|paragraph|words)", lowered):
        return _STORY * (10 if "long" in lowered else 2)
    if re.search(r"emoji|unicode|chinese|japanese|language|[^\x00-\u024f]", lowered):
        return _WORLD
    if "json" in lowered:
        return '{"answer": "a reference answer", "ok": true}'
    if re.search(r"\b(hello|hi|hey|greet)\b", lowered):
        return "Hello! How can I help you today?"
    subject = " ".join(asked.split()[:12])
    return f"You asked about “{subject}”. I am a small reference model, and this is my whole answer."


def reasoning(turns: Sequence[Turn]) -> str:
    """What the model thinks before it answers."""
    return f"The user wrote {count(last_words(turns))} tokens. A short and direct answer will do."


def cities(asked: str) -> tuple[str, ...]:
    """The cities that a text names, in its order."""
    found = [(asked.find(city), city) for city in CITIES if city in asked]
    return tuple(city for _, city in sorted(found))
