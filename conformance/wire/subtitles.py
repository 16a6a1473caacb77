"""SubRip and WebVTT: cues in seconds, and every line that a player would not understand."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SRT_TIME = r"(\d{2,}):([0-5]\d):([0-5]\d),(\d{3})"
_SRT_TIMES = re.compile(rf"{_SRT_TIME} --> {_SRT_TIME}\s*")
_VTT_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_VTT_TIMES = re.compile(rf"{_VTT_TIME}[ \t]+-->[ \t]+{_VTT_TIME}(?:[ \t].*)?")
_VTT_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?")
_NOT_A_CUE = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: its number or identifier as written, start and end in seconds, its text."""

    name: str
    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Deviation:
    """What is wrong with a line; lines count from 1."""

    kind: str  # header, number, times, order, empty
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Subtitles:
    """Cues in file order, and what deviates."""

    cues: tuple[Cue, ...]
    deviations: tuple[Deviation, ...]


def parse_srt(text: str) -> Subtitles:
    """SubRip: number, times with a decimal comma, text, blank line; numbers run 1, 2, 3."""
    cues: list[Cue] = []
    deviations: list[Deviation] = []
    for line, block in _blocks(text):
        if block[0].strip() != str(len(cues) + 1):
            message = f"expected cue number {len(cues) + 1}, saw {block[0][:40]!r}"
            deviations.append(Deviation("number", message, line))
        times = next((i for i, text in enumerate(block[:2]) if "-->" in text), 1)
        match = _SRT_TIMES.fullmatch(block[times]) if len(block) > times else None
        name = block[0] if times else ""
        _take(cues, deviations, name, match, block[times:], line + times)
    return Subtitles(tuple(cues), tuple(deviations))


def parse_vtt(text: str) -> Subtitles:
    """WebVTT: the signature, then cues with an optional identifier and times with a decimal point."""
    cues: list[Cue] = []
    deviations: list[Deviation] = []
    for index, (line, block) in enumerate(_blocks(text.removeprefix("\ufeff"))):
        if index == 0:
            if line != 1 or not _VTT_HEADER.fullmatch(block[0]):
                deviations.append(Deviation("header", f"expected WEBVTT, saw {block[0][:40]!r}", line))
            if not any("-->" in text for text in block):
                continue
        if block[0].split(" ")[0] in _NOT_A_CUE:
            continue
        times = next((i for i, text in enumerate(block) if "-->" in text), 0)
        name = block[times - 1] if times else ""
        _take(cues, deviations, name, _VTT_TIMES.fullmatch(block[times]), block[times:], line + times)
    if not text.strip():
        deviations.append(Deviation("header", "expected WEBVTT, saw nothing", 1))
    return Subtitles(tuple(cues), tuple(deviations))


def _take(
    cues: list[Cue],
    deviations: list[Deviation],
    name: str,
    match: re.Match[str] | None,
    block: list[str],
    line: int,
) -> None:
    """Add the cue whose block starts with its times, or say why it is none."""
    if match is None:
        seen = block[0][:60] if block else ""
        deviations.append(Deviation("times", f"not a line of times: {seen!r}", line))
        return
    start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
    if end < start or (cues and start < cues[-1].start):
        deviations.append(Deviation("order", f"{block[0].strip()!r} runs backwards", line))
    text = "\n".join(block[1:]).strip()
    for place, row in enumerate(block[1:], line + 1):
        if _SRT_TIMES.fullmatch(row) or _VTT_TIMES.fullmatch(row):
            deviations.append(Deviation("times", f"{row.strip()!r} stands in the text of a cue", place))
    if not text:
        deviations.append(Deviation("empty", "a cue without text", line))
    cues.append(Cue(name.strip(), start, end, text))


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, millis = (int((part or "0")[:9]) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + millis / 1000


def _blocks(text: str) -> list[tuple[int, list[str]]]:
    """Runs of lines that are not blank, each with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    previous_blank = True
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if line.strip():
            if previous_blank:
                blocks.append((number, []))
            blocks[-1][1].append(line)
        previous_blank = not line.strip()
    return blocks
