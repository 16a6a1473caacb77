"""What bytes are: media types told by content, strict base64, and subtitles."""

from __future__ import annotations

import base64
import binascii
import re

from conformance.wire import images, sound, video
from conformance.wire.media_info import MediaInfo
from conformance.wire.subtitles import parse_srt, parse_vtt

__all__ = ["Base64Error", "MediaInfo", "could_be_pcm", "decode_base64", "parse_srt", "parse_vtt", "sniff"]

_READERS = (
    images.png, images.jpeg, images.webp, images.gif,
    video.mp4, video.webm,
    sound.wav, sound.flac, sound.ogg, sound.aac, sound.mp3,
)  # fmt: skip
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_PADDING = re.compile(r"={1,2}\Z")
_HTML = re.compile(rb"<(?:!doctype|html|head|body|title|h1|center)\b", re.IGNORECASE)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HEAD = 4096  # bytes that decide between text and something else


class Base64Error(ValueError):
    """Not base64 as RFC 4648 §4 has it; the message names the first thing that is wrong."""


def sniff(data: bytes) -> MediaInfo:
    """The media type that the content shows.

    Text is told apart as ``application/json``, ``text/html`` or ``text/plain``; no bytes are
    ``application/x-empty``, bytes of no known form ``application/octet-stream`` (raw PCM is such).
    """
    for reader in _READERS:
        info = reader(data)
        if info is not None:
            return info
    return MediaInfo(_text_type(data) if data else "application/x-empty")


def could_be_pcm(data: bytes) -> bool:
    """Whether ``data`` may be raw 16-bit samples: whole samples, and no sign of being anything else."""
    return len(data) % 2 == 0 and sniff(data).kind == "application/octet-stream"


def decode_base64(text: str) -> bytes:
    """The bytes behind standard base64: no data URL, no white space, exact padding; else Base64Error."""
    if text.startswith("data:"):
        raise Base64Error(f"a data URL instead of base64: {text[:40]!r}")
    digits = _PADDING.sub("", text)
    wrong = _NOT_BASE64.search(digits)
    if wrong:
        raise Base64Error(f"{wrong[0]!r} at {wrong.start()} is no base64 digit")
    if len(text) % 4:
        raise Base64Error(f"{len(text)} characters are not a multiple of four: padding is missing or wrong")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Base64Error(str(error)) from None


def _text_type(data: bytes) -> str:
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if _CONTROLS.search(head) or not _is_utf8(head, cut=len(data) > _HEAD):
        return "application/octet-stream"
    text = head.lstrip()
    if _HTML.match(text) or text.startswith(b"<?xml"):
        return "text/html"
    return "application/json" if text[:1] in (b"{", b"[", b'"') else "text/plain"


def _is_utf8(head: bytes, *, cut: bool) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return cut and error.reason == "unexpected end of data" and error.start >= len(head) - 3
    return True
