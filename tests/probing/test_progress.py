from __future__ import annotations

import io

import pytest
from rich.console import Console

from conformance.probing.progress import Bar, Lines, Progress, Quiet, choose
from tests.probing.small import CHAT

HOSTILE = "was answered 400 (\x1b[2J\x1b]0;owned\x07 [bold red]x[/] \u202egnp\r)"


def play(progress: Progress) -> None:
    progress.started(2, 3)
    progress.sent(CHAT)
    progress.sent(CHAT)
    progress.ended("chat/minimal/json", HOSTILE)
    progress.note(f"A note. {HOSTILE}")
    progress.ended("models/list/all", "was answered 200")
    progress.finished()


def test_lines_say_what_was_done() -> None:
    stream = io.StringIO()
    play(Lines(stream))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "sending 2 cases, 3 requests when all goes well"
    assert lines[1].startswith("A note. was answered 400")
    assert lines[2] == "2 of 2 cases ended, 2 requests sent"


def test_counts_come_at_intervals() -> None:
    stream = io.StringIO()
    play(Lines(stream, every=0.0))
    assert "1 of 2 cases ended, 2 requests sent" in stream.getvalue()


def test_verbose_lines_name_every_case() -> None:
    stream = io.StringIO()
    play(Lines(stream, verbose=True))
    assert "models/list/all was answered 200\n" in stream.getvalue()


@pytest.mark.parametrize("verbose", [False, True])
def test_a_bar_shows_cases_and_requests(verbose: bool) -> None:
    stream = io.StringIO()
    bar = Bar(Console(file=stream, force_terminal=True, width=120), verbose=verbose)
    play(bar)
    assert "2/2" in stream.getvalue()
    assert "2 requests" in stream.getvalue()
    assert CHAT.operation in stream.getvalue()
    assert ("models/list/all was answered 200" in stream.getvalue()) is verbose


@pytest.mark.parametrize("terminal", [False, True], ids=["lines", "bar"])
def test_text_of_the_target_moves_nothing_on_the_terminal(terminal: bool) -> None:
    stream = io.StringIO()
    if terminal:
        play(Bar(Console(file=stream, force_terminal=True, width=500), verbose=True))
    else:
        play(Lines(stream, verbose=True))
    shown = stream.getvalue()
    assert "\x1b[2J" not in shown
    assert "\x1b]0;" not in shown
    assert "\x07" not in shown
    assert "\u202e" not in shown
    assert "[bold red]x[/]" in shown


def test_a_bar_that_was_never_started_can_be_left() -> None:
    with Bar(Console(file=io.StringIO(), force_terminal=True)):
        pass


def test_quiet_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    play(Quiet())
    assert capsys.readouterr() == ("", "")


def test_what_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert isinstance(choose(), Lines)
    assert isinstance(choose(quiet=True), Quiet)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert isinstance(choose(), Bar)
