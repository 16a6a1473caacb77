"""A transcript in whatever format it was asked for: its words, its times, and how the body is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.answer import Answer
from conformance.checks.picture_view import asked
from conformance.checks.subject import NotShown, Spoiled, Subject
from conformance.wire.subtitles import Subtitles, parse_srt, parse_vtt

SUBTITLES = {"srt": parse_srt, "vtt": parse_vtt}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in seconds, what is said in it, and where it stands in the answer."""

    start: float
    end: float
    text: str
    where: str


def format_of(answer: Answer) -> str:
    """The response_format that was asked for; json when none was."""
    value = asked(answer).get("response_format", "json")
    return value if isinstance(value, str) else "json"


def is_json(answer: Answer) -> bool:
    """True for an object, and for a list or a quoted text that is the whole body."""
    document = answer.document
    if document is None:
        return False
    is_whole = not any(deviation.kind == "trailing_bytes" for deviation in document.deviations)
    return isinstance(document.value, dict) or (is_whole and isinstance(document.value, str | list))


def body_text(answer: Answer) -> str:
    """The body of a plain format. Raises Spoiled when it is JSON in place of text, or no text at all."""
    if answer.state != "answered":
        raise Spoiled("it was not answered")
    if is_json(answer):
        raise Spoiled("the body is JSON")
    try:
        return answer.response.body.decode()
    except UnicodeDecodeError:
        raise Spoiled("the body is not UTF-8") from None


def subtitles(answer: Answer) -> Subtitles:
    """The cues of an SRT or VTT answer."""
    return SUBTITLES[format_of(answer)](body_text(answer))


def record(answer: Answer) -> Mapping[str, Any]:
    """The JSON object of an answer. Raises Spoiled when it is none."""
    if answer.state != "answered" or not isinstance(answer.json, dict):
        raise Spoiled("the answer is not a JSON object")
    return answer.json


def words(answer: Answer) -> str | None:
    """What was heard, in any of the formats; None where the answer does not say."""
    form = format_of(answer)
    if form in SUBTITLES:
        return " ".join(cue.text for cue in subtitles(answer).cues)
    if form == "text":
        return body_text(answer).strip()
    text = record(answer).get("text")
    return text if isinstance(text, str) else None


def letters(text: str) -> str:
    """Letters and digits alone, in lower case: what is left when punctuation and spaces may differ."""
    return "".join(character for character in text.casefold() if character.isalnum())


def spans(answer: Answer, members: tuple[str, ...] = ("segments", "words")) -> list[Span]:
    """The cues of subtitles, or the segments and words of verbose_json, in order."""
    if format_of(answer) in SUBTITLES:
        cues = subtitles(answer).cues
        return [Span(cue.start, cue.end, cue.text, f"cue {place}") for place, cue in enumerate(cues, 1)]
    return [span for name in members for span in _members(record(answer).get(name), name)]


def _members(entries: Any, name: str) -> Iterator[Span]:
    for place, entry in enumerate(entries if isinstance(entries, list) else ()):
        start, end = (
            (number(entry, "start"), number(entry, "end")) if isinstance(entry, dict) else (None, None)
        )
        if start is not None and end is not None:
            text = entry.get("text", entry.get("word"))
            yield Span(start, end, text if isinstance(text, str) else "", f"/{name}/{place}")


def number(entry: Mapping[str, Any], name: str) -> float | None:
    """A member that is a number; None for anything else, of which the schema tells."""
    value = entry.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def usages(subject: Subject) -> Iterator[tuple[Answer, Mapping[str, Any]]]:
    """Each usage object. Raises NotShown when there is none."""
    found = False
    for answer in subject.answers:
        usage = record(answer).get("usage")
        if isinstance(usage, dict):
            found = True
            yield answer, usage
    if not found:
        raise NotShown("the answer has no usage")
