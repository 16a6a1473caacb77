from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire.subtitles import Cue, parse_srt, parse_vtt

SRT = "1\n00:00:00,000 --> 00:00:01,500\nHello\nthere\n\n2\n00:00:01,500 --> 01:00:02,000\nbye\n"
VTT = """WEBVTT - x

NOTE no cue

00:00.000 --> 00:01.500 align:start
Hello
there

id
00:00:01.500 --> 01:00:02.000
bye"""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_srt_cues_in_seconds(newline: str) -> None:
    subtitles = parse_srt(SRT.replace("\n", newline))
    assert subtitles.cues == (Cue("1", 0.0, 1.5, "Hello\nthere"), Cue("2", 1.5, 3602.0, "bye"))
    assert subtitles.deviations == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_vtt_cues_in_seconds(newline: str) -> None:
    subtitles = parse_vtt(VTT.replace("\n", newline))
    assert subtitles.cues == (Cue("", 0.0, 1.5, "Hello\nthere"), Cue("id", 1.5, 3602.0, "bye"))
    assert subtitles.deviations == ()


def test_vtt_without_cues_is_legal() -> None:
    assert parse_vtt("WEBVTT\n").deviations == ()


SRT_DEVIANT = {
    "decimal point": ("1\n00:00:00.000 --> 00:00:01.000\nx\n", [("times", 2)]),
    "starts at zero": ("0\n00:00:00,000 --> 00:00:01,000\nx\n", [("number", 1)]),
    "no number": ("00:00:00,000 --> 00:00:01,000\nx\n", [("number", 1)]),
    "backwards": ("1\n00:00:02,000 --> 00:00:01,000\nx\n", [("order", 2)]),
    "no text": ("1\n00:00:00,000 --> 00:00:01,000\n", [("empty", 2)]),
    "no blank line": (
        "1\n00:00:00,000 --> 00:00:01,000\nx\n2\n00:00:01,000 --> 00:00:02,000\ny\n",
        [("times", 5)],
    ),
    "json": ('{"text": "x"}', [("number", 1), ("times", 2)]),
}


@pytest.mark.parametrize(("text", "expected"), SRT_DEVIANT.values(), ids=SRT_DEVIANT.keys())
def test_srt_deviations(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(d.kind, d.line) for d in parse_srt(text).deviations] == expected


VTT_DEVIANT = {
    "no header": ("00:00.000 --> 00:01.000\nx\n", [("header", 1)]),
    "header glued to a word": ("WEBVTTx\n\n00:00.000 --> 00:01.000\nx\n", [("header", 1)]),
    "decimal comma": ("WEBVTT\n\n00:00,000 --> 00:01,000\nx\n", [("times", 3)]),
    "out of order": (
        "WEBVTT\n\n00:05.000 --> 00:06.000\nx\n\n00:01.000 --> 00:02.000\ny\n",
        [("order", 6)],
    ),
    "no blank line": (
        "WEBVTT\n\n00:00.000 --> 00:01.000\nx\n00:01.000 --> 00:02.000\ny\n",
        [("times", 5)],
    ),
    "empty": ("", [("header", 1)]),
}


@pytest.mark.parametrize(("text", "expected"), VTT_DEVIANT.values(), ids=VTT_DEVIANT.keys())
def test_vtt_deviations(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(d.kind, d.line) for d in parse_vtt(text).deviations] == expected


@settings(deadline=None)
@given(st.text("WEBVT\n\r-> 0:1,.\tNOTE", max_size=80))
def test_no_text_makes_them_raise(text: str) -> None:
    parse_srt(text)
    parse_vtt(text)
