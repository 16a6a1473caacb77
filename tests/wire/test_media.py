from __future__ import annotations

import base64
import io
import struct
import wave
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire.media import Base64Error, MediaInfo, could_be_pcm, decode_base64, sniff


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int = 3, height: int = 2, colour: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"x"))
        + chunk(b"IEND", b"")
    )


def jpeg() -> bytes:
    frame = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 2, 3) + b"\x03" + bytes(9)
    return b"\xff\xd8\xff\xe0\x00\x04JF" + b"\xff\xff\xdb\x00\x03x" + frame + b"\xff\xda\x00\x02scan\xff\xd9"


def riff(form: bytes, content: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(content) + 4) + form + content


def webp(name: bytes, field: bytes) -> bytes:
    return riff(b"WEBP", name + struct.pack("<I", len(field)) + field)


def wav(samples: int = 8) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24000)
        file.writeframes(bytes(2 * samples))
    return out.getvalue()


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


UPRIGHT = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
TURNED = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 720 << 16, 0, 1 << 30)


def mp4(matrix: bytes = UPRIGHT) -> bytes:
    track = box(b"tkhd", bytes(40) + matrix + struct.pack(">HHHH", 720, 0, 1280, 0))
    return box(b"ftyp", b"isom" + bytes(8)) + box(b"moov", box(b"trak", track)) + box(b"mdat", b"film")


def ogg_page(packet: bytes, flags: int) -> bytes:
    return b"OggS\0" + bytes([flags]) + bytes(20) + bytes([1, len(packet)]) + packet


OPUS_HEAD = b"OpusHead\x01\x02" + struct.pack("<HIhB", 0, 48000, 0, 0)
OPUS = ogg_page(OPUS_HEAD, 2) + ogg_page(b"sound", 4)
MP3_FRAME = b"\xff\xfb\x90\xc4" + bytes(413)  # MPEG 1 layer III, 128 kbit/s, 44100 Hz, mono: 417 bytes
ADTS_FRAME = bytes([0xFF, 0xF1, 0x50, 0x80, 0x01, 0x1F, 0xFC]) + b"x"  # 44100 Hz, stereo, 8 bytes
STREAMINFO = bytes(10) + (48000 << 44 | 1 << 41 | 15 << 36).to_bytes(8, "big") + bytes(16)
FLAC = b"fLaC\x80\x00\x00\x22" + STREAMINFO

KNOWN = {
    "png": (png(), MediaInfo("image/png", 3, 2, bits_per_sample=8, alpha=False)),
    "png with alpha": (png(colour=6), MediaInfo("image/png", 3, 2, bits_per_sample=8, alpha=True)),
    "jpeg": (jpeg(), MediaInfo("image/jpeg", 3, 2, alpha=False)),
    "webp lossy": (
        webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 3, 0x4002)),
        MediaInfo("image/webp", 3, 2, alpha=False),
    ),
    "webp lossless": (
        webp(b"VP8L", b"\x2f" + struct.pack("<I", 2 | 1 << 14 | 1 << 28) + bytes(5)),
        MediaInfo("image/webp", 3, 2, alpha=True),
    ),
    "webp extended": (
        webp(b"VP8X", b"\x10\0\0\0" + b"\2\0\0" + b"\1\0\0"),
        MediaInfo("image/webp", 3, 2, alpha=True),
    ),
    "gif": (b"GIF89a" + struct.pack("<HH", 3, 2) + b"\x3b", MediaInfo("image/gif", 3, 2)),
    "mp4": (mp4(), MediaInfo("video/mp4", 720, 1280)),
    "mp4 on its side": (mp4(TURNED), MediaInfo("video/mp4", 1280, 720)),
    "webm": (b"\x1a\x45\xdf\xa3" + b"\x42\x82\x84webm" + bytes(60), MediaInfo("video/webm")),
    "wav": (
        wav(),
        MediaInfo("audio/wav", channels=1, sample_rate=24000, bits_per_sample=16, data_size=16),
    ),
    "mp3": (MP3_FRAME * 2, MediaInfo("audio/mpeg", channels=1, sample_rate=44100)),
    "mp3 with a tag": (
        b"ID3\x04\0\0\0\0\0\x02xx" + MP3_FRAME,
        MediaInfo("audio/mpeg", channels=1, sample_rate=44100),
    ),
    "aac": (ADTS_FRAME * 2, MediaInfo("audio/aac", channels=2, sample_rate=44100)),
    "opus": (OPUS, MediaInfo("audio/opus", channels=2, sample_rate=48000)),
    "flac": (FLAC, MediaInfo("audio/flac", channels=2, sample_rate=48000, bits_per_sample=16)),
    "json": (b' {"error": {}}', MediaInfo("application/json")),
    "html": (b"\n<!DOCTYPE html>", MediaInfo("text/html")),
    "text": ("zażółć".encode(), MediaInfo("text/plain")),
    "long text cut inside a letter": (b"x" + "é".encode() * 4000, MediaInfo("text/plain")),
    "nothing": (b"", MediaInfo("application/x-empty")),
    "samples": (struct.pack("<4h", 1, -2, 300, -400), MediaInfo("application/octet-stream")),
}


@pytest.mark.parametrize(("data", "expected"), KNOWN.values(), ids=KNOWN.keys())
def test_content_tells_the_type(data: bytes, expected: MediaInfo) -> None:
    assert sniff(data) == expected


CUT = {
    "png": png()[:-12],
    "png head": png()[:20],
    "png with a wrong checksum": png()[:29] + bytes(4) + png()[33:],
    "jpeg": jpeg()[:-2],
    "jpeg head": jpeg()[:12],
    "webp": webp(b"VP8X", b"\x10\0\0\0\2\0\0\1\0\0")[:-1],
    "gif": b"GIF89a\3\0\2\0",
    "mp4": mp4()[:-1],
    "mp4 without moov": box(b"ftyp", b"isom" + bytes(8)) + box(b"mdat", b"film"),
    "wav": wav()[:-1],
    "wav without data": wav()[:36],
    "wav without samples": wav(0),
    "opus": ogg_page(OPUS_HEAD, 2),
    "opus in a page": OPUS[:-1],
    "aac": (ADTS_FRAME * 2)[:-1],
    "flac": FLAC[:20],
    "tag without sound": b"ID3\x04\0\0\0\0\0\x02xx",
}


@pytest.mark.parametrize("data", CUT.values(), ids=CUT.keys())
def test_a_cut_file_is_noticed(data: bytes) -> None:
    assert sniff(data).truncated


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_streamed_wav_is_whole(size: int) -> None:
    data = wav()
    streamed = data[:4] + struct.pack("<I", size) + data[8:40] + struct.pack("<I", size) + data[44:]
    info = sniff(streamed)
    assert (info.kind, info.data_size, info.truncated) == ("audio/wav", None, False)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\x00\x00",
        b"\xff\xfb\xf0\x00",
        b"\xff\xfb\x9c\x00",
        MP3_FRAME + bytes(8),
        ADTS_FRAME + bytes(8),
    ],
)
def test_sync_bits_alone_are_no_sound_file(data: bytes) -> None:
    assert sniff(data).kind == "application/octet-stream"


def test_pcm_is_whole_samples_of_nothing_else() -> None:
    assert could_be_pcm(bytes(8))
    assert not could_be_pcm(bytes(7))
    assert not could_be_pcm(b"")
    assert not could_be_pcm(wav())
    assert not could_be_pcm(b'{"error":1}')


@settings(deadline=None)
@given(st.binary(max_size=80), st.sampled_from([data for data, _ in KNOWN.values()]), st.integers(0, 120))
def test_no_bytes_make_it_raise(tail: bytes, data: bytes, cut: int) -> None:
    assert sniff(data[:cut] + tail).kind


@settings(deadline=None)
@given(st.binary(max_size=50))
def test_base64_round_trip(data: bytes) -> None:
    assert decode_base64(base64.b64encode(data).decode()) == data


@pytest.mark.parametrize(
    "text",
    [
        "data:image/png;base64,AAAA",
        "AAA",
        "AAA\n",
        "AA AA",
        "A===",
        "AA==AA==",
        "_-__",
        "AAAAé===",
        "====",
        "AAAAA",
    ],
)
def test_anything_but_standard_base64_is_refused(text: str) -> None:
    with pytest.raises(Base64Error):
        decode_base64(text)
