"""The suite of the port `Clock`, and how the fake one lets tests own the time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.clock import SystemClock
from bot.ports.clock import Clock
from tests.fakes.clock import START, FakeClock


@pytest.fixture(params=[SystemClock, FakeClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_now_is_aware_and_in_utc(clock: Clock) -> None:
    assert clock.now().tzinfo is UTC


def test_monotonic_never_goes_back(clock: Clock) -> None:
    assert clock.monotonic() <= clock.monotonic()


async def test_a_sleep_of_no_time_lets_others_work(clock: Clock) -> None:
    worked = asyncio.create_task(asyncio.sleep(0, "done"))
    await clock.sleep(0)
    await clock.sleep(-1)
    assert worked.done()


def test_the_system_clock_is_the_machines() -> None:
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(minutes=1)


async def test_sleepers_wake_in_order_each_at_its_own_moment() -> None:
    clock = FakeClock()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float, times: int) -> None:
        for _ in range(times):
            await clock.sleep(seconds)
            woken.append((name, clock.monotonic()))

    tasks = [asyncio.create_task(sleeper("fast", 2, 3)), asyncio.create_task(sleeper("slow", 5, 1))]
    await clock.advance(timedelta(seconds=5.5))
    assert woken == [("fast", 2), ("fast", 4), ("slow", 5)]
    await clock.advance(1)
    assert woken[3:] == [("fast", 6)]
    assert clock.now() == START + timedelta(seconds=6.5)
    await asyncio.gather(*tasks)
