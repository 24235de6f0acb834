"""The suite of the port `Outbox`: on the one in memory, on a real server, and on the pair of both."""

import asyncio
from collections.abc import Callable

import pytest

from adapters.clock import SystemClock
from adapters.redis.door import Connection
from adapters.redis.outbox import RedisOutbox
from adapters.spill.outbox import OutboxWithSpill
from bot.ports.chat import Posted
from bot.ports.outbox import Outbox, Parcel, Urgency
from tests.fakes.clock import FakeClock
from tests.fakes.outbox import FakeOutbox
from tests.support.valkey import end_leases
from tests.support.values import parcel

HERE = Posted("C1", "1700000000.000100")
LEASE = 10.0


class World:
    """An outbox, and a way to let its clock go on until a lease is over."""

    def __init__(self, outbox: Outbox, clock: FakeClock | Connection) -> None:
        self.outbox = outbox
        self._clock = clock

    async def outlast_the_lease(self) -> None:
        if isinstance(self._clock, Connection):
            await end_leases(self._clock)
        else:
            self._clock.step(LEASE + 1)

    async def take(self) -> str | None:
        """The text of what may go next."""
        taken = await self.outbox.take("me")
        return taken.message.summary if taken else None

    async def say(self, *, at: Posted | None = HERE) -> Parcel:
        taken = await self.outbox.take("me")
        assert taken is not None
        await self.outbox.done(taken, at)
        return taken


WORLDS: dict[str, Callable[[Connection], World]] = {
    "fake": lambda _: _fake(),
    "redis": lambda redis: World(RedisOutbox(redis), redis),
    "spill": lambda redis: World(OutboxWithSpill(RedisOutbox(redis), SystemClock()), redis),
}


def _fake() -> World:
    clock = FakeClock()
    return World(FakeOutbox(clock), clock)


@pytest.fixture(params=sorted(WORLDS))
def world(request: pytest.FixtureRequest, redis: Connection) -> World:
    return WORLDS[request.param](redis)


async def test_an_empty_outbox_has_nothing_to_take(world: World) -> None:
    assert await world.outbox.take("me") is None
    assert await world.outbox.place("card") is None


async def test_a_parcel_comes_out_as_it_was_put(world: World) -> None:
    put = parcel("card", "“grüße” <!channel>\n", whisper_to="U1")
    await world.outbox.put(put)
    taken = await world.outbox.take("me")
    assert taken is not None
    assert taken.model_copy(update={"version": 0}) == put


async def test_urgent_goes_first_then_the_oldest(world: World) -> None:
    await world.outbox.put(parcel("a", "a card", Urgency.CARD))
    await world.outbox.put(parcel("b", "a notice", Urgency.NOTICE))
    await world.outbox.put(parcel("c", "urgent", Urgency.URGENT))
    await world.outbox.put(parcel("d", "another notice", Urgency.NOTICE))
    assert [await world.take() for _ in range(5)] == ["urgent", "a notice", "another notice", "a card", None]


async def test_the_newest_wins_and_keeps_the_place_of_the_one_it_replaces(world: World) -> None:
    await world.outbox.put(parcel("a", "old"))
    await world.outbox.put(parcel("b", "between"))
    await world.outbox.put(parcel("a", "new"))
    assert [await world.take() for _ in range(3)] == ["new", "between", None]


async def test_a_replacement_may_be_more_urgent(world: World) -> None:
    await world.outbox.put(parcel("a", "a notice"))
    await world.outbox.put(parcel("b", "a card", Urgency.CARD))
    await world.outbox.put(parcel("b", "urgent now", Urgency.URGENT))
    assert [await world.take() for _ in range(3)] == ["urgent now", "a notice", None]


async def test_what_is_leased_is_not_given_to_another_until_the_lease_is_over(world: World) -> None:
    await world.outbox.put(parcel("a", "hello"))
    assert [await world.take() for _ in range(2)] == ["hello", None]
    await world.outlast_the_lease()
    assert [await world.take() for _ in range(2)] == ["hello", None]


async def test_done_remembers_the_place_and_takes_it_out_for_good(world: World) -> None:
    await world.outbox.put(parcel("a"))
    await world.say()
    assert await world.outbox.place("a") == HERE
    await world.outlast_the_lease()
    assert await world.take() is None


async def test_a_newer_version_put_meanwhile_stays(world: World) -> None:
    await world.outbox.put(parcel("a", "old"))
    taken = await world.outbox.take("me")
    assert taken is not None
    await world.outbox.put(parcel("a", "new"))
    assert await world.take() is None
    await world.outbox.done(taken, HERE)
    assert await world.take() == "new"


async def test_what_says_the_same_as_the_last_delivered_is_dropped(world: World) -> None:
    await world.outbox.put(parcel("a", "hello"))
    await world.say()
    await world.outbox.put(parcel("a", "hello"))
    assert await world.take() is None
    await world.outbox.put(parcel("b", "hello"))
    assert await world.take() == "hello"


async def test_going_back_to_what_was_said_takes_the_change_out(world: World) -> None:
    await world.outbox.put(parcel("a", "hello"))
    await world.say()
    await world.outbox.put(parcel("a", "changed"))
    await world.outbox.put(parcel("a", "hello"))
    assert await world.take() is None


async def test_going_back_while_the_change_is_under_way_is_said(world: World) -> None:
    await world.outbox.put(parcel("a", "hello"))
    await world.say()
    await world.outbox.put(parcel("a", "changed"))
    taken = await world.outbox.take("me")
    assert taken is not None
    await world.outbox.put(parcel("a", "hello"))
    await world.outbox.done(taken, HERE)
    assert await world.take() == "hello"


async def test_put_back_is_not_taken_before_its_time(world: World) -> None:
    await world.outbox.put(parcel("a", "hello"))
    taken = await world.outbox.take("me")
    assert taken is not None
    await world.outbox.put_back(taken, 5)
    assert await world.take() is None
    await world.outlast_the_lease()
    assert await world.take() == "hello"


async def test_put_back_keeps_a_newer_version_waiting_too(world: World) -> None:
    await world.outbox.put(parcel("a", "old"))
    taken = await world.outbox.take("me")
    assert taken is not None
    await world.outbox.put(parcel("a", "new"))
    await world.outbox.put_back(taken, 5)
    assert await world.take() is None
    await world.outlast_the_lease()
    assert await world.take() == "new"


async def test_a_thread_waits_until_its_parents_place_is_known(world: World) -> None:
    await world.outbox.put(parcel("reply", "in the thread", Urgency.URGENT, thread="card"))
    await world.outbox.put(parcel("card", "the card", Urgency.CARD))
    assert (await world.say()).message.summary == "the card"
    assert [await world.take() for _ in range(2)] == ["in the thread", None]
    await world.outbox.put(parcel("later", "one more", thread="card"))
    assert await world.take() == "one more"


async def test_a_parent_that_stands_nowhere_lets_no_thread_go(world: World) -> None:
    await world.outbox.put(parcel("card", "the card"))
    await world.outbox.put(parcel("reply", "in the thread", thread="card"))
    await world.say(at=None)
    assert await world.outbox.place("card") is None
    assert await world.take() is None


async def test_a_place_stays_known_when_the_message_is_edited(world: World) -> None:
    await world.outbox.put(parcel("a", "one"))
    await world.say()
    await world.outbox.put(parcel("a", "two"))
    await world.say(at=None)
    assert await world.outbox.place("a") == HERE


async def test_a_wait_ends_when_something_is_put_even_just_before_it(world: World) -> None:
    await world.outbox.put(parcel("a"))
    await asyncio.wait_for(world.outbox.wait(30), 5)
    waiting = asyncio.create_task(world.outbox.wait(30))
    await asyncio.sleep(0)
    await world.outbox.put(parcel("b"))
    await asyncio.wait_for(waiting, 5)


async def test_two_takers_never_get_the_same_one(world: World) -> None:
    for number in range(20):
        await world.outbox.put(parcel(f"k{number}", str(number)))
    taken = await asyncio.gather(*(world.take() for _ in range(20)))
    assert sorted(int(text or -1) for text in taken) == list(range(20))
