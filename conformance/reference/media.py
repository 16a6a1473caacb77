"""The bytes that media answers hold: images drawn here, sound made here, and blobs for the packed formats."""

from __future__ import annotations

import functools
import math
import struct
import zlib

from conformance.datafiles import data_root

RATE = 24_000
"""Samples a second of speech."""


@functools.cache
def blob(name: str) -> bytes:
    """A media fixture."""
    return (data_root() / "fixtures" / "media" / name).read_bytes()


def png(width: int, height: int, shade: tuple[int, int, int], *, transparent: bool = False) -> bytes:
    """A PNG of one colour and a darker frame; one bit a pixel, so that a large one is small."""
    frame, inner = b"\xff" * ((width + 7) // 8), b"\xf0" + b"\x00" * ((width + 7) // 8 - 2) + b"\x0f"
    rows = b"".join(b"\x00" + (frame if min(y, height - 1 - y) < 4 else inner) for y in range(height))
    palette = bytes(shade) + bytes(value // 2 for value in shade)
    chunks = [
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)),
        _chunk(b"PLTE", palette),
        *([_chunk(b"tRNS", b"\x00\xff")] if transparent else []),
        _chunk(b"IDAT", zlib.compress(rows)),
        _chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


SHAPES = {"1024x1024": "square-1024", "1536x1024": "wide-1536x1024", "1024x1536": "tall-1024x1536"}


def image(form: str, size: str, shade: tuple[int, int, int], *, transparent: bool = False) -> bytes:
    """An image of ``form`` png, jpeg or webp; jpeg and webp come in one shade."""
    if form != "png":
        return blob(f"{SHAPES[size]}.{form}")
    width, height = (int(side) for side in size.split("x"))
    return png(width, height, shade, transparent=transparent)


def pcm(seconds: float) -> bytes:
    """A soft tone, 16-bit little-endian mono."""
    count = int(seconds * RATE)
    return struct.pack(f"<{count}h", *(int(8000 * math.sin(place * 0.1)) for place in range(count)))


def wav(samples: bytes) -> bytes:
    """``samples`` in a WAV file."""
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


def speech(form: str, seconds: float) -> bytes:
    """Sound of ``form``; the packed formats are always the same short tone."""
    if form == "pcm":
        return pcm(seconds)
    return wav(pcm(seconds)) if form == "wav" else blob(f"tone.{form}")
