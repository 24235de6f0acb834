"""The outbox goes on while Redis is away, and brings everything home: newest wins across the gap."""

import asyncio

import pytest

from adapters.spill.memory import MemoryOutbox
from adapters.spill.outbox import RETRY, OutboxWithSpill
from bot.ports.chat import Posted
from bot.ports.outbox import Outbox, Urgency
from tests.fakes.clock import FakeClock
from tests.fakes.outage import Outage
from tests.fakes.outbox import FakeOutbox
from tests.support.values import parcel

HERE = Posted("C1", "1.1")


class Gap:
    """A durable outbox that can go away, beneath one that does not."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.outage = Outage()
        self.durable = FakeOutbox(self.clock, self.outage)
        self.outbox = OutboxWithSpill(self.durable, self.clock, bound=4)

    def back(self) -> None:
        self.outage.end()
        self.clock.step(RETRY)

    async def say(self, at: Posted | None = HERE) -> str | None:
        taken = await self.outbox.take("me")
        if taken is None:
            return None
        await self.outbox.done(taken, at)
        return taken.message.summary


@pytest.fixture
def gap() -> Gap:
    return Gap()


async def test_everything_is_accepted_and_said_while_the_store_is_away(gap: Gap) -> None:
    gap.outage.begin()
    await gap.outbox.put(parcel("a", "a card", Urgency.CARD))
    await gap.outbox.put(parcel("b", "urgent", Urgency.URGENT))
    assert [await gap.say() for _ in range(3)] == ["urgent", "a card", None]
    assert await gap.outbox.place("a") == HERE


async def test_what_was_said_meanwhile_is_known_at_home_and_not_said_again(gap: Gap) -> None:
    gap.outage.begin()
    await gap.outbox.put(parcel("a", "hello"))
    assert await gap.say() == "hello"
    gap.back()
    assert await gap.say() is None
    assert gap.durable.places == {"a": HERE}
    await gap.outbox.put(parcel("a", "hello"))
    assert await gap.say() is None


async def test_what_was_not_said_meanwhile_goes_home(gap: Gap) -> None:
    gap.outage.begin()
    await gap.outbox.put(parcel("a", "one"))
    await gap.outbox.put(parcel("a", "two"))
    gap.back()
    assert [await gap.say() for _ in range(2)] == ["two", None]


async def test_an_older_one_that_waited_at_home_is_not_said_after_a_newer(gap: Gap) -> None:
    await gap.outbox.put(parcel("a", "old"))
    gap.outage.begin()
    await gap.outbox.put(parcel("a", "new"))
    assert await gap.say() == "new"
    gap.back()
    assert await gap.say() is None


async def test_one_put_when_the_store_is_back_overtakes_what_waits_in_memory(gap: Gap) -> None:
    gap.outage.begin()
    await gap.outbox.put(parcel("a", "old"))
    gap.back()
    await gap.outbox.put(parcel("a", "new"))
    assert [await gap.say() for _ in range(2)] == ["new", None]


async def test_one_taken_before_the_gap_is_done_after_it(gap: Gap) -> None:
    await gap.outbox.put(parcel("a", "hello"))
    taken = await gap.outbox.take("me")
    assert taken is not None
    gap.outage.begin()
    await gap.outbox.done(taken, HERE)
    gap.back()
    assert await gap.say() is None
    gap.clock.step(60)
    assert await gap.say() is None
    assert gap.durable.places == {"a": HERE}


async def test_edits_and_threads_go_on_where_the_place_passed_by_before(gap: Gap) -> None:
    await gap.outbox.put(parcel("card", "the card"))
    assert await gap.say() == "the card"
    gap.outage.begin()
    await gap.outbox.put(parcel("reply", "in the thread", thread="card"))
    assert await gap.say() == "in the thread"
    assert await gap.outbox.place("card") == HERE


async def test_put_back_and_wait_work_in_the_gap(gap: Gap) -> None:
    gap.outage.begin()
    await gap.outbox.put(parcel("a", "hello"))
    taken = await gap.outbox.take("me")
    assert taken is not None
    await gap.outbox.put_back(taken, 5)
    await gap.outbox.wait(5)
    assert await gap.outbox.take("me") is None
    gap.clock.step(5)
    assert await gap.say() == "hello"


async def test_the_absent_store_is_asked_once_a_second(gap: Gap) -> None:
    asked = 0

    class Counting(FakeOutbox):
        async def take(self, holder: str) -> None:
            nonlocal asked
            asked += 1
            self._outage.check()

    outbox: Outbox = OutboxWithSpill(Counting(gap.clock, gap.outage), gap.clock)
    gap.outage.begin()
    for _ in range(10):
        await outbox.take("me")
    assert asked == 1
    gap.clock.step(RETRY)
    await outbox.take("me")
    assert asked == 2


async def test_a_wait_in_the_gap_ends_when_its_time_is_over(gap: Gap) -> None:
    gap.outage.begin()
    waiting = asyncio.create_task(gap.outbox.wait(0.5))
    await gap.clock.advance(0.4)
    assert not waiting.done()
    await gap.clock.advance(0.2)
    assert waiting.done()


async def test_memory_is_bounded_and_gives_up_the_oldest_of_the_least_urgent() -> None:
    clock = FakeClock()
    outbox = MemoryOutbox(clock, bound=2)
    for number, urgency in enumerate((Urgency.CARD, Urgency.URGENT, Urgency.CARD, Urgency.NOTICE)):
        await outbox.put(parcel(f"k{number}", str(number), urgency))
    assert [each.message.summary for each in outbox.waiting] == ["1", "3"]


async def test_places_kept_in_memory_are_bounded_too(gap: Gap) -> None:
    gap.outage.begin()
    for number in range(6):
        await gap.outbox.put(parcel(f"k{number}", str(number)))
        await gap.say()
    assert [await gap.outbox.place(f"k{number}") for number in range(6)] == [
        None,
        None,
        HERE,
        HERE,
        HERE,
        HERE,
    ]
