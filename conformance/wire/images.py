"""PNG, JPEG, WebP and GIF: their size in pixels, and whether the file is whole."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from conformance.wire.media_info import MediaInfo

_PNG = b"\x89PNG\r\n\x1a\n"
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start of frame, without DHT, JPG and DAC
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # TEM, RST0-7, SOI: markers without a length
_EOI = b"\xff\xd9"


def png(data: bytes) -> MediaInfo | None:
    """PNG: signature, then chunks of length, type, data and checksum up to IEND."""
    if not data.startswith(_PNG):
        return None
    if data[12:16] != b"IHDR" or len(data) < 29:
        return MediaInfo("image/png", truncated=True)
    width, height, bits, colour = struct.unpack(">IIBB", data[16:26])
    chunks = list(_png_chunks(data))
    return MediaInfo(
        "image/png",
        width,
        height,
        bits_per_sample=bits,
        alpha=colour in (4, 6) or b"tRNS" in chunks,
        truncated=chunks[-1:] != [b"IEND"],
    )


def _png_chunks(data: bytes) -> Iterator[bytes]:
    """The types of the chunks that are whole, up to IEND; a decoder gives up at a critical one with a wrong checksum."""
    end, name = len(_PNG), b""
    while name != b"IEND":
        start = end
        name = data[start + 4 : start + 8]
        end = start + 12 + int.from_bytes(data[start : start + 4], "big")
        if end > len(data):
            return
        is_critical = name[:1].isupper()
        if is_critical and zlib.crc32(data[start + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return
        yield name


def jpeg(data: bytes) -> MediaInfo | None:
    """JPEG: segments up to the frame header give the size, EOI the end."""
    if not data.startswith(b"\xff\xd8\xff"):
        return None
    size = _jpeg_size(data)
    if size is None:
        return MediaInfo("image/jpeg", truncated=True)
    return MediaInfo("image/jpeg", *size, alpha=False, truncated=_EOI not in data[-64:])


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
        elif marker in _STANDALONE:
            position += 2
        elif marker in _SOF:
            return _frame_size(data[position + 5 : position + 9])
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def _frame_size(field: bytes) -> tuple[int, int] | None:
    if len(field) < 4:
        return None
    height, width = struct.unpack(">HH", field)
    return width, height


def webp(data: bytes) -> MediaInfo | None:
    """WebP: a RIFF file whose first chunk is VP8, VP8L or VP8X."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    truncated = len(data) < 8 + int.from_bytes(data[4:8], "little")
    size, alpha = _webp_size(data[12:16], data[20:30])
    if size is None:
        return MediaInfo("image/webp", truncated=truncated or len(data) < 30)
    return MediaInfo("image/webp", *size, alpha=alpha, truncated=truncated)


def _webp_size(chunk: bytes, field: bytes) -> tuple[tuple[int, int] | None, bool | None]:
    if chunk == b"VP8X" and len(field) == 10:
        width = 1 + int.from_bytes(field[4:7], "little")
        return (width, 1 + int.from_bytes(field[7:10], "little")), bool(field[0] & 0x10)
    if chunk == b"VP8L" and field[:1] == b"\x2f" and len(field) >= 5:
        bits = int.from_bytes(field[1:5], "little")
        return (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)), bool(bits >> 28 & 1)
    if chunk == b"VP8 " and field[3:6] == b"\x9d\x01\x2a" and len(field) == 10:
        width, height = struct.unpack("<HH", field[6:10])
        return (width & 0x3FFF, height & 0x3FFF), False
    return None, None


def gif(data: bytes) -> MediaInfo | None:
    """GIF: the logical screen gives the size, the trailer byte the end."""
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    if len(data) < 10:
        return MediaInfo("image/gif", truncated=True)
    width, height = struct.unpack("<HH", data[6:10])
    return MediaInfo("image/gif", width, height, truncated=data[-1:] != b"\x3b")
