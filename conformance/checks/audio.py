"""Transcriptions and translations: each format as it should be written, with times in the recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from conformance.answer import Answer
from conformance.checks.answering import is_json_type
from conformance.checks.excerpt import shown, shown_bytes
from conformance.checks.shape import mismatches
from conformance.checks.streams import judged_payloads
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check
from conformance.checks.transcript_view import (
    format_of,
    is_json,
    letters,
    number,
    record,
    spans,
    subtitles,
    usages,
    words,
)

_MOST_FINDINGS = 5
_NO_TIMES = "the answer has no cues, segments or words with times"
_ROUNDING = 0.001  # seconds: subtitles have three decimals
_TOGETHER = ("text", "srt", "vtt", "verbose_json")
_VERBOSE = {
    "POST /v1/audio/transcriptions": "TranscriptionVerbose",
    "POST /v1/audio/translations": "TranslationVerbose",
}
_DONE, _DELTA = "transcript.text.done", "transcript.text.delta"


@check
def transcript_is_not_empty(subject: Subject) -> Iterator[Finding]:
    """The recording says two words."""
    for answer in subject.answers:
        heard = words(answer)
        if heard is not None and not letters(heard):
            where = "/text" if "json" in format_of(answer) else "body"
            yield Finding("the words of the recording", shown(heard), where, answer.exchange.id)


@check
def plain_transcript_is_raw(subject: Subject) -> Iterator[Finding]:
    """Neither JSON nor a JSON string nor a page, and not called JSON: SDKs would parse it."""
    for answer in subject.answers:
        body, media_type = answer.response.body, answer.response.media_type
        start = body[:64].lstrip().lower()
        is_page = start.startswith((b"<!doctype", b"<html"))
        if is_json(answer) or is_page:
            yield Finding("the plain transcript", shown_bytes(body), "body", answer.exchange.id)
        if is_json_type(media_type) or media_type == "text/html":
            seen = answer.response.header("content-type") or ""
            yield Finding("a type such as text/plain", seen, "content-type", answer.exchange.id)


@check
def plain_transcript_is_utf8(subject: Subject) -> Iterator[Finding]:
    """SDKs decode it as such unless its Content-Type says otherwise."""
    for answer in subject.answers:
        try:
            answer.response.body.decode()
        except UnicodeDecodeError as error:
            yield Finding("UTF-8", error.reason, f"byte {error.start}", answer.exchange.id)


@check
def subtitles_parse(subject: Subject, name: str) -> Iterator[Finding]:
    """Numbers, times and order of the cues; a cue without text is legal."""
    for answer in subject.answers:
        wrong = [deviation for deviation in subtitles(answer).deviations if deviation.kind != "empty"]
        for deviation in wrong[:_MOST_FINDINGS]:
            yield Finding(name, deviation.message, f"line {deviation.line}", answer.exchange.id)


@check
def verbose_transcript_matches_its_schema(subject: Subject) -> Iterator[Finding]:
    """language, duration and text, and segments that are complete."""
    for answer in subject.answers:
        schema = _VERBOSE[answer.operation.name]
        if answer.document is None:
            raise Spoiled("the body is not JSON")
        yield from islice(mismatches(subject, answer, schema, answer.json), _MOST_FINDINGS)


@check
def verbose_transcript_has_segments(subject: Subject) -> Iterator[Finding]:
    """A list of them; whether it may be empty is told by the schema."""
    for answer in subject.answers:
        if "language" in record(answer) and record(answer).get("segments") is None:
            yield Finding("segments", "none", "/segments", answer.exchange.id)


@check
def words_are_given(subject: Subject) -> Iterator[Finding]:
    """Asked for by timestamp_granularities."""
    for answer in subject.answers:
        if record(answer).get("text") and not record(answer).get("words"):
            yield Finding("a list of words", shown(record(answer).get("words")), "/words", answer.exchange.id)


@check
def transcript_times_are_in_order(subject: Subject) -> Iterator[Finding]:
    """No span ends before it starts, or starts before the one in front of it."""
    if not any(spans(answer) for answer in subject.answers):
        raise NotShown(_NO_TIMES)
    for answer in subject.answers:
        for member in ("segments", "words"):
            found = spans(answer, (member,))
            for span in found:
                if span.end < span.start - _ROUNDING:
                    expected = f"at least its start, {span.start:g}"
                    yield Finding(expected, f"{span.end:g}", f"{span.where}/end", answer.exchange.id)
            for before, after in pairwise(found):
                if after.start < before.start - _ROUNDING:
                    expected = f"at least {before.start:g}, where the one before starts"
                    yield Finding(expected, f"{after.start:g}", f"{after.where}/start", answer.exchange.id)


@check
def transcript_times_lie_in_the_recording(subject: Subject, latest: float) -> Iterator[Finding]:
    """In seconds, none after ``latest``."""
    if not any(spans(answer) for answer in subject.answers):
        raise NotShown(_NO_TIMES)
    for answer in subject.answers:
        for span in spans(answer):
            if span.end > latest:
                expected = f"seconds, {latest:g} at most"
                yield Finding(expected, f"{span.end:g}", span.where, answer.exchange.id)
                break


@check
def duration_is_that_of_the_recording(subject: Subject, seconds: float, slack: float) -> Iterator[Finding]:
    """In seconds, within ``slack``."""
    for answer in subject.answers:
        told = number(record(answer), "duration")
        if told is None:
            raise Spoiled("the answer has no duration in numbers")
        if abs(told - seconds) > slack:
            yield Finding(f"about {seconds:g} s", shown(told), "/duration", answer.exchange.id)


@check
def spans_add_up_to_the_text(subject: Subject, member: str) -> Iterator[Finding]:
    """Segments or words, spaces and punctuation aside."""
    for answer in subject.answers:
        text, found = record(answer).get("text"), spans(answer, (member,))
        if not isinstance(text, str) or not found:
            raise NotShown(f"the answer has no {member}")
        joined = " ".join(span.text.strip() for span in found)
        if letters(joined) != letters(text):
            yield Finding(shown(text), shown(joined), f"/{member}", answer.exchange.id)


@check
def what_is_said_takes_time(subject: Subject) -> Iterator[Finding]:
    """A single word may be short enough to start and end at once; all of a transcript is not."""
    for answer in subject.answers:
        found = [span for span in spans(answer) if span.text.strip()]
        if not found:
            raise NotShown("the answer has no times")
        if all(span.end == span.start for span in found):
            seen = f"{found[-1].start:g} to {found[-1].end:g} s"
            yield Finding("times in which it is said", seen, found[-1].where, answer.exchange.id)


@check
def segment_numbers_are_plausible(subject: Subject) -> Iterator[Finding]:
    """A log probability is at most 0, a probability between 0 and 1, and the ids of segments differ."""
    for answer in subject.answers:
        segments = record(answer).get("segments")
        entries = [s for s in segments if isinstance(s, dict)] if isinstance(segments, list) else []
        if not entries:
            raise NotShown("the answer has no segments")
        ids = [entry.get("id") for entry in entries]
        for place, entry in enumerate(entries):
            where = f"/segments/{place}"
            logprob, silence = number(entry, "avg_logprob"), number(entry, "no_speech_prob")
            if logprob is not None and logprob > 0:
                yield Finding("at most 0", shown(logprob), f"{where}/avg_logprob", answer.exchange.id)
            if silence is not None and not 0 <= silence <= 1:
                yield Finding("0 to 1", shown(silence), f"{where}/no_speech_prob", answer.exchange.id)
            if entry.get("id") is not None and entry["id"] in ids[:place]:
                yield Finding("an id of its own", shown(entry["id"]), f"{where}/id", answer.exchange.id)


@check
def transcript_names_its_task(
    subject: Subject, task: str, languages: Sequence[str] = ()
) -> Iterator[Finding]:
    """task, and the language where only some are right."""
    for answer in subject.answers:
        told, language = record(answer).get("task"), record(answer).get("language")
        if told is None and not (languages and isinstance(language, str)):
            raise NotShown("the answer names no task")
        if told is not None and told != task:
            yield Finding(task, shown(told), "/task", answer.exchange.id)
        if languages and isinstance(language, str) and language.lower() not in languages:
            yield Finding(" or ".join(languages), shown(language), "/language", answer.exchange.id)


@check
def transcript_usage_adds_up(subject: Subject) -> Iterator[Finding]:
    """total = input + output, and the parts of the input are no more than it is."""
    for answer, usage in usages(subject):
        heard, written = number(usage, "input_tokens"), number(usage, "output_tokens")
        total, details = number(usage, "total_tokens"), usage.get("input_token_details")
        if heard is not None and written is not None and total is not None and heard + written != total:
            expected = f"{heard + written} ({heard} + {written})"
            yield Finding(expected, str(total), "/usage/total_tokens", answer.exchange.id)
        parts = [number(details, name) or 0 for name in details] if isinstance(details, dict) else []
        if heard is not None and sum(parts) > heard:
            expected = f"at least {sum(parts)}, the sum of its details"
            yield Finding(expected, str(heard), "/usage/input_tokens", answer.exchange.id)


@check
def transcript_usage_is_plausible(subject: Subject, most_seconds: float) -> Iterator[Finding]:
    """Something was heard; seconds are seconds, rounded up to a minute at the most."""
    for answer, usage in usages(subject):
        for name in ("input_tokens", "seconds"):
            if usage.get(name) == 0:
                yield Finding("more than 0", "0", f"/usage/{name}", answer.exchange.id)
        seconds = number(usage, "seconds")
        if seconds is not None and seconds > most_seconds:
            expected = f"seconds, {most_seconds:g} at most"
            yield Finding(expected, shown(seconds), "/usage/seconds", answer.exchange.id)


@check
def formats_say_the_same(subject: Subject) -> Iterator[Finding]:
    """The words of the same recording in JSON; spaces and punctuation aside."""
    other = subject.answered(subject.case.compare[0])
    theirs = words(other) if other is not None else None
    mine = words(subject.answer)
    if not mine or not theirs:
        raise NotShown("the two answers do not both have words")
    if letters(mine) != letters(theirs):
        yield Finding(shown(theirs), shown(mine), "body", subject.answer.exchange.id)


@check
def documented_formats_come_together(subject: Subject) -> Iterator[Finding]:
    """A model that gives one of the timed formats is not one of those that give JSON alone."""
    by_format: dict[str, Answer] = {}
    for answer in subject.answers:
        if answer.case.capability in _TOGETHER and answer.case.expects == "answer":
            by_format[answer.case.capability] = answer
    given = [name for name in _TOGETHER[1:] if name in by_format and by_format[name].state == "answered"]
    if not given:
        raise NotShown("no format but JSON and text was answered")
    for name, answer in by_format.items():
        if answer.state == "refused":
            seen = f"{answer.status}: {shown(answer.error.get('message'))}"
            yield Finding(f"{name}, as {given[0]} is given", seen, "status", answer.exchange.id)


@check
def transcript_stream_is_coherent(subject: Subject) -> Iterator[Finding]:
    """Deltas, then one event that repeats them, and nothing more. Judged where a stream was given."""
    answer = subject.answer
    if not answer.is_event_stream:
        raise NotShown("it was answered without a stream")
    events = [(i, event) for i, event in judged_payloads(answer) if isinstance(event, dict)]
    done = [(i, event) for i, event in events if event.get("type") == _DONE]
    if len(done) != 1 or done[0][0] != events[-1][0]:
        seen = f"{len(done)} of them" if len(done) != 1 else "events behind it"
        yield Finding(f"one {_DONE} at the end", seen, "stream", answer.exchange.id)
        return
    deltas = "".join(str(event.get("delta", "")) for _, event in events if event.get("type") == _DELTA)
    text = done[0][1].get("text")
    if deltas and isinstance(text, str) and deltas.strip() != text.strip():
        yield Finding(shown(deltas), shown(text), f"event {done[0][0]} /text", answer.exchange.id)
