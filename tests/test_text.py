from __future__ import annotations

import sys
import unicodedata

import pytest

from conformance.text import UNSEEN, decode, one_line, pieces, printable, shorten


def test_every_control_format_separator_and_surrogate_of_unicode_is_spelled_out():
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    missed = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in hidden and not UNSEEN.match(chr(code))
    ]
    assert missed == []


@pytest.mark.parametrize("text", ["Grüße, 世界", "e\u0301", "😀", "a b", "\u05e9\u05dc\u05d5\u05dd"])
def test_what_a_reader_sees_stays_as_it_is(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("user\u202egpj.exe", "user\\u202egpj.exe"),
        ("a\r\nb", "a\\r\\nb"),
        ("\x9b2J", "\\x9b2J"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text, shown):
    assert printable(text) == shown
    shown.encode("utf-8")


def test_lines_keep_their_feeds_and_tabs_but_not_their_returns():
    assert printable("a\tb\r\nc\x07", lines=True) == "a\tb\\r\nc\\x07"


def test_a_heading_is_one_bounded_line():
    assert one_line("one\n two\n\x1b") == "one two \\x1b"
    assert one_line("x" * 400, 10) == "x" * 10 + "…"
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "abc… (1 more)"


def test_bytes_that_are_not_utf8_are_shown_as_their_numbers():
    assert decode(b"ok\xff\xfe") == "ok\\xff\\xfe"


def test_pieces_join_to_the_whole_text():
    text = "a\x1bb\nc\u202e"
    assert "".join(run for run, _ in pieces(text)) == text
    assert [run for run, unseen in pieces(text) if unseen] == ["\x1b", "\u202e"]
