"""Where a sound file ends by its own structure, and what stands behind it."""

from __future__ import annotations

import re
from collections.abc import Callable

from conformance.wire.media_info import MediaInfo
from conformance.wire.sound import _adts_length, _id3_size, _mpeg_frame

_PLACEHOLDER = 0x7FFF0000  # sizes from here on were written before the length was known
_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3", b"3DI")
_TEXT = re.compile(rb"[\t\r\n\x20-\x7e]{12,}\Z")  # shorter runs occur in compressed sound by chance
_SAYS_SOMETHING = re.compile(rb'[{}\[\]<>"]|data:|--|\bevent\b|\berror\b', re.IGNORECASE)
_TAIL = 65536  # bytes that are searched for text


def is_cut(data: bytes, info: MediaInfo) -> bool:
    """Whether a sound file breaks off, within a frame or page, or before the length that it names."""
    match info.kind:
        case "audio/wav":
            return info.truncated and (info.data_size or 0) < _PLACEHOLDER
        case "audio/mpeg":
            return info.truncated or _mp3_end(data)[1]
        case "audio/opus" | "audio/vorbis" | "audio/ogg":
            return _ogg_end(data)[1]  # some encoders that stream leave the flag of the last page unset
        case _:
            return info.truncated


def foreign_end(data: bytes, info: MediaInfo) -> bytes:
    """What stands behind the sound and is no part of it; empty when nothing does.

    Only text is told from sound where a format does not name its end (MP3, FLAC, raw samples).
    """
    find: Callable[[bytes], tuple[int, bool]] | None = {
        "audio/aac": _aac_end,
        "audio/opus": _ogg_end,
        "audio/vorbis": _ogg_end,
        "audio/ogg": _ogg_end,
    }.get(info.kind)
    end = find(data)[0] if find else _wav_end(data, info) if info.kind == "audio/wav" else len(data)
    behind = data[end:]
    if behind.strip(b"\0") and not behind.startswith(_TAGS):
        return behind
    return _text_at_the_end(data)


def _text_at_the_end(data: bytes) -> bytes:
    found = _TEXT.search(data[-_TAIL:])
    said = _SAYS_SOMETHING.search(found[0]) if found and len(found[0]) < len(data) else None
    return said.string[said.start() :] if said else b""


def _wav_end(data: bytes, info: MediaInfo) -> int:
    size = int.from_bytes(data[4:8], "little")
    if info.data_size is None or info.truncated or not info.data_size <= size < _PLACEHOLDER:
        return len(data)
    return 8 + size + size % 2


def _mp3_end(data: bytes) -> tuple[int, bool]:
    """Where the last whole frame ends, and whether a frame begins there that breaks off."""
    position = _id3_size(data)
    while (frame := _mpeg_frame(data, position, following=False)) is not None:
        if position + frame[2] > len(data):
            return position, True
        position += frame[2]
    return position, False


def _aac_end(data: bytes) -> tuple[int, bool]:
    position = 0
    while (length := _adts_length(data, position)) is not None:
        if position + length > len(data):
            return len(data), True
        position += length
    return position, False


def _ogg_end(data: bytes) -> tuple[int, bool]:
    """Where the last page ends, and whether it breaks off."""
    start = data.rfind(b"OggS")
    head = data[start : start + 27]
    table = data[start + 27 : start + 27 + head[26]] if len(head) == 27 else b""
    end = start + 27 + len(table) + sum(table)
    whole = len(head) == 27 and len(table) == head[26] and end <= len(data)
    return (end, False) if whole else (len(data), True)
