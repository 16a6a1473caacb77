"""What a user sees while a run goes on; text of the target is shown, never obeyed by the terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

from conformance.cases import Case
from conformance.text import one_line


class Progress(Protocol):
    """Told what happens; must not raise."""

    def started(self, cases: int, requests: int) -> None:
        """Cases to be sent, and requests when all goes well."""

    def sent(self, case: Case) -> None:
        """A request of ``case`` leaves, also each retry and poll."""

    def ended(self, case: str, ending: str) -> None:
        """A case is over; ``ending`` follows its id in a sentence."""

    def note(self, text: str) -> None:
        """A sentence for the user."""

    def finished(self) -> None:
        """Nothing more is sent."""


class Quiet:
    """Shows nothing."""

    def started(self, cases: int, requests: int) -> None: ...

    def sent(self, case: Case) -> None: ...

    def ended(self, case: str, ending: str) -> None: ...

    def note(self, text: str) -> None: ...

    def finished(self) -> None: ...


class Lines:
    """Plain lines, for logs: notes, and a count every ``every`` seconds; with ``verbose`` every case."""

    def __init__(self, stream: TextIO | None = None, *, verbose: bool = False, every: float = 10.0) -> None:
        self._stream = stream or sys.stderr
        self._verbose = verbose
        self._every = every
        self._cases = self._ended = self._sent = 0
        self._last = time.monotonic()

    def started(self, cases: int, requests: int) -> None:
        """See ``Progress``."""
        self._cases = cases
        self._print(f"sending {cases} cases, {requests} requests when all goes well")

    def sent(self, case: Case) -> None:
        """See ``Progress``."""
        self._sent += 1

    def ended(self, case: str, ending: str) -> None:
        """See ``Progress``."""
        self._ended += 1
        if self._verbose:
            self._print(f"{case} {ending}")
        elif time.monotonic() - self._last >= self._every:
            self._print(f"{self._ended} of {self._cases} cases ended, {self._sent} requests sent")
            self._last = time.monotonic()

    def note(self, text: str) -> None:
        """See ``Progress``."""
        self._print(text)

    def finished(self) -> None:
        """See ``Progress``."""
        self._print(f"{self._ended} of {self._cases} cases ended, {self._sent} requests sent")

    def _print(self, text: str) -> None:
        print(one_line(text), file=self._stream, flush=True)


class Bar:
    """A bar on a terminal: cases ended, requests sent, the operation under way."""

    def __init__(self, console: Console | None = None, *, verbose: bool = False) -> None:
        self._bars = Bars(
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[requests]} requests"),
            TextColumn("{task.description}", markup=False),
            console=console or Console(stderr=True),
            transient=True,
        )
        self._task = self._bars.add_task("", requests=0, total=None)
        self._verbose = verbose
        self._sent = 0

    def started(self, cases: int, requests: int) -> None:
        """See ``Progress``."""
        self._bars.update(self._task, total=cases)
        self._bars.start()

    def sent(self, case: Case) -> None:
        """See ``Progress``."""
        self._sent += 1
        self._bars.update(self._task, description=one_line(case.operation), requests=self._sent)

    def ended(self, case: str, ending: str) -> None:
        """See ``Progress``."""
        self._bars.advance(self._task)
        if self._verbose:
            self.note(f"{case} {ending}")

    def note(self, text: str) -> None:
        """See ``Progress``."""
        self._bars.console.print(Text(one_line(text)))

    def finished(self) -> None:
        """See ``Progress``."""
        self._bars.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()


def choose(*, quiet: bool = False, verbose: bool = False) -> Progress:
    """A bar where standard error is a terminal, else lines; nothing when ``quiet``."""
    if quiet:
        return Quiet()
    return Bar(verbose=verbose) if sys.stderr.isatty() else Lines(verbose=verbose)
