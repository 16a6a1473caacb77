"""How fast a target is asked: concurrency, rate, the request budget, and the waits that it asks for."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from conformance.exchange import Response

Priority = tuple[int, ...]
"""Smaller goes first."""


class BudgetSpentError(Exception):
    """``--max-requests`` is used up."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds between attempts and polls; tests shorten them."""

    backoff: float = 0.5  # doubled with each attempt, as the SDKs do
    longest: float = 30.0  # the most that a Retry-After is obeyed
    patience: float = 300.0  # of all the pauses that 429s ask for in one run; later ones are not waited for
    poll: float = 1.0  # what openai-python waits where no openai-poll-after-ms says otherwise

    def before_attempt(self, attempt: int) -> float:
        """The wait before ``attempt`` (2, 3 …) where the target asks for none, with jitter."""
        return self.backoff * 2.0 ** (attempt - 2) * random.uniform(0.75, 1.0)


class Gate:
    """Lets requests through by priority, never more than ``concurrency`` at once."""

    def __init__(
        self,
        concurrency: int,
        rate: float | None = None,
        max_requests: int | None = None,
        patience: float = 300.0,
    ) -> None:
        self._free = concurrency
        self._gap = 1 / rate if rate else 0.0
        self._left = max_requests
        self._patience = patience
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._arrivals = 0
        self._next_start = 0.0
        self._paused_until = 0.0
        self.passed = 0

    @contextlib.asynccontextmanager
    async def slot(self, priority: Priority) -> AsyncIterator[None]:
        """Room for one request. Raises BudgetSpentError when no more may be sent."""
        await self._enter(priority)
        try:
            await self._wait_for_start()
            yield
        finally:
            self._leave()

    def pause(self, seconds: float) -> bool:
        """Hold back every request; False when all patience is spent."""
        until = time.monotonic() + seconds
        longer = until - max(self._paused_until, time.monotonic())
        if longer > self._patience:
            return False
        if longer > 0:
            self._patience -= longer
            self._paused_until = until
        return True

    async def _enter(self, priority: Priority) -> None:
        self._check_budget()
        if self._free > 0 and not self._waiting:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrivals += 1
        heapq.heappush(self._waiting, (priority, self._arrivals, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    async def _wait_for_start(self) -> None:
        while (delay := max(self._paused_until, self._next_start) - time.monotonic()) > 0:
            await asyncio.sleep(delay)
        self._check_budget()
        self._next_start = time.monotonic() + self._gap
        self._left = None if self._left is None else self._left - 1
        self.passed += 1

    def _check_budget(self) -> None:
        if self._left is not None and self._left <= 0:
            raise BudgetSpentError


def asked_wait(response: Response, now: float) -> float | None:
    """Seconds that ``retry-after-ms`` or Retry-After (RFC 9110 §10.2.3) ask for; None without either.

    ``now`` is in seconds since the epoch, for Retry-After as a date.
    """
    milliseconds = _number(response.header("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = response.header("retry-after")
    seconds = _number(text)
    return seconds if seconds is not None or text is None else _until(text, now)


def poll_wait(response: Response, now: float, otherwise: float) -> float:
    """Seconds until the next poll: ``openai-poll-after-ms``, else as ``asked_wait``, else ``otherwise``."""
    milliseconds = _number(response.header("openai-poll-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = asked_wait(response, now)
    return otherwise if asked is None else asked


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < float("inf") else None


def _until(date: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - now)
    except (ValueError, OverflowError):
        return None
