from __future__ import annotations

import asyncio
import time
from email.utils import formatdate

import pytest

from conformance.exchange import Response
from conformance.probing.pacing import BudgetSpentError, Gate, Waits, asked_wait, poll_wait

NOW = 1_750_000_000.0


def response(**headers: str) -> Response:
    return Response(429, tuple((name.replace("_", "-"), value) for name, value in headers.items()))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry_After": "2"}, 2.0),
        ({"Retry_After": "0.5"}, 0.5),
        ({"retry_after_ms": "250", "Retry_After": "9"}, 0.25),
        ({"retry_after_ms": "soon", "Retry_After": "3"}, 3.0),
        ({"Retry_After": formatdate(NOW + 12, usegmt=True)}, 12.0),
        ({"Retry_After": formatdate(NOW - 12, usegmt=True)}, 0.0),
        ({"Retry_After": "-1"}, None),
        ({"Retry_After": "inf"}, None),
        ({"Retry_After": "nan"}, None),
        ({"Retry_After": "tomorrow"}, None),
        ({"Retry_After": "Mon, 99 Foo 9999999 99:99:99 GMT"}, None),
        ({"Retry_After": ""}, None),
    ],
)
def test_the_wait_that_a_target_asks_for(headers: dict[str, str], expected: float | None) -> None:
    assert asked_wait(response(**headers), NOW) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 1.5),
        ({"openai_poll_after_ms": "200", "Retry_After": "9"}, 0.2),
        ({"Retry_After": "9"}, 9.0),
        ({"openai_poll_after_ms": "x"}, 1.5),
    ],
)
def test_the_wait_before_the_next_poll(headers: dict[str, str], expected: float) -> None:
    assert poll_wait(response(**headers), NOW, 1.5) == expected


def test_backoff_doubles_with_jitter() -> None:
    waits = Waits(backoff=0.5)
    assert 0.375 <= waits.before_attempt(2) <= 0.5
    assert 0.75 <= waits.before_attempt(3) <= 1.0


async def pass_through(gate: Gate, order: list[int], number: int, wait: float = 0.0) -> None:
    async with gate.slot((number,)):
        order.append(number)
        await asyncio.sleep(wait)


def test_those_who_wait_go_by_priority() -> None:
    async def go() -> list[int]:
        gate, order = Gate(1), list[int]()
        await asyncio.gather(*(pass_through(gate, order, number) for number in (0, 3, 1, 2)))
        return order

    assert asyncio.run(go()) == [0, 1, 2, 3]


def test_a_cancelled_waiter_holds_no_place() -> None:
    async def go() -> list[int]:
        gate, order = Gate(1), list[int]()
        first = asyncio.create_task(pass_through(gate, order, 0, 0.01))
        await asyncio.sleep(0)
        gone = asyncio.create_task(pass_through(gate, order, 1))
        last = asyncio.create_task(pass_through(gate, order, 2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(first, gone, last, return_exceptions=True)
        return order

    assert asyncio.run(go()) == [0, 2]


def test_a_waiter_cancelled_in_its_turn_passes_it_on() -> None:
    async def go() -> list[int]:
        gate, order = Gate(1), list[int]()
        async with gate.slot((0,)):
            gone = asyncio.create_task(pass_through(gate, order, 1))
            last = asyncio.create_task(pass_through(gate, order, 2))
            await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, last, return_exceptions=True)
        return order

    assert asyncio.run(go()) == [2]


def test_the_rate_is_kept_whatever_the_concurrency() -> None:
    async def go() -> float:
        gate = Gate(8, rate=100)
        began = time.monotonic()
        await asyncio.gather(*(pass_through(gate, [], number) for number in range(6)))
        return time.monotonic() - began

    assert 0.05 <= asyncio.run(go()) < 0.5


def test_the_budget_is_exact_under_concurrency() -> None:
    async def go() -> tuple[int, int]:
        gate = Gate(4, max_requests=5)
        ends = await asyncio.gather(
            *(pass_through(gate, [], number, 0.001) for number in range(9)), return_exceptions=True
        )
        return gate.passed, sum(isinstance(end, BudgetSpentError) for end in ends)

    assert asyncio.run(go()) == (5, 4)


def test_a_pause_holds_everyone_back() -> None:
    async def go() -> float:
        gate = Gate(4)
        gate.pause(0.05)
        began = time.monotonic()
        await asyncio.gather(*(pass_through(gate, [], number) for number in range(3)))
        return time.monotonic() - began

    assert 0.05 <= asyncio.run(go()) < 0.5


def test_overlapping_pauses_are_one_and_patience_ends() -> None:
    gate = Gate(1, patience=10)
    assert gate.pause(6)
    assert gate.pause(6)
    assert not gate.pause(20)
    assert gate.pause(9)
    assert not gate.pause(12)
