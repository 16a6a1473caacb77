"""Speech: bytes of the format that was asked for, whole, and nothing else in the body."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.answer import Answer
from conformance.checks.excerpt import shown_bytes
from conformance.checks.media_bytes import content, described, kind_of_body
from conformance.checks.picture_view import asked
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check
from conformance.wire.endings import foreign_end, is_cut
from conformance.wire.media import could_be_pcm

_KINDS = {
    "mp3": {"audio/mpeg"},
    "opus": {"audio/opus"},
    "aac": {"audio/aac"},
    "flac": {"audio/flac"},
    "wav": {"audio/wav"},
    "pcm": {"audio/pcm"},
}
_LONGER = 1.5  # times: the longer text of the case has ten times the words of the short one
_SHORTER = 0.8  # times: speech of double speed takes half as long, pauses aside


@check
def speech_is_of_the_asked_format(subject: Subject) -> Iterator[Finding]:
    """Told by the first bytes; MP3 when no format was asked for, whole 16-bit samples for pcm."""
    for answer in subject.answers:
        name = asked(answer).get("response_format", "mp3")
        kind, body = kind_of_body(answer), answer.response.body
        if kind not in _KINDS.get(name, set()):
            yield Finding(f"{name} sound", described(answer), "byte 0", answer.exchange.id)
        elif kind == "audio/pcm" and not could_be_pcm(body):
            seen = f"{len(body)} bytes, which are no whole number of them"
            yield Finding("samples of 16 bits", seen, f"byte {len(body)}", answer.exchange.id)


def _require_sound(answer: Answer) -> str:
    kind = kind_of_body(answer)
    if not kind.startswith("audio/"):
        raise Spoiled(f"the body is {described(answer)}")
    return kind


@check
def speech_is_whole(subject: Subject) -> Iterator[Finding]:
    """No frame breaks off, and no header names more than there is."""
    for answer in subject.answers:
        kind, body = _require_sound(answer), answer.response.body
        if kind != "audio/pcm" and is_cut(body, content(answer)):
            seen = f"{len(body)} bytes of {kind} that break off"
            yield Finding("sound to its end", seen, f"byte {len(body)}", answer.exchange.id)


@check
def nothing_but_sound_is_in_the_body(subject: Subject) -> Iterator[Finding]:
    """No JSON, event, page or second file behind the sound."""
    for answer in subject.answers:
        _require_sound(answer)
        foreign = foreign_end(answer.response.body, content(answer))
        if foreign:
            where = f"byte {len(answer.response.body) - len(foreign)}"
            yield Finding("the end of the sound", shown_bytes(foreign, 80), where, answer.exchange.id)


def _seconds(answer: Answer) -> float | None:
    """How long a WAV file plays; None for anything else."""
    info = content(answer)
    rate = (info.sample_rate or 0) * (info.channels or 0) * (info.bits_per_sample or 0) / 8
    size = info.data_size if info.data_size is not None else len(answer.response.body)
    return size / rate if info.kind == "audio/wav" and rate else None


def _both(subject: Subject) -> tuple[float, float]:
    other = subject.answered(subject.case.compare[0])
    mine, theirs = _seconds(subject.answer), _seconds(other) if other else None
    if mine is None or theirs is None:
        raise NotShown("there are no two WAV files to compare")
    return mine, theirs


@check
def longer_text_takes_longer(subject: Subject) -> Iterator[Finding]:
    """Compared with a text of two words."""
    mine, theirs = _both(subject)
    if mine < theirs * _LONGER:
        expected = f"well over the {theirs:.2f} s of the short text"
        yield Finding(expected, f"{mine:.2f} s", "body", subject.answer.exchange.id)


@check
def faster_speech_is_shorter(subject: Subject) -> Iterator[Finding]:
    """Compared with the same text at its usual speed."""
    mine, theirs = _both(subject)
    if mine > theirs * _SHORTER:
        expected = f"about half of the {theirs:.2f} s at speed 1"
        yield Finding(expected, f"{mine:.2f} s", "body", subject.answer.exchange.id)
