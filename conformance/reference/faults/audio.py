"""Lies of the audio rows."""

from __future__ import annotations

import json
import re

from conformance.exchange import Exchange
from conformance.reference import errors, media
from conformance.reference.editing import (
    Answer,
    Event,
    Stream,
    answer_with,
    is_call,
    refuse,
    sent_json,
    status_of,
    with_body,
    with_header,
)
from conformance.reference.faults.frame import fault, json_fault, stream_fault

TRANSCRIPTS = "/v1/audio/trans*"
TRANSCRIPTIONS = "/v1/audio/transcriptions"
TRANSLATIONS = "/v1/audio/translations"
SPEECH = "/v1/audio/speech"
BARE = ("text", "srt", "vtt")


def _format(exchange: Exchange) -> str:
    """The response_format of a form."""
    found = re.search(rb'name="response_format"\r\n(?:[^\r\n]+\r\n)*\r\n([a-z_]+)\r\n', exchange.request.body)
    return found[1].decode() if found else "json"


def _bare(exchange: Exchange, *forms: str) -> bool:
    """Whether a transcript was answered in one of these formats."""
    return is_call(exchange, TRANSCRIPTS) and status_of(exchange) == 200 and _format(exchange) in forms


def _body(exchange: Exchange) -> bytes:
    return exchange.response.body if exchange.response else b""


# Transcripts in words


@fault(defects=("D224",))
def answers_text_with_json(exchange: Exchange) -> Exchange:
    """response_format text is answered with a JSON object."""
    return (
        answer_with(exchange, 200, {"text": _body(exchange).decode()})
        if _bare(exchange, "text")
        else exchange
    )


@fault()
def quotes_the_transcript(exchange: Exchange) -> Exchange:
    """A transcript in text is a JSON string, quotes and all."""
    if not _bare(exchange, "text"):
        return exchange
    return answer_with(exchange, 200, json.dumps(_body(exchange).decode()).encode(), "text/plain")


@fault()
def calls_bare_transcripts_json(exchange: Exchange) -> Exchange:
    """Transcripts in text, srt and vtt have the Content-Type application/json."""
    return with_header(exchange, "content-type", "application/json") if _bare(exchange, *BARE) else exchange


@fault()
def writes_transcripts_in_latin_1(exchange: Exchange) -> Exchange:
    """A transcript is not UTF-8."""
    return with_body(exchange, _body(exchange) + b"\xe9\n") if _bare(exchange, *BARE) else exchange


@fault(defects=("D225",))
def refuses_subtitles(exchange: Exchange) -> Exchange:
    """srt and vtt are refused although verbose_json is not."""
    if not _bare(exchange, "srt", "vtt"):
        return exchange
    return refuse(exchange, errors.unsupported_value("response_format", "Unsupported response_format."))


@fault()
def writes_vtt_for_srt(exchange: Exchange) -> Exchange:
    """srt is asked for, and WebVTT comes."""
    return with_body(exchange, b"WEBVTT\n\n" + _body(exchange)) if _bare(exchange, "srt") else exchange


@fault()
def writes_srt_for_vtt(exchange: Exchange) -> Exchange:
    """vtt is asked for, and the cues come without WEBVTT."""
    return (
        with_body(exchange, _body(exchange).removeprefix(b"WEBVTT\n\n"))
        if _bare(exchange, "vtt")
        else exchange
    )


@fault()
def numbers_subtitles_from_zero(exchange: Exchange) -> Exchange:
    """The first cue of an srt is number 0."""
    return (
        with_body(exchange, re.sub(rb"\A1\n", b"0\n", _body(exchange)))
        if _bare(exchange, "srt")
        else exchange
    )


@fault()
def times_subtitles_in_milliseconds(exchange: Exchange) -> Exchange:
    """The times of subtitles are a thousand times too large."""
    if not _bare(exchange, "srt", "vtt"):
        return exchange
    return with_body(exchange, re.sub(rb"--> 00:00:01", b"--> 00:16:40", _body(exchange)))


@fault()
def transcribes_other_words_in_text(exchange: Exchange) -> Exchange:
    """A recording has other words in text than in JSON."""
    return with_body(exchange, b"Something else entirely.\n") if _bare(exchange, "text") else exchange


# Transcripts in JSON


@json_fault(TRANSCRIPTS)
def hears_nothing(answer: Answer) -> None:
    """The transcript of speech is empty."""
    answer.body["text"] = ""


@json_fault(TRANSCRIPTS)
def omits_the_transcript(answer: Answer) -> None:
    """A transcript has no text."""
    answer.body["transcript"] = answer.body.pop("text")


@json_fault(TRANSCRIPTS, defects=("D232",))
def reduces_verbose_json(answer: Answer) -> None:
    """verbose_json is accepted, and only the text comes."""
    answer.body = {"text": answer.body["text"]}


@json_fault(TRANSCRIPTS)
def drops_the_segments(answer: Answer) -> None:
    """verbose_json has null in the place of its segments."""
    if "segments" in answer.body:
        answer.body["segments"] = None


@json_fault(TRANSCRIPTS)
def hears_otherwise_in_detail(answer: Answer) -> None:
    """verbose_json tells of other words than the other formats do."""
    if answer.body.get("segments") and not answer.body.get("words"):
        for segment in answer.body["segments"]:
            segment["text"] = " Goodbye then."
        answer.body["text"] = "".join(segment["text"] for segment in answer.body["segments"]).strip()


@json_fault(TRANSCRIPTS, defects=("D233",))
def empties_the_segments(answer: Answer) -> None:
    """verbose_json has no segments although there is text."""
    if "segments" in answer.body:
        answer.body["segments"] = []


@json_fault(TRANSCRIPTS, defects=("D237",))
def times_segments_in_nanoseconds(answer: Answer) -> None:
    """The times of segments are nanoseconds."""
    for segment in answer.body.get("segments") or ():
        segment.update(start=segment["start"] * 10**9, end=segment["end"] * 10**9)


@json_fault(TRANSCRIPTS)
def ends_segments_before_they_start(answer: Answer) -> None:
    """A segment ends before it starts."""
    for segment in answer.body.get("segments") or ():
        segment.update(start=segment["end"], end=segment["start"])


@json_fault(TRANSCRIPTS)
def omits_members_of_segments(answer: Answer) -> None:
    """Segments have only their text and times."""
    for segment in answer.body.get("segments") or ():
        for name in ("seek", "tokens", "avg_logprob", "compression_ratio"):
            del segment[name]


@json_fault(TRANSCRIPTS)
def segments_another_text(answer: Answer) -> None:
    """The texts of the segments do not add up to the text."""
    for segment in answer.body.get("segments") or ():
        segment["text"] = "Something else entirely."


@json_fault(TRANSCRIPTS)
def is_more_than_certain_of_segments(answer: Answer) -> None:
    """avg_logprob is above zero."""
    for segment in answer.body.get("segments") or ():
        segment["avg_logprob"] = 0.7


@json_fault(TRANSCRIPTIONS)
def forgets_the_words(answer: Answer) -> None:
    """timestamp_granularities word is accepted, and no words come."""
    answer.body.pop("words", None)


@json_fault(TRANSCRIPTIONS)
def hears_other_words(answer: Answer) -> None:
    """The words with times are not those of the text."""
    for word in answer.body.get("words") or ():
        word["word"] = "other"


@json_fault(TRANSCRIPTS)
def times_everything_at_zero(answer: Answer) -> None:
    """Segments and words start and end at 0."""
    for span in [*(answer.body.get("segments") or ()), *(answer.body.get("words") or ())]:
        span.update(start=0.0, end=0.0)


@json_fault(TRANSCRIPTS)
def measures_recordings_in_milliseconds(answer: Answer) -> None:
    """duration counts milliseconds."""
    if "duration" in answer.body:
        answer.body["duration"] *= 1000


@json_fault(TRANSCRIPTS)
def writes_the_duration_as_text(answer: Answer) -> None:
    """duration is a text."""
    if "duration" in answer.body:
        answer.body["duration"] = str(answer.body["duration"])


@json_fault(TRANSCRIPTS)
def names_another_task(answer: Answer) -> None:
    """task names neither transcription nor translation."""
    if "task" in answer.body:
        answer.body["task"] = "summarize"


@json_fault(TRANSLATIONS)
def translates_into_french(answer: Answer) -> None:
    """The language of a translation is not English."""
    if "language" in answer.body:
        answer.body["language"] = "french"


@json_fault(TRANSCRIPTIONS)
def miscounts_transcripts(answer: Answer) -> None:
    """total_tokens of a transcript is not the sum of its parts."""
    if answer.body.get("usage", {}).get("type") == "tokens":
        answer.body["usage"]["total_tokens"] += 1


@json_fault(TRANSCRIPTIONS)
def counts_nothing_heard(answer: Answer) -> None:
    """The usage of a transcript is 0."""
    if "usage" in answer.body:
        answer.body["usage"] = {"type": "duration", "seconds": 0}


# Streamed transcripts


@stream_fault(TRANSCRIPTIONS, defects=("D236",))
def ends_the_transcript_after_each_word(stream: Stream) -> None:
    """The done event comes after each part of the recording."""
    stream.events = [copy for event in stream.events[:-1] for copy in (event, stream.events[-1])]


@stream_fault(TRANSCRIPTIONS)
def ends_the_transcript_with_other_words(stream: Stream) -> None:
    """The done event of a transcript holds other words than its deltas."""
    stream.chunks[-1]["text"] = "Something else entirely."


@stream_fault(TRANSCRIPTIONS)
def never_ends_the_transcript(stream: Stream) -> None:
    """A streamed transcript has no done event."""
    del stream.events[-1]


@stream_fault(TRANSCRIPTIONS)
def goes_on_after_the_transcript(stream: Stream) -> None:
    """A delta follows the done event of a transcript."""
    stream.events.append(Event(None, {"type": "transcript.text.delta", "delta": " more"}))


# Speech


def _speaks(exchange: Exchange) -> bool:
    return is_call(exchange, SPEECH) and status_of(exchange) == 200


@fault(defects=("D228",))
def calls_every_sound_mpeg(exchange: Exchange) -> Exchange:
    """The Content-Type is audio/mpeg whatever the bytes."""
    return with_header(exchange, "content-type", "audio/mpeg") if _speaks(exchange) else exchange


@fault()
def speaks_always_in_mp3(exchange: Exchange) -> Exchange:
    """response_format is accepted, and MP3 comes."""
    if not _speaks(exchange) or sent_json(exchange).get("response_format") in (None, "mp3"):
        return exchange
    return answer_with(exchange, 200, media.blob("tone.mp3"), "audio/mpeg")


@fault(defects=("D238",))
def cuts_speech_off(exchange: Exchange) -> Exchange:
    """The sound breaks off in the middle."""
    body = _body(exchange)
    return with_body(exchange, body[: len(body) // 3]) if _speaks(exchange) else exchange


@fault()
def speaks_in_json(exchange: Exchange) -> Exchange:
    """The sound comes as base64 in a JSON object."""
    return answer_with(exchange, 200, {"audio": "SUQz"}) if _speaks(exchange) else exchange


@fault()
def says_nothing(exchange: Exchange) -> Exchange:
    """The sound is empty."""
    return with_body(exchange, b"") if _speaks(exchange) else exchange


@fault()
def adds_an_error_to_the_sound(exchange: Exchange) -> Exchange:
    """JSON follows the sound in the body."""
    return with_body(exchange, _body(exchange) + b'{"error": null}\n') if _speaks(exchange) else exchange


@fault()
def omits_the_type_of_speech(exchange: Exchange) -> Exchange:
    """The sound has no Content-Type."""
    return with_header(exchange, "content-type") if _speaks(exchange) else exchange


@fault()
def speaks_always_as_long(exchange: Exchange) -> Exchange:
    """Every text is spoken by the same sound."""
    if not _speaks(exchange) or sent_json(exchange).get("response_format") not in ("wav", "pcm"):
        return exchange
    return with_body(exchange, media.speech(sent_json(exchange)["response_format"], 0.2))


# Forms


def _refused_upload(exchange: Exchange) -> bool:
    return (
        status_of(exchange) == 400 and is_call(exchange, TRANSCRIPTS) and b'"param":"file"' in _body(exchange)
    )


@fault()
def transcribes_what_is_no_sound(exchange: Exchange) -> Exchange:
    """A file that is no sound is transcribed."""
    return answer_with(exchange, 200, {"text": "Thank you."}) if _refused_upload(exchange) else exchange


@fault()
def fails_on_what_is_no_sound(exchange: Exchange) -> Exchange:
    """A file that is no sound is answered 500."""
    if not _refused_upload(exchange):
        return exchange
    return refuse(exchange, errors.Refusal(500, "Internal server error.", kind="server_error"))


@fault()
def fails_on_broken_forms(exchange: Exchange) -> Exchange:
    """A form that cannot be taken apart is answered 500."""
    form = (exchange.request.header("content-type") or "").startswith("multipart/")
    broken = status_of(exchange) == 400 and b'"param":null,"code":null' in _body(exchange)
    if not form or not broken:
        return exchange
    return refuse(exchange, errors.Refusal(500, "Internal server error.", kind="server_error"))
