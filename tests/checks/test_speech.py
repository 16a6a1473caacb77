"""Each lie about speech, told in a hand-made answer."""

from __future__ import annotations

import struct

import pytest

from conformance.answer import Answer
from conformance.checks.subject import NotShown, Spoiled
from tests.checks.media_answers import Found, answer, findings, media

MINIMAL = "speech/minimal/mp3"
TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg; codecs=opus",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/x-wav",
    "pcm": "audio/pcm;rate=24000",
}
EVERY = ["SPEECH-001", "SPEECH-002", "SPEECH-003", "SPEECH-004", "SPEECH-005"]


def tone(form: str, content_type: str | None = "audio/mpeg", *, case: str = "", data: bytes = b"") -> Answer:
    return answer(case or f"speech/format/{form}", data or media(f"tone.{form}"), content_type)


def wav(seconds: float, case: str) -> Answer:
    samples = bytes(int(seconds * 8000) * 2)
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(samples)) + samples
    return answer(case, b"RIFF" + struct.pack("<I", len(chunks)) + chunks, "audio/wav")


@pytest.mark.parametrize("requirement", EVERY)
@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("named", ["specific", "any"])
def test_every_format_passes(requirement: str, form: str, named: str) -> None:
    assert (
        findings(requirement, tone(form, TYPES[form] if named == "specific" else "application/octet-stream"))
        == []
    )


def test_mp3_is_the_default() -> None:
    assert findings("SPEECH-001", tone("mp3", case=MINIMAL)) == []
    assert findings("SPEECH-001", tone("wav", case=MINIMAL)) == [("mp3 sound", "audio/wav", "byte 0")]


MP3, WAV = media("tone.mp3"), media("tone.wav")
LIES: dict[str, tuple[str, Answer, Found]] = {
    "mp3-for-wav": ("SPEECH-001", tone("wav", data=MP3), [("wav sound", "audio/mpeg", "byte 0")]),
    "wav-for-pcm": ("SPEECH-001", tone("pcm", data=WAV), [("pcm sound", "audio/wav", "byte 0")]),
    "json": (
        "SPEECH-001",
        answer(MINIMAL, {"audio": "UklGRg=="}, "audio/mpeg"),
        [("mp3 sound", 'application/json: {"audio": "UklGRg=="}', "byte 0")],
    ),
    "base64": (
        "SPEECH-001",
        answer(MINIMAL, b"SUQzBAAAAAAAI1RTU0U=", "audio/mpeg"),
        [("mp3 sound", "text/plain: SUQzBAAAAAAAI1RTU0U=", "byte 0")],
    ),
    "events": (
        "SPEECH-001",
        answer(MINIMAL, b'data: {"type":"speech.audio.delta"}\n\n', "audio/mpeg"),
        [("mp3 sound", 'text/plain: data: {"type":"speech.audio.delta"}\n\n', "byte 0")],
    ),
    "empty": ("SPEECH-001", answer(MINIMAL, b"", "audio/mpeg"), [("mp3 sound", "an empty body", "byte 0")]),
    "text-before-the-sound": (
        "SPEECH-001",
        answer(MINIMAL, b"\r\n400\r\n" + MP3, "audio/mpeg"),
        [("mp3 sound", "application/octet-stream", "byte 0")],
    ),
    "half-a-sample": (
        "SPEECH-001",
        tone("pcm", data=media("tone.pcm")[:-1]),
        [("samples of 16 bits", "4799 bytes, which are no whole number of them", "byte 4799")],
    ),
    "flac-called-mpeg": (
        "SPEECH-002",
        tone("flac", "audio/mpeg"),
        [("Content-Type: audio/flac", "audio/mpeg", "content-type")],
    ),
    "pcm-called-wav": (
        "SPEECH-002",
        tone("pcm", "audio/wav"),
        [("Content-Type: audio/pcm", "audio/wav", "content-type")],
    ),
    "sound-called-json": (
        "SPEECH-002",
        tone("mp3", "application/json"),
        [("Content-Type: audio/mpeg", "application/json", "content-type")],
    ),
    "called-nothing": ("SPEECH-003", tone("mp3", None), [("a Content-Type", "none", "content-type")]),
    "mp3-cut": (
        "SPEECH-004",
        tone("mp3", data=MP3[:-20]),
        [("sound to its end", "652 bytes of audio/mpeg that break off", "byte 652")],
    ),
    "wav-cut": (
        "SPEECH-004",
        tone("wav", data=WAV[:1000]),
        [("sound to its end", "1000 bytes of audio/wav that break off", "byte 1000")],
    ),
    "usage-behind-the-sound": (
        "SPEECH-005",
        tone("mp3", data=MP3 + b'{"usage":{"total_tokens":3}}'),
        [("the end of the sound", '{"usage":{"total_tokens":3}}', "byte 672")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("requirement", "lie", "expected"), LIES.values(), ids=LIES)
def test_lies(requirement: str, lie: Answer, expected: Found) -> None:
    assert findings(requirement, lie) == expected


@pytest.mark.parametrize("requirement", ["SPEECH-002", "SPEECH-004", "SPEECH-005"])
def test_what_is_no_sound_is_told_once(requirement: str) -> None:
    with pytest.raises(Spoiled):
        findings(requirement, answer(MINIMAL, {"audio": "x"}, "audio/mpeg"))


def test_each_piece_with_a_header_of_its_own() -> None:
    (found,) = findings("SPEECH-005", tone("wav", data=WAV + WAV))
    assert (found[0], found[1][:4], found[2]) == ("the end of the sound", "RIFF", "byte 4844")


def test_a_missing_type_is_told_once() -> None:
    with pytest.raises(NotShown):
        findings("SPEECH-002", tone("mp3", None))


SHORT, LONG, FAST = "speech/format/wav", "speech/length/longer-input", "speech/speed/double"


def test_length_follows_the_text() -> None:
    assert findings("SPEECH-006", wav(6.0, LONG), others=[wav(0.9, SHORT)]) == []
    assert findings("SPEECH-006", wav(1.0, LONG), others=[wav(1.0, SHORT)]) == [
        ("well over the 1.00 s of the short text", "1.00 s", "body")
    ]
    with pytest.raises(NotShown):
        findings("SPEECH-006", wav(1.0, LONG))


def test_speed_is_obeyed() -> None:
    assert findings("SPEECH-007", wav(3.2, FAST), others=[wav(6.0, LONG)]) == []
    assert findings("SPEECH-007", wav(6.0, FAST), others=[wav(6.0, LONG)]) == [
        ("about half of the 6.00 s at speed 1", "6.00 s", "body")
    ]
