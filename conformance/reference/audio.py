"""The audio rows: transcriptions, translations and speech."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from conformance.exchange import Request, Response
from conformance.reference import errors, media
from conformance.reference.answers import JsonObject, bytes_answer, data_event, json_answer, stream_answer
from conformance.reference.bodies import Form, form_body, json_body
from conformance.reference.forms import Kinds, fields, files
from conformance.reference.models import model_for
from conformance.reference.parameters import (
    Rule,
    array,
    boolean,
    check,
    either,
    mapping,
    number,
    one_of,
    string,
    text,
)
from conformance.reference.state import State
from conformance.reference.tokens import chat_logprob, count, tokenize
from conformance.wire.media import MediaInfo, sniff

HEARD = "Hello world."
"""What every recording says."""

LARGEST_FILE = 25 * 1024 * 1024
FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
SOUND_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
VOICES = (
    *("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable"),
    *("marin", "nova", "onyx", "sage", "shimmer", "verse"),
)
_KINDS: Kinds = {"temperature": "number", "stream": "boolean"}

TRANSLATION: dict[str, Rule] = {
    "model": string(shortest=1),
    "prompt": text,
    "temperature": number(0, 1),
    "response_format": one_of(*FORMATS),
}
TRANSCRIPTION: dict[str, Rule] = {
    **TRANSLATION,
    "language": string(shortest=2, longest=16),
    "stream": boolean,
    "include": array(one_of("logprobs")),
    "timestamp_granularities": array(one_of("word", "segment")),
    "chunking_strategy": text,
}
SPEECH: dict[str, Rule] = {
    "model": string(shortest=1),
    "input": string(shortest=1, longest=4096),
    "voice": either("a string or an object", string=one_of(*VOICES), object=mapping),
    "instructions": string(longest=4096),
    "response_format": one_of(*SOUND_TYPES),
    "speed": number(0.25, 4),
    "stream_format": one_of("audio", "sse"),
}


def transcribe(state: State, request: Request) -> Response:
    """The words of a recording, in the language it speaks."""
    form = form_body(request)
    body = fields(form, _KINDS)
    check(body, TRANSCRIPTION, ("model",))
    sound = _sound(form)
    model_for(state, body["model"], "transcription", "transcriptions")
    kind = body.get("response_format") or "json"
    if body.get("timestamp_granularities") and kind != "verbose_json":
        raise errors.invalid_value("timestamp_granularities", "Timestamps need 'verbose_json'.")
    if body.get("stream") and kind == "json":
        return stream_answer(_heard_events())
    return _transcript(kind, sound, body, "transcribe")


def translate(state: State, request: Request) -> Response:
    """The words of a recording, in English."""
    form = form_body(request)
    body = fields(form, _KINDS)
    check(body, TRANSLATION, ("model",))
    sound = _sound(form)
    model_for(state, body["model"], "transcription", "translations")
    return _transcript(body.get("response_format") or "json", sound, {}, "translate")


def _sound(form: Form) -> float:
    """How long the uploaded recording is, in seconds."""
    uploads = files(form, "file")
    if not uploads:
        raise errors.missing("file")
    if len(uploads[-1].data) > LARGEST_FILE:
        text_ = f"Maximum content size limit ({LARGEST_FILE}) exceeded."
        raise errors.Refusal(413, text_, kind="server_error")
    found = sniff(uploads[-1].data)
    if not found.kind.startswith(("audio/", "video/")) or found.truncated:
        message = "Invalid file format. Send a whole flac, mp3, mp4, ogg, wav or webm file."
        raise errors.invalid_value("file", message)
    return _seconds(found, len(uploads[-1].data))


def _seconds(found: MediaInfo, size: int) -> float:
    rate = (found.sample_rate or 16_000) * (found.channels or 1) * (found.bits_per_sample or 16) / 8
    stated = found.data_size if found.kind == "audio/wav" else None
    return round(max((stated or size) / rate, 0.1), 2)


def _transcript(kind: str, seconds: float, body: JsonObject, task: str) -> Response:
    if kind == "json":
        return json_answer(_json(body, task))
    if kind == "verbose_json":
        return json_answer(_verbose(body, seconds, task))
    words = {"text": f"{HEARD}\n", "srt": _srt(seconds), "vtt": _vtt(seconds)}[kind]
    return bytes_answer(
        words.encode(), "text/vtt; charset=utf-8" if kind == "vtt" else "text/plain; charset=utf-8"
    )


def _json(body: JsonObject, task: str) -> JsonObject:
    if task == "translate":
        return {"text": HEARD}
    answer: JsonObject = {"text": HEARD, "usage": _usage()}
    if "logprobs" in (body.get("include") or ()):
        answer["logprobs"] = _logprobs()
    return answer


def _logprobs() -> list[JsonObject]:
    entries = [chat_logprob(token, place, 0) for place, token in enumerate(tokenize(HEARD))]
    return [{key: entry[key] for key in ("token", "logprob", "bytes")} for entry in entries]


def _usage() -> JsonObject:
    heard, written = 10, count(HEARD)
    return {
        "type": "tokens",
        "input_tokens": heard,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
        "output_tokens": written,
        "total_tokens": heard + written,
    }


def _verbose(body: JsonObject, seconds: float, task: str) -> JsonObject:
    answer: JsonObject = {
        "task": task,
        "language": "english",
        "duration": seconds,
        "text": HEARD,
        "segments": [_segment(seconds)],
    }
    if "word" in (body.get("timestamp_granularities") or ()):
        half = round(seconds / 2, 3)
        answer["words"] = [
            {"word": "Hello", "start": 0.0, "end": half},
            {"word": "world", "start": half, "end": seconds},
        ]
    return (
        answer
        if task == "translate"
        else {**answer, "usage": {"type": "duration", "seconds": max(1, round(seconds))}}
    )


def _segment(seconds: float) -> JsonObject:
    return {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": seconds,
        "text": HEARD,
        "tokens": [50364, 2425, 1002, 13, 50414],
        "temperature": 0.0,
        "avg_logprob": -0.21,
        "compression_ratio": 0.6,
        "no_speech_prob": 0.01,
    }


def _srt(seconds: float) -> str:
    return f"1\n{_clock(0, ',')} --> {_clock(seconds, ',')}\n{HEARD}\n\n"


def _vtt(seconds: float) -> str:
    return f"WEBVTT\n\n{_clock(0, '.')} --> {_clock(seconds, '.')}\n{HEARD}\n\n"


def _clock(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{mark}{rest % 1000:03}"


def _heard_events() -> Iterator[bytes]:
    for token in tokenize(HEARD):
        yield data_event({"type": "transcript.text.delta", "delta": token})
    yield data_event({"type": "transcript.text.done", "text": HEARD, "usage": _usage()})


def speak(state: State, request: Request) -> Response:
    """Sound for a text, whole or as a stream."""
    body = json_body(request)
    check(body, SPEECH, ("model", "input", "voice"))
    model_for(state, body["model"], "speech", "speech")
    if isinstance(body["voice"], dict):
        raise errors.unsupported_value("voice", "Custom voices are not available.")
    form = body.get("response_format") or "mp3"
    sound = media.speech(form, min(0.05 * count(body["input"]), 2) / float(body.get("speed") or 1))
    if body.get("stream_format") == "sse":
        return stream_answer(_spoken_events(sound, count(body["input"])))
    return bytes_answer(sound, SOUND_TYPES[form])


def _spoken_events(sound: bytes, words: int) -> Iterator[bytes]:
    for start in range(0, len(sound), 1024):
        piece = base64.b64encode(sound[start : start + 1024]).decode()
        yield data_event({"type": "speech.audio.delta", "audio": piece})
    spoken = max(len(sound) // 1024, 1)
    usage = {"input_tokens": words, "output_tokens": spoken, "total_tokens": words + spoken}
    yield data_event({"type": "speech.audio.done", "usage": usage})
