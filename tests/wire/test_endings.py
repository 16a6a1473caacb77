"""Where sound ends: whole files, files that break off, and files with something behind them."""

from __future__ import annotations

import pytest

from conformance.datafiles import data_root
from conformance.wire.endings import foreign_end, is_cut
from conformance.wire.media import sniff

FORMS = ["mp3", "opus", "aac", "flac", "wav", "pcm"]


def sound(form: str) -> bytes:
    return (data_root() / "fixtures" / "media" / f"tone.{form}").read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_whole_files_end_with_their_sound(form: str) -> None:
    data = sound(form)
    assert not is_cut(data, sniff(data))
    assert foreign_end(data, sniff(data)) == b""


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "wav"])
@pytest.mark.parametrize("lost", [1, 20])
def test_files_that_break_off(form: str, lost: int) -> None:
    data = sound(form)[:-lost]
    assert is_cut(data, sniff(data))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "behind", [b'{"usage": {"tokens": 3}}', b"data: [DONE]\n\n", b"<html><body>Bad Gateway</body></html>"]
)
def test_text_behind_the_sound(form: str, behind: bytes) -> None:
    data = sound(form)
    assert foreign_end(data + behind, sniff(data)) == behind


@pytest.mark.parametrize("form", ["opus", "aac", "wav"])
def test_bytes_behind_a_stated_end(form: str) -> None:
    data = sound(form)
    assert foreign_end(data + b"\x01\x02\x03", sniff(data)) == b"\x01\x02\x03"


def test_each_piece_a_file_of_its_own() -> None:
    data = sound("wav")
    assert foreign_end(data + data, sniff(data)) == data


@pytest.mark.parametrize("tag", [b"TAG" + b"\0" * 125, b"APETAGEX" + b"\0" * 24, b"\0" * 64])
@pytest.mark.parametrize("form", ["mp3", "aac", "wav"])
def test_tags_and_padding_are_legal(form: str, tag: bytes) -> None:
    data = sound(form) + tag
    assert foreign_end(data, sniff(data)) == b""
    assert not is_cut(data, sniff(data))


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_streamed_wav_does_not_know_its_length(size: int) -> None:
    data = bytearray(sound("wav"))
    data[4:8] = data[40:44] = size.to_bytes(4, "little")
    assert not is_cut(bytes(data), sniff(bytes(data)))
    assert foreign_end(bytes(data), sniff(bytes(data))) == b""


def test_a_last_page_without_its_flag_is_no_cut() -> None:
    data = bytearray(sound("opus"))
    data[data.rfind(b"OggS") + 5] &= 0xFB
    assert not is_cut(bytes(data), sniff(bytes(data)))
