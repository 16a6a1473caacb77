"""A second process beside this one, for a machine's second core; it ends with this one, whatever ends it."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any


@contextmanager
def beside(work: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """Run ``work(connection, *arguments)`` in another process; gives this end of the connection.

    ``work`` should return once its end raises EOFError, as it does when this process is gone. It is killed on leaving.
    """
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_run, args=(ours, theirs, work, arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.kill()
        process.join()


def _run(ours: Connection, theirs: Connection, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    ours.close()  # while this end is open in here too, the other one would never see the end
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches every process of a terminal; this one is told
    with suppress(EOFError, BrokenPipeError):
        work(theirs, *arguments)
