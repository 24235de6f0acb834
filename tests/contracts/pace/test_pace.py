"""The suite of the port `Pace`, on the fake and on a real server."""

from datetime import timedelta

import pytest

from adapters.redis.door import Connection
from adapters.redis.pace import RedisPace
from bot.errors import Unavailable
from bot.ports.pace import Pace
from tests.fakes.clock import FakeClock
from tests.fakes.outage import Outage
from tests.fakes.pace import FakePace
from tests.support.valkey import let_turns_pass

NOW = timedelta(0)
SECOND = timedelta(seconds=1)
EARLY = timedelta(seconds=0.4)
"""More than a slow machine needs for the few questions of a test."""


class World:
    """A pace of three writes a second, and a way to let its clock go on."""

    def __init__(self, pace: Pace, clock: FakeClock | Connection) -> None:
        self.pace = pace
        self._clock = clock

    async def pass_time(self, time: timedelta) -> None:
        if isinstance(self._clock, Connection):
            await let_turns_pass(self._clock, time)
        else:
            self._clock.step(time)

    async def go(self, *writes: str) -> list[str]:
        """Those of the writes that may go now."""
        return [write for write in writes if await self.pace.ask(write) == NOW]

    async def waits(self, write: str, seconds: int) -> None:
        """It has to wait so long, within what the questions before took."""
        wait = await self.pace.ask(write)
        assert seconds * SECOND - EARLY < wait <= seconds * SECOND


@pytest.fixture(params=["fake", "redis"])
def world(request: pytest.FixtureRequest, redis: Connection) -> World:
    if request.param == "redis":
        return World(RedisPace(redis, "istio", 3), redis)
    clock = FakeClock()
    return World(FakePace(clock, 3), clock)


async def test_as_many_as_a_second_takes_go_at_once_and_the_next_are_told_when(world: World) -> None:
    assert await world.go("a", "b", "c") == ["a", "b", "c"]
    for write, seconds in (("d", 1), ("e", 1), ("f", 1), ("g", 2), ("h", 2), ("i", 2), ("j", 3)):
        await world.waits(write, seconds)


async def test_whoever_comes_at_its_time_goes(world: World) -> None:
    assert await world.go(*"abcdefg") == ["a", "b", "c"]
    await world.pass_time(SECOND)
    assert await world.go(*"gfed") == ["f", "e", "d"]
    await world.pass_time(SECOND)
    assert await world.go("g", "h") == ["g", "h"]


async def test_a_turn_that_is_kept_is_not_taken_by_a_newcomer(world: World) -> None:
    await world.go(*"abcdef")
    await world.pass_time(SECOND)
    await world.waits("new", 1)
    assert await world.go(*"def") == ["d", "e", "f"]


async def test_asking_early_or_often_neither_loses_nor_gains_a_place(world: World) -> None:
    await world.go(*"abcdefg")
    for _ in range(5):
        await world.waits("g", 2)
    await world.pass_time(SECOND)
    await world.waits("g", 1)
    assert await world.go(*"def") == ["d", "e", "f"]


async def test_a_turn_that_nobody_comes_for_is_given_to_the_next(world: World) -> None:
    await world.go(*"abcdefg")
    await world.pass_time(3 * SECOND)
    assert await world.go("g") == []
    await world.pass_time(SECOND)
    assert await world.go("g", "h", "i", "d") == ["g", "h", "i"]


async def test_a_turn_that_was_given_is_given_for_some_seconds_and_costs_once(world: World) -> None:
    assert await world.go("a", "a", "a", "a", "b", "c", "d") == ["a", "a", "a", "a", "b", "c"]
    await world.pass_time(2 * SECOND)
    assert await world.go("a", "d", "e", "f", "g") == ["a", "d", "e", "f"]
    await world.pass_time(2 * SECOND)
    assert await world.go("a", "x", "y", "g") == ["a", "x", "g"]


async def test_meshes_do_not_share_their_turns(redis: Connection) -> None:
    one, other = RedisPace(redis, "istio", 1), RedisPace(redis, "gateway", 1)
    assert await one.ask("a") == await other.ask("b") == NOW
    assert await one.ask("c") > NOW


async def test_without_the_store_nobody_gets_a_turn() -> None:
    outage = Outage()
    pace = FakePace(FakeClock(), outage=outage)
    outage.begin()
    with pytest.raises(Unavailable):
        await pace.ask("a")
