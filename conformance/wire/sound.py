"""MP3, Ogg, AAC, FLAC and WAV: channels, sample rate, and whether the file is whole."""

from __future__ import annotations

import struct

from conformance.wire.media_info import MediaInfo

_MP3_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by version bits
_MP3_BITRATES = (  # kbit/s by the four bitrate bits, versions 2 and 2.5, then version 1
    (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
)
_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_STREAMED = frozenset({0, 0xFFFFFFFF})  # sizes written before the length was known


def wav(data: bytes) -> MediaInfo | None:
    """WAV: chunks ``fmt `` and ``data``; a streamed file states 0 or 0xFFFFFFFF as its sizes."""
    if data[:4] not in (b"RIFF", b"RF64") or data[8:12] != b"WAVE":
        return None
    form: tuple[int, int, int] | None = None
    position = 12
    while position + 8 <= len(data):
        name, size = (
            data[position : position + 4],
            int.from_bytes(data[position + 4 : position + 8], "little"),
        )
        position += 8
        if name == b"fmt " and position + 16 <= len(data):
            form = _wav_format(data[position : position + 16])
        elif name == b"data":
            return _wav_info(form, size, len(data) - position)
        position += size + size % 2
    return _wav_info(form, None, 0)


def _wav_format(chunk: bytes) -> tuple[int, int, int]:
    _, channels, rate, _, _, bits = struct.unpack("<HHIIHH", chunk)
    return channels, rate, bits


def _wav_info(form: tuple[int, int, int] | None, size: int | None, present: int) -> MediaInfo:
    """``size`` is None when there was no data chunk, and ``form`` when no format came before it; silence has samples."""
    channels, rate, bits = form or (None, None, None)
    stated = None if size in _STREAMED else size
    return MediaInfo(
        "audio/wav",
        channels=channels,
        sample_rate=rate,
        bits_per_sample=bits,
        data_size=stated,
        truncated=size is None or form is None or not present or (stated or 0) > present,
    )


def mp3(data: bytes) -> MediaInfo | None:
    """MP3: an ID3v2 tag, or layer III frames whose version, bitrate and rate bits are legal."""
    frame = _mpeg_frame(data, _id3_size(data))
    if frame is None:
        return MediaInfo("audio/mpeg", truncated=True) if data.startswith(b"ID3") else None
    channels, rate, _ = frame
    return MediaInfo("audio/mpeg", channels=channels, sample_rate=rate)


def _id3_size(data: bytes) -> int:
    if not data.startswith(b"ID3") or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:  # seven bits a byte
        size = size << 7 | byte & 0x7F
    return 10 + size


def _mpeg_frame(data: bytes, position: int, *, following: bool = True) -> tuple[int, int, int] | None:
    """Channels, rate and length of the frame at ``position``; None when it, or the next one, is no frame."""
    header = data[position : position + 4]
    if (
        len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2
    ):  # sync, then layer bits 01: layer III
        return None
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    hertz = _MP3_RATES[version][rate]
    kilobits = _MP3_BITRATES[version == 3][bitrate - 1]
    length = (144 if version == 3 else 72) * kilobits * 1000 // hertz + (header[2] >> 1 & 1)
    after = position + length
    if following and after + 4 <= len(data) and not _mpeg_frame(data, after, following=False):
        return None if data[after : after + 3] != b"TAG" else (1, hertz, length)
    return (1 if header[3] >> 6 == 3 else 2), hertz, length


def aac(data: bytes) -> MediaInfo | None:
    """AAC in ADTS: frames with a twelve-bit sync word, layer bits 00 and a legal rate."""
    length = _adts_length(data, 0)
    if length is None or (length + 7 <= len(data) and _adts_length(data, length) is None):
        return None
    rate, channels = _AAC_RATES[data[2] >> 2 & 0xF], (data[2] & 1) << 2 | data[3] >> 6
    return MediaInfo("audio/aac", channels=channels, sample_rate=rate, truncated=_adts_cut(data))


def _adts_length(data: bytes, position: int) -> int | None:
    header = data[position : position + 7]
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return None
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length >= 7 and header[2] >> 2 & 0xF < len(_AAC_RATES) else None


def _adts_cut(data: bytes) -> bool:
    position = 0
    while (length := _adts_length(data, position)) is not None:
        position += length
    return position > len(data)


def ogg(data: bytes) -> MediaInfo | None:
    """Ogg: the first packet names the codec; the last page carries the end-of-stream flag."""
    if data[:4] != b"OggS":
        return None
    packet = data[27 + (data[26] if len(data) > 26 else 0) :][:19]
    truncated = not _ogg_ends(data)
    if packet[:8] == b"OpusHead" and len(packet) >= 16:
        rate = int.from_bytes(packet[12:16], "little")
        return MediaInfo("audio/opus", channels=packet[9], sample_rate=rate, truncated=truncated)
    if packet[:7] == b"\x01vorbis" and len(packet) >= 16:
        rate = int.from_bytes(packet[12:16], "little")
        return MediaInfo("audio/vorbis", channels=packet[11], sample_rate=rate, truncated=truncated)
    return MediaInfo("audio/ogg", truncated=truncated)


def _ogg_ends(data: bytes) -> bool:
    last = data.rfind(b"OggS")
    table = data[last + 27 : last + 27 + (data[last + 26] if last + 26 < len(data) else 0)]
    whole = last + 27 + len(table) + sum(table) <= len(data)
    return last + 27 <= len(data) and whole and bool(data[last + 5] & 4)


def flac(data: bytes) -> MediaInfo | None:
    """FLAC: STREAMINFO gives rate, channels and bits."""
    if data[:4] != b"fLaC":
        return None
    if len(data) < 26 or data[4] & 0x7F != 0:
        return MediaInfo("audio/flac", truncated=True)
    bits = int.from_bytes(data[18:26], "big")
    return MediaInfo(
        "audio/flac",
        channels=1 + (bits >> 41 & 7),
        sample_rate=bits >> 44,
        bits_per_sample=1 + (bits >> 36 & 0x1F),
    )
