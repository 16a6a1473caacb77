"""A second process ends with its first, whatever ends that, and is not disturbed by what is meant for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from conformance.beside import beside

_KILLED = r"""
import os, signal
from multiprocessing.connection import Connection
from conformance.beside import beside

def tell_and_wait(connection: Connection) -> None:
    os.write(1, f"{os.getpid()}\n".encode())
    connection.recv()

if __name__ == "__main__":
    with beside(tell_and_wait), beside(tell_and_wait):
        input()
        os.kill(os.getpid(), signal.SIGKILL)
"""


def echo(connection: Connection, more: str) -> None:
    while True:
        connection.send((os.getpid(), connection.recv() + more))


def test_it_is_another_process_and_gone_afterwards() -> None:
    with beside(echo, "!") as connection:
        connection.send("here")
        other, text = connection.recv()
        assert text == "here!"
        assert other != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(other, 0)


def test_an_interruption_is_left_to_the_first() -> None:
    with beside(echo, "") as connection:
        connection.send("")
        os.kill(connection.recv()[0], signal.SIGINT)
        connection.send("still here")
        assert connection.recv()[1] == "still here"


def test_none_outlives_a_killed_first() -> None:
    command = [sys.executable, "-c", _KILLED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdin is not None
        assert first.stdout is not None
        others = [int(first.stdout.readline()) for _ in range(2)]
        first.communicate("\n")
    assert first.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 20
    while any(map(_is_running, others)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(_is_running, others))


def _is_running(process: int) -> bool:
    """False also for one that has ended and that nobody has asked for yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
