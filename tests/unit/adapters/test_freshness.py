"""Answers kept for a while, and asked for once however many want them."""

import asyncio

import pytest

from adapters.freshness import Fresh
from bot.errors import Unavailable
from tests.fakes.clock import FakeClock, settle


class Source:
    def __init__(self, clock: FakeClock) -> None:
        self.asked: list[str] = []
        self.fails = False
        self._clock = clock

    async def ask(self, key: str) -> str:
        self.asked.append(key)
        await self._clock.sleep(1)
        if self.fails:
            raise Unavailable("slack", "away")
        return f"{key} {len(self.asked)}"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def source(clock: FakeClock) -> Source:
    return Source(clock)


@pytest.fixture
def fresh(clock: FakeClock, source: Source) -> Fresh[str, str]:
    return Fresh(clock, 60, source.ask)


async def test_two_hundred_at_once_ask_once(fresh: Fresh[str, str], source: Source, clock: FakeClock) -> None:
    crowd = asyncio.gather(*(fresh.get("a") for _ in range(200)))
    await clock.advance(1)
    assert set(await crowd) == {"a 1"}
    assert source.asked == ["a"]


async def test_an_answer_is_as_old_as_its_question(
    fresh: Fresh[str, str], source: Source, clock: FakeClock
) -> None:
    first = asyncio.create_task(fresh.get("a"))
    await clock.advance(59.5)
    assert await first == await fresh.get("a") == "a 1"
    clock.step(0.5)
    second = asyncio.create_task(fresh.get("a"))
    await clock.advance(1)
    assert await second == "a 2"


async def test_a_failure_is_shared_and_not_kept(
    fresh: Fresh[str, str], source: Source, clock: FakeClock
) -> None:
    source.fails = True
    crowd = asyncio.gather(fresh.get("a"), fresh.get("a"), return_exceptions=True)
    await clock.advance(1)
    assert [type(answer) for answer in await crowd] == [Unavailable, Unavailable]
    source.fails = False
    again = asyncio.create_task(fresh.get("a"))
    await clock.advance(1)
    assert await again == "a 2"


async def test_one_who_gives_up_takes_the_answer_from_nobody(
    fresh: Fresh[str, str], source: Source, clock: FakeClock
) -> None:
    impatient, patient = asyncio.create_task(fresh.get("a")), asyncio.create_task(fresh.get("a"))
    await settle()
    impatient.cancel()
    await clock.advance(1)
    assert await patient == "a 1"
    assert source.asked == ["a"]
