"""Each lie about transcripts, told in a hand-made answer."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.answer import Answer
from conformance.checks.subject import NotShown, Spoiled
from tests.checks.media_answers import Found, answer, events, findings, red, refused

AREA = "transcriptions"
MINIMAL, TEXT, SRT, VTT = (
    f"{AREA}/minimal/form",
    *(f"{AREA}/format/{name}" for name in ("text", "srt", "vtt")),
)
VERBOSE, WORDS, STREAM = (
    f"{AREA}/format/verbose-json",
    f"{AREA}/format/verbose-words",
    f"{AREA}/stream/asked-for",
)
PLAIN = "text/plain; charset=utf-8"
SPOKEN = "Hello world."
A_SRT = "1\n00:00:00,000 --> 00:00:00,500\nHello\n\n2\n00:00:00,500 --> 00:00:01,000\nworld.\n\n"
A_VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello world.\n"
TOKENS = {"type": "tokens", "input_tokens": 10, "output_tokens": 3, "total_tokens": 13}


def word(text: str, start: float, end: float) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end}


def segment(number: int, start: float, end: float, text: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "seek": 0,
        "start": start,
        "end": end,
        "text": text,
        "tokens": [1, 2],
        "temperature": 0.0,
        "avg_logprob": -0.2,
        "compression_ratio": 0.6,
        "no_speech_prob": 0.01,
        **changes,
    }


def verbose(**changes: Any) -> dict[str, Any]:
    parts = [segment(0, 0.0, 0.5, " Hello"), segment(1, 0.5, 1.0, " world.")]
    made = {"task": "transcribe", "language": "english", "duration": 1.0, "text": SPOKEN, "segments": parts}
    return made | changes


def timed(*spans: tuple[float, float]) -> dict[str, Any]:
    words = ("Hello", "world.", "")
    return verbose(segments=[segment(i, *span, words[i]) for i, span in enumerate(spans)])


LEGAL: dict[str, Answer] = {
    "json": answer(MINIMAL, {"text": SPOKEN, "usage": TOKENS}),
    "duration-usage": answer(MINIMAL, {"text": SPOKEN, "usage": {"type": "duration", "seconds": 1}}),
    "text": answer(TEXT, f"{SPOKEN}\n", PLAIN),
    "text-without-type": answer(TEXT, SPOKEN, None),
    "text-that-quotes": answer(TEXT, '"Hello" world.\n', PLAIN),
    "number-as-text": answer(TEXT, "42", PLAIN),
    "srt": answer(SRT, A_SRT, PLAIN),
    "srt-crlf": answer(SRT, A_SRT.replace("\n", "\r\n"), "application/x-subrip"),
    "vtt": answer(VTT, A_VTT, "text/vtt"),
    "vtt-as-plain": answer(VTT, A_VTT, PLAIN),
    "verbose": answer(VERBOSE, verbose()),
    "padded-window": answer(VERBOSE, timed((0.0, 0.6), (0.6, 1.6))),
    "words": answer(WORDS, verbose(words=[word("Hello", 0, 0.5), word(" world.", 0.5, 0.5)])),
    "translation": answer("translations/format/verbose-json", verbose(task="translate")),
}
COMPARED = {"AUDIO-019", "AUDIO-020", "AUDIO-021", "AUDIO-022"}


@pytest.mark.parametrize("legal", LEGAL.values(), ids=LEGAL)
def test_legal_answers_pass(legal: Answer) -> None:
    assert red("AUDIO-", legal, without=COMPARED) == {}


@pytest.mark.parametrize("requirement", ["AUDIO-009", "AUDIO-010", "AUDIO-013", "AUDIO-014"])
def test_without_segments_there_are_no_times(requirement: str) -> None:
    with pytest.raises(NotShown):
        findings(requirement, answer(VERBOSE, verbose(segments=None)))


def test_without_usage_nothing_is_summed() -> None:
    with pytest.raises(NotShown):
        findings("AUDIO-017", answer(MINIMAL, {"text": SPOKEN}))


LIES: dict[str, tuple[str, Answer, Found]] = {
    "nothing-heard": (
        "AUDIO-001",
        answer(MINIMAL, {"text": " "}),
        [("the words of the recording", '" "', "/text")],
    ),
    "empty-subtitles": (
        "AUDIO-001",
        answer(SRT, "1\n00:00:00,000 --> 00:00:01,000\n\n", PLAIN),
        [("the words of the recording", '""', "body")],
    ),
    "object-for-text": (
        "AUDIO-002",
        answer(TEXT, {"text": SPOKEN, "usage": {}}),
        [
            ("the plain transcript", '{"text": "Hello world.", "usage": {}}', "body"),
            ("a type such as text/plain", "application/json", "content-type"),
        ],
    ),
    "in-quotes": (
        "AUDIO-002",
        answer(TEXT, '"Hello world.\\n"', PLAIN),
        [("the plain transcript", '"Hello world.\\n"', "body")],
    ),
    "called-json": (
        "AUDIO-002",
        answer(SRT, A_SRT, "application/json; charset=utf-8"),
        [("a type such as text/plain", "application/json; charset=utf-8", "content-type")],
    ),
    "page": (
        "AUDIO-002",
        answer(VTT, "<html>no</html>", PLAIN),
        [("the plain transcript", "<html>no</html>", "body")],
    ),
    "latin-1": (
        "AUDIO-003",
        answer(TEXT, "Grüße".encode("latin-1"), PLAIN),
        [("UTF-8", "invalid start byte", "byte 2")],
    ),
    "text-for-srt": (
        "AUDIO-004",
        answer(SRT, SPOKEN, PLAIN),
        [
            ("a SubRip file", "expected cue number 1, saw 'Hello world.'", "line 1"),
            ("a SubRip file", "not a line of times: ''", "line 2"),
        ],
    ),
    "vtt-times-in-srt": (
        "AUDIO-004",
        answer(SRT, "1\n00:00:00.000 --> 00:00:01.000\nHello world.\n\n", PLAIN),
        [("a SubRip file", "not a line of times: '00:00:00.000 --> 00:00:01.000'", "line 2")],
    ),
    "numbered-from-zero": (
        "AUDIO-004",
        answer(SRT, "0\n00:00:00,000 --> 00:00:01,000\nHello world.\n\n", PLAIN),
        [("a SubRip file", "expected cue number 1, saw '0'", "line 1")],
    ),
    "vtt-without-signature": (
        "AUDIO-005",
        answer(VTT, "00:00.000 --> 00:01.000\nHello world.\n", "text/vtt"),
        [("a WebVTT file", "expected WEBVTT, saw '00:00.000 --> 00:01.000'", "line 1")],
    ),
    "srt-times-in-vtt": (
        "AUDIO-005",
        answer(VTT, "WEBVTT\n\n00:00:00,000 --> 00:00:01,000\nHello\n", "text/vtt"),
        [("a WebVTT file", "not a line of times: '00:00:00,000 --> 00:00:01,000'", "line 3")],
    ),
    "verbose-downgraded": (
        "AUDIO-006",
        answer(VERBOSE, {"text": SPOKEN}),
        [
            ("the member 'language'", '{"text": "Hello world."}', "/"),
            ("the member 'duration'", '{"text": "Hello world."}', "/"),
        ],
    ),
    "segments-empty": (
        "AUDIO-006",
        answer(VERBOSE, verbose(segments=[])),
        [("at least 1 item", "[]", "/segments")],
    ),
    "duration-as-text": (
        "AUDIO-006",
        answer(VERBOSE, verbose(duration="1.0")),
        [("number", '"1.0"', "/duration")],
    ),
    "segments-dropped": (
        "AUDIO-007",
        answer(VERBOSE, verbose(segments=None)),
        [("segments", "none", "/segments")],
    ),
    "words-ignored": ("AUDIO-008", answer(WORDS, verbose()), [("a list of words", "null", "/words")]),
    "ends-before-it-starts": (
        "AUDIO-009",
        answer(VERBOSE, timed((0.5, 0.2))),
        [("at least its start, 0.5", "0.2", "/segments/0/end")],
    ),
    "out-of-order": (
        "AUDIO-009",
        answer(VERBOSE, timed((0.5, 1.0), (0.0, 0.5))),
        [("at least 0.5, where the one before starts", "0", "/segments/1/start")],
    ),
    "milliseconds": (
        "AUDIO-010",
        answer(VERBOSE, timed((0, 500), (500, 1000))),
        [("seconds, 30.5 at most", "500", "/segments/0")],
    ),
    "nanoseconds-of-words": (
        "AUDIO-010",
        answer(WORDS, verbose(words=[{"word": "Hello", "start": 0, "end": 5e8}])),
        [("seconds, 30.5 at most", "5e+08", "/words/0")],
    ),
    "cue-of-minutes": (
        "AUDIO-010",
        answer(SRT, "1\n00:00:00,000 --> 00:16:40,000\nHello world.\n\n", PLAIN),
        [("seconds, 30.5 at most", "1000", "cue 1")],
    ),
    "beyond-the-end": (
        "AUDIO-011",
        answer(VTT, "WEBVTT\n\n00:00.000 --> 00:10.000\nHello world.\n", "text/vtt"),
        [("seconds, 2 at most", "10", "cue 1")],
    ),
    "duration-in-milliseconds": (
        "AUDIO-012",
        answer(VERBOSE, verbose(duration=1000)),
        [("about 1 s", "1000", "/duration")],
    ),
    "duration-zero": ("AUDIO-012", answer(VERBOSE, verbose(duration=0)), [("about 1 s", "0", "/duration")]),
    "segment-lost": (
        "AUDIO-013",
        answer(VERBOSE, verbose(segments=[segment(0, 0, 0.5, " Hello")])),
        [('"Hello world."', '"Hello"', "/segments")],
    ),
    "word-lost": (
        "AUDIO-023",
        answer(WORDS, verbose(words=[word("Hello", 0, 0.5)])),
        [('"Hello world."', '"Hello"', "/words")],
    ),
    "no-time": (
        "AUDIO-024",
        answer(VERBOSE, timed((0, 0), (0, 0))),
        [("times in which it is said", "0 to 0 s", "/segments/1")],
    ),
    "positive-logprob": (
        "AUDIO-014",
        answer(VERBOSE, verbose(segments=[segment(0, 0, 1, SPOKEN, avg_logprob=0.3, no_speech_prob=30)])),
        [("at most 0", "0.3", "/segments/0/avg_logprob"), ("0 to 1", "30", "/segments/0/no_speech_prob")],
    ),
    "one-id-for-two": (
        "AUDIO-014",
        answer(VERBOSE, verbose(segments=[segment(0, 0, 1, "Hello"), segment(0, 0.5, 1, "world")])),
        [("an id of its own", "0", "/segments/1/id")],
    ),
    "other-task": (
        "AUDIO-015",
        answer(VERBOSE, verbose(task="translate")),
        [("transcribe", '"translate"', "/task")],
    ),
    "not-translated": (
        "AUDIO-016",
        answer("translations/format/verbose-json", verbose(task="transcribe", language="german")),
        [("translate", '"transcribe"', "/task"), ("english or en", '"german"', "/language")],
    ),
    "sum": (
        "AUDIO-017",
        answer(MINIMAL, {"text": SPOKEN, "usage": TOKENS | {"total_tokens": 3}}),
        [("13 (10 + 3)", "3", "/usage/total_tokens")],
    ),
    "details": (
        "AUDIO-017",
        answer(MINIMAL, {"text": SPOKEN, "usage": TOKENS | {"input_token_details": {"audio_tokens": 99}}}),
        [("at least 99, the sum of its details", "10", "/usage/input_tokens")],
    ),
    "usage-zero": (
        "AUDIO-018",
        answer(MINIMAL, {"text": SPOKEN, "usage": {"type": "duration", "seconds": 0}}),
        [("more than 0", "0", "/usage/seconds")],
    ),
    "usage-in-milliseconds": (
        "AUDIO-018",
        answer(MINIMAL, {"text": SPOKEN, "usage": {"type": "duration", "seconds": 1000}}),
        [("seconds, 60 at most", "1000", "/usage/seconds")],
    ),
}


@pytest.mark.parametrize(("requirement", "lie", "expected"), LIES.values(), ids=LIES)
def test_lies(requirement: str, lie: Answer, expected: Found) -> None:
    assert findings(requirement, lie) == expected


@pytest.mark.parametrize("requirement", ["AUDIO-001", "AUDIO-004", "AUDIO-010"])
def test_json_in_place_of_subtitles_is_told_once(requirement: str) -> None:
    with pytest.raises(Spoiled):
        findings(requirement, answer(SRT, {"text": SPOKEN}))


HEARD = answer(MINIMAL, {"text": "Hello, World"})


@pytest.mark.parametrize(
    ("requirement", "one"),
    [("AUDIO-019", LEGAL["srt"]), ("AUDIO-019", LEGAL["verbose"]), ("AUDIO-020", LEGAL["text"])],
    ids=["srt", "verbose", "text"],
)
def test_formats_agree_punctuation_aside(requirement: str, one: Answer) -> None:
    assert findings(requirement, one, others=[HEARD]) == []
    with pytest.raises(NotShown):
        findings(requirement, one)


def test_a_format_that_says_something_else() -> None:
    other = answer(TEXT, "Goodbye.\n", PLAIN)
    assert findings("AUDIO-020", other, others=[HEARD]) == [('"Hello, World"', '"Goodbye."', "body")]


def test_timed_formats_come_together() -> None:
    assert findings("AUDIO-021", *(LEGAL[name] for name in ("json", "text", "srt", "vtt", "verbose"))) == []
    assert findings("AUDIO-021", LEGAL["text"], LEGAL["verbose"], refused(SRT, "no srt"), refused(VTT)) == [
        ("srt, as verbose_json is given", '400: "no srt"', "status"),
        ("vtt, as verbose_json is given", '400: "no"', "status"),
    ]
    with pytest.raises(NotShown):
        findings("AUDIO-021", LEGAL["json"], LEGAL["text"], refused(SRT), refused(VTT), refused(VERBOSE))


def delta(text: str) -> dict[str, Any]:
    return {"type": "transcript.text.delta", "delta": text}


DONE = {"type": "transcript.text.done", "text": SPOKEN, "usage": TOKENS}
STREAMS: dict[str, tuple[bytes, Found]] = {
    "whole": (events(delta("Hello "), delta("world."), DONE), []),
    "done-alone": (events(DONE) + b"data: [DONE]\n\n", []),
    "done-after-each-part": (
        events(delta("Hello "), DONE, delta("world."), DONE),
        [("one transcript.text.done at the end", "2 of them", "stream")],
    ),
    "no-done": (events(delta(SPOKEN)), [("one transcript.text.done at the end", "0 of them", "stream")]),
    "delta-behind-done": (
        events(DONE, delta(SPOKEN)),
        [("one transcript.text.done at the end", "events behind it", "stream")],
    ),
    "other-text": (events(delta("Hello"), DONE), [('"Hello"', '"Hello world."', "event 1 /text")]),
}


@pytest.mark.parametrize(("sent", "expected"), STREAMS.values(), ids=STREAMS)
def test_streams_that_nobody_promised(sent: bytes, expected: Found) -> None:
    assert findings("AUDIO-022", answer(STREAM, sent, "text/event-stream")) == expected


def test_no_stream_is_fine_too() -> None:
    with pytest.raises(NotShown):
        findings("AUDIO-022", answer(STREAM, {"text": SPOKEN}))
