from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.reference import media
from conformance.wire.media import could_be_pcm, parse_srt, parse_vtt, sniff
from tests.reference.client import Client
from tests.reference.forms import TYPE, form

TRANSCRIBE, TRANSLATE, SPEAK = "/v1/audio/transcriptions", "/v1/audio/translations", "/v1/audio/speech"
SOUND = ("hello.wav", "audio/wav", media.blob("hello-world.wav"))
SPEECH = {"model": "ref-tts", "input": "hello there", "voice": "alloy"}


def fields(*more: Any) -> bytes:
    return form(("model", "ref-audio-transcribe"), ("file", SOUND), *more)


@pytest.mark.parametrize("path", [TRANSCRIBE, TRANSLATE])
@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("text", "text/plain"), ("srt", "text/plain"), ("vtt", "text/vtt"), ("json", "application/json")],
)
def test_each_format_has_its_type(client: Client, path: str, kind: str, media_type: str) -> None:
    response = client.send("POST", path, fields(("response_format", kind)), headers=TYPE)
    assert response.media_type == media_type
    assert b"Hello world." in response.body


@pytest.mark.parametrize("path", [TRANSCRIBE, TRANSLATE])
def test_verbose_json_times_its_segments(client: Client, path: str) -> None:
    answer = client.post(path, fields(("response_format", "verbose_json")), headers=TYPE)
    assert answer["duration"] == 1.0
    assert [(segment["start"], segment["end"]) for segment in answer["segments"]] == [(0.0, 1.0)]
    assert "".join(segment["text"] for segment in answer["segments"]) == answer["text"]


def test_words_are_timed_on_request(client: Client) -> None:
    body = fields(("response_format", "verbose_json"), ("timestamp_granularities[]", "word"))
    words = client.post(TRANSCRIBE, body, headers=TYPE)["words"]
    assert [word["start"] for word in words] == [0.0, 0.5]


def test_subtitles_can_be_parsed(client: Client) -> None:
    srt = client.send("POST", TRANSCRIBE, fields(("response_format", "srt")), headers=TYPE).body.decode()
    vtt = client.send("POST", TRANSCRIBE, fields(("response_format", "vtt")), headers=TYPE).body.decode()
    assert [(cue.start, cue.end) for cue in parse_srt(srt).cues] == [(0.0, 1.0)]
    assert [(cue.start, cue.end) for cue in parse_vtt(vtt).cues] == [(0.0, 1.0)]


def test_a_transcription_streams_its_words(client: Client) -> None:
    response = client.send("POST", TRANSCRIBE, fields(("stream", "true")), headers=TYPE)
    events = [json.loads(chunk.data.removeprefix(b"data: ")) for chunk in response.chunks]
    assert "".join(event["delta"] for event in events[:-1]) == events[-1]["text"]
    assert events[-1]["type"] == "transcript.text.done"


@pytest.mark.parametrize("path", [TRANSCRIBE, TRANSLATE])
@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (form(("model", "ref-audio-transcribe")), "missing_required_parameter", "file"),
        (form(("file", SOUND)), "missing_required_parameter", "model"),
        (fields(("response_format", "odt")), "invalid_value", "response_format"),
        (fields(("temperature", "7")), "decimal_above_max_value", "temperature"),
        (form(("model", "ref-tts"), ("file", SOUND)), "unsupported_value", "model"),
        (form(("model", "m"), ("file", ("a.wav", "audio/wav", b""))), "invalid_value", "file"),
        (form(("model", "m"), ("file", ("a.wav", "audio/wav", b"not sound"))), "invalid_value", "file"),
    ],
)
def test_a_breach_is_refused(client: Client, path: str, body: bytes, code: str, param: str) -> None:
    assert client.refusal("POST", path, body, headers=TYPE) == (400, code, param)


def test_too_large_a_file_is_refused(client: Client) -> None:
    huge = ("a.wav", "audio/wav", b"\0" * (25 * 1024 * 1024 + 1))
    body = form(("model", "ref-audio-transcribe"), ("file", huge))
    assert client.refusal("POST", TRANSCRIBE, body, headers=TYPE)[0] == 413


@pytest.mark.parametrize("kind", ["mp3", "opus", "aac", "flac", "wav"])
def test_speech_is_of_the_format_asked_for(client: Client, kind: str) -> None:
    response = client.send("POST", SPEAK, {**SPEECH, "response_format": kind})
    assert sniff(response.body).kind == response.header("content-type")


def test_pcm_has_no_header(client: Client) -> None:
    assert could_be_pcm(client.send("POST", SPEAK, {**SPEECH, "response_format": "pcm"}).body)


def test_mp3_is_the_default(client: Client) -> None:
    assert client.send("POST", SPEAK, SPEECH).header("content-type") == "audio/mpeg"


def test_streamed_speech_joins_to_the_file(client: Client) -> None:
    import base64

    *deltas, done = client.events(SPEAK, {**SPEECH, "stream_format": "sse", "response_format": "wav"})
    joined = b"".join(base64.b64decode(event["audio"]) for event in deltas)
    assert joined == client.send("POST", SPEAK, {**SPEECH, "response_format": "wav"}).body
    assert done["type"] == "speech.audio.done"


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"input": ""}, "string_below_min_length", "input"),
        ({"input": "x" * 4097}, "string_above_max_length", "input"),
        ({"voice": "nobody"}, "invalid_value", "voice"),
        ({"voice": {"id": "v"}}, "unsupported_value", "voice"),
        ({"voice": None}, "invalid_type", "voice"),
        ({"speed": 5}, "decimal_above_max_value", "speed"),
        ({"response_format": "midi"}, "invalid_value", "response_format"),
        ({"model": "ref-audio-transcribe"}, "unsupported_value", "model"),
    ],
)
def test_a_breach_in_speech_is_refused(client: Client, changes: Any, code: str, param: str) -> None:
    assert client.refusal("POST", SPEAK, {**SPEECH, **changes}) == (400, code, param)
