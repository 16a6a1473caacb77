"""A body of bytes: what it is, and whether its Content-Type says so."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.answer import Answer
from conformance.checks.excerpt import shown_bytes
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check, request_json
from conformance.wire.media import MediaInfo, sniff

_ANY = frozenset({"application/octet-stream", "binary/octet-stream", "application/binary"})
_NAMES = {  # what a kind of bytes is called in the field
    "audio/mpeg": {"audio/mpeg", "audio/mp3", "audio/x-mp3", "audio/mpeg3", "audio/x-mpeg"},
    "audio/opus": {"audio/opus", "audio/ogg", "application/ogg"},
    "audio/vorbis": {"audio/vorbis", "audio/ogg", "application/ogg"},
    "audio/ogg": {"audio/opus", "audio/ogg", "application/ogg"},
    "audio/aac": {"audio/aac", "audio/x-aac", "audio/aacp", "audio/x-hx-aac-adts"},
    "audio/flac": {"audio/flac", "audio/x-flac"},
    "audio/wav": {"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/x-pn-wav"},
    "audio/pcm": {"audio/pcm", "audio/l16", "audio/x-pcm", "audio/raw", "audio/x-raw", "audio/s16le"},
    "audio/mp4": {"audio/mp4", "audio/m4a", "audio/x-m4a", "video/mp4"},
    "video/mp4": {"video/mp4", "video/quicktime", "video/x-m4v"},
    "image/jpeg": {"image/jpeg", "image/jpg"},
}
_MEDIA = ("audio/", "video/", "image/")


def content(answer: Answer) -> MediaInfo:
    """What the body's bytes are. Raises Spoiled when the request was not answered."""
    if answer.state != "answered":
        raise Spoiled("it was not answered")
    return answer.remembered("content", lambda: sniff(answer.response.body))


def described(answer: Answer) -> str:
    """What the body is, and how it starts where it is text."""
    kind, body = content(answer).kind, answer.response.body
    if not body:
        return "an empty body"
    readable = kind.startswith("text/") or kind == "application/json"
    return f"{kind}: {shown_bytes(body, 80)}" if readable else kind


def kind_of_body(answer: Answer) -> str:
    """The media type that the bytes show; raw samples, where they were asked for, are ``audio/pcm``."""
    kind = content(answer).kind
    asked = request_json(answer)
    is_raw = isinstance(asked, dict) and asked.get("response_format") == "pcm"
    return "audio/pcm" if kind == "application/octet-stream" and is_raw else kind


@check
def content_type_fits_the_bytes(subject: Subject) -> Iterator[Finding]:
    """A name of what the bytes are, or one for any bytes."""
    for answer in subject.answers:
        kind, named = kind_of_body(answer), answer.response.media_type
        if not kind.startswith(_MEDIA):
            raise Spoiled(f"the body is {described(answer)}")
        if not named:
            raise NotShown("there is no Content-Type")
        if named not in _NAMES.get(kind, {kind}) | _ANY:
            yield Finding(f"Content-Type: {kind}", named, "content-type", answer.exchange.id)


@check
def content_type_is_given(subject: Subject) -> Iterator[Finding]:
    """Without one, browsers and proxies guess."""
    for answer in subject.answers:
        if answer.state == "answered" and not answer.response.media_type:
            yield Finding("a Content-Type", "none", "content-type", answer.exchange.id)
