"""One scenario for both official Python clients: the one that blocks and the one that is awaited."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


async def ask(call: Any) -> Any:
    """What a call gives, at once or awaited."""
    return await call if inspect.isawaitable(call) else call


async def all_of(stream: Any) -> list[Any]:
    """Everything that a stream or a page gives, however it is iterated over."""
    if hasattr(stream, "__aiter__"):
        return [each async for each in stream]
    return list(stream)


@asynccontextmanager
async def entered(manager: Any) -> AsyncIterator[Any]:
    """What a context manager of either kind gives."""
    if hasattr(manager, "__aenter__"):
        async with manager as given:
            yield given
    else:
        with manager as given:
            yield given


async def until(connection: Any, last: str) -> list[Any]:
    """The events of a WebSocket connection up to one of the type ``last``."""
    events: list[Any] = []
    while not events or events[-1].type != last:
        events.append(await ask(connection.recv()))
    return events
