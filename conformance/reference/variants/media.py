"""Media under other Content-Types."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.reference.editing import Answer, edit_json, is_call, status_of, with_header
from conformance.reference.variants.frame import variant

_TRANSCRIPTS = {"text/vtt": "text/plain", "text/plain": "application/x-subrip"}
_SOUNDS = {
    "audio/mpeg": "audio/mp3",
    "audio/opus": "audio/ogg; codecs=opus",
    "audio/aac": "audio/x-aac",
    "audio/flac": "audio/x-flac",
    "audio/wav": "audio/x-wav",
    "audio/pcm": "audio/L16; rate=24000",
}


def _is_answer(exchange: Exchange, path: str) -> bool:
    return status_of(exchange) == 200 and is_call(exchange, path)


@variant
def names_transcripts_otherwise(exchange: Exchange) -> Exchange:
    """Transcripts in srt and vtt have other Content-Types of text."""
    media_type = exchange.response.media_type if exchange.response else ""
    here = _is_answer(exchange, "/v1/audio/trans*") and media_type in _TRANSCRIPTS
    if not here or (media_type == "text/plain" and b"-->" not in _body(exchange)):
        return exchange
    return with_header(exchange, "content-type", _TRANSCRIPTS[media_type])


def _body(exchange: Exchange) -> bytes:
    return exchange.response.body if exchange.response else b""


@variant
def names_sounds_otherwise(exchange: Exchange) -> Exchange:
    """Speech has the Content-Types that other servers give the same formats."""
    media_type = exchange.response.media_type if exchange.response else ""
    here = _is_answer(exchange, "/v1/audio/speech") and media_type in _SOUNDS
    return with_header(exchange, "content-type", _SOUNDS[media_type]) if here else exchange


@variant
def sends_media_as_octets(exchange: Exchange) -> Exchange:
    """Speech and the content of videos are application/octet-stream."""
    here = _is_answer(exchange, "/v1/audio/speech") or _is_answer(exchange, "/v1/videos/*/content")
    return with_header(exchange, "content-type", "application/octet-stream") if here else exchange


@variant
def shows_quality_levels_of_its_own(exchange: Exchange) -> Exchange:
    """Images that were asked for without a quality have one that the OpenAPI document does not list."""

    def edit(answer: Answer) -> None:
        if "quality" not in answer.sent:
            answer.body["quality"] = "xhigh"

    return edit_json(exchange, edit) if _is_answer(exchange, "/v1/images/generations") else exchange
