"""The media fixtures are what their names say, and the script still makes its share of them."""

from __future__ import annotations

import runpy
import struct
import wave
import zlib
from pathlib import Path

import pytest

from conformance.datafiles import data_root

MEDIA = data_root() / "fixtures/media"
SIZES = {"square-1024": (1024, 1024), "wide-1536x1024": (1536, 1024), "tall-1024x1536": (1024, 1536)}


def png_pixels(content: bytes) -> bytes:
    """The inflated rows of a PNG with one IDAT chunk; every chunk's CRC is checked on the way."""
    position, pixels = 8, b""
    while position < len(content):
        length, kind = struct.unpack(">I4s", content[position : position + 8])
        end = position + 8 + length
        assert struct.unpack(">I", content[end : end + 4])[0] == zlib.crc32(content[position + 4 : end])
        if kind == b"IDAT":
            pixels = zlib.decompress(content[position + 8 : end])
        position = end + 4
    return pixels


def size_of(path: Path) -> tuple[int, int]:
    """Width and height, as the head of a PNG, a JPEG (SOF0) or a lossless WebP gives them."""
    content = path.read_bytes()
    if path.suffix == ".png":
        width, height = struct.unpack(">II", content[16:24])
    elif path.suffix == ".jpeg":
        start = content.index(b"\xff\xc0")
        height, width = struct.unpack(">HH", content[start + 5 : start + 9])
    else:
        bits = int.from_bytes(content[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return width, height


def boxes(content: bytes) -> list[bytes]:
    """The kinds of the top-level boxes of an MP4, whose lengths must add up."""
    kinds, position = [], 0
    while position < len(content):
        length, kind = struct.unpack(">I4s", content[position : position + 8])
        kinds.append(kind)
        position += length
    assert position == len(content)
    return kinds


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("square-1024.png", b"\x89PNG\r\n\x1a\n"),
        ("square-1024.jpeg", b"\xff\xd8\xff"),
        ("square-1024.webp", b"RIFF\x1a\x00\x00\x00WEBPVP8L"),
        ("tone.mp3", b"\xff\xf3"),
        ("tone.opus", b"OggS"),
        ("tone.aac", b"\xff\xf1"),
        ("tone.flac", b"fLaC"),
        ("tone.wav", b"RIFF"),
        ("hello-world.wav", b"RIFF"),
    ],
)
def test_magic(name: str, start: bytes) -> None:
    assert (MEDIA / name).read_bytes().startswith(start)


@pytest.mark.parametrize("suffix", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("stem", SIZES)
def test_images_have_the_size_of_their_name(stem: str, suffix: str) -> None:
    assert size_of(MEDIA / f"{stem}.{suffix}") == SIZES[stem]


def test_the_mask_has_the_size_of_the_image_and_a_hole() -> None:
    rows = png_pixels((MEDIA / "mask-1024.png").read_bytes())
    width = 1 + 4 * 1024
    assert size_of(MEDIA / "mask-1024.png") == size_of(MEDIA / "square-1024.png")
    assert rows[width * 512 + 1 + 4 * 512 :][:4] == b"\0\0\0\0"
    assert rows[1:5] == b"\0\0\0\xff"


@pytest.mark.parametrize(
    ("name", "rate", "frames"), [("tone.wav", 24_000, 2_400), ("hello-world.wav", 16_000, 16_000)]
)
def test_wav_files_are_16_bit_mono(name: str, rate: int, frames: int) -> None:
    with wave.open(str(MEDIA / name)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, rate)
        assert file.getnframes() == frames


def test_pcm_is_the_samples_of_the_wav() -> None:
    assert (MEDIA / "tone.wav").read_bytes()[44:] == (MEDIA / "tone.pcm").read_bytes()


def test_the_clip_is_made_of_boxes_and_can_start_before_its_end() -> None:
    kinds = boxes((MEDIA / "clip-720x1280.mp4").read_bytes())
    assert kinds[:2] == [b"ftyp", b"moov"]
    assert b"mdat" in kinds


def test_the_script_makes_the_committed_files() -> None:
    made: dict[str, bytes] = runpy.run_path(str(MEDIA / "make.py"))["files"]()
    for name, content in made.items():
        kept = (MEDIA / name).read_bytes()
        if name.endswith(".png"):  # another zlib may pack the same pixels differently
            assert png_pixels(content) == png_pixels(kept), name
        else:
            assert content == kept, name
    assert len(made) == 15


def test_everything_is_small_and_documented() -> None:
    readme = (MEDIA / "README.md").read_text()
    media = [path for path in MEDIA.iterdir() if path.is_file() and path.suffix not in {".md", ".py"}]
    assert max(path.stat().st_size for path in media) < 40_000
    assert all(path.stem in readme for path in media)
