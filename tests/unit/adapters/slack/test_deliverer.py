"""Emptying the outbox: at Slack's pace, urgent first, whatever Slack answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.slack.deliverer import Deliverer
from bot.messages.model import Message, paragraph
from bot.ports.chat import Posted
from bot.ports.outbox import Parcel, Urgency
from tests.fakes.chat import FakeChat
from tests.fakes.clock import FakeClock, settle
from tests.fakes.outage import Outage
from tests.fakes.outbox import FakeOutbox

ROOM = "#shop-releases"
OPS = "#ops"


class World:
    """A deliverer between an outbox and a chat, both in memory."""

    def __init__(self, fallback: str | None = None) -> None:
        self.clock = FakeClock()
        self.outage = Outage()
        self.outbox = FakeOutbox(self.clock, self.outage)
        self.chat = FakeChat({ROOM: "C0SHOP", OPS: "C0OPS"})
        self.deliverer = Deliverer(self.outbox, self.chat, self.clock, holder="me", fallback_channel=fallback)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.deliverer.run())
        await settle()
        yield
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()

    async def after(self, seconds: float) -> None:
        """Let so much time pass, with enough turns of the loop for a crowd."""
        for _ in range(20):
            await settle()
        await self.clock.advance(seconds)
        for _ in range(20):
            await settle()

    async def put(self, key: str, text: str, urgency: Urgency = Urgency.NOTICE, **more: str) -> None:
        message = Message(summary=text, blocks=(paragraph(text),))
        parcel = Parcel(key=key, channel=more.pop("channel", ROOM), message=message, urgency=urgency)
        await self.outbox.put(parcel.model_copy(update=more))

    async def card(self, key: str, text: str) -> None:
        await self.put(key, text, Urgency.CARD)

    def said(self, channel: str = ROOM) -> list[str]:
        return [message.summary for message in self.chat.messages(channel)]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    async with world.running():
        yield world


async def test_what_is_put_is_said(world: World) -> None:
    await world.put("R-1", "started")
    await world.after(0.1)
    assert world.said() == ["started"]
    assert world.outbox.parcels == ()


async def test_a_newer_card_edits_the_one_that_stands(world: World) -> None:
    await world.card("R-1", "5 %")
    await world.after(1)
    await world.card("R-1", "25 %")
    await world.after(1)
    assert world.said() == ["25 %"]


async def test_a_thread_waits_for_its_card(world: World) -> None:
    await world.put("R-1/1", "at 5 %", thread="R-1")
    await world.after(1)
    assert world.chat.calls == []
    await world.card("R-1", "card")
    await world.after(2)
    assert [message.summary for message in world.chat.thread(world.outbox.places["R-1"])] == ["at 5 %"]


async def test_a_whisper_reaches_one_person(world: World) -> None:
    await world.put("R-1/w", "only you", whisper_to="U1")
    await world.after(0.1)
    assert [message.summary for message in world.chat.whispered("U1")] == ["only you"]


async def test_a_channel_gets_two_posts_at_once_and_never_more_than_five_in_five_seconds(
    world: World,
) -> None:
    for number in range(6):
        await world.put(f"R-{number}", f"notice {number}")
    await world.after(0.1)
    assert len(world.said()) == 2
    await world.after(4.7)
    assert len(world.said()) == 5
    await world.after(0.3)
    assert world.said() == [f"notice {number}" for number in range(6)]


async def test_a_hundred_cards_are_edited_at_no_more_than_fifty_a_minute(world: World) -> None:
    for number in range(100):
        world.outbox._places[f"R-{number}"] = await world.chat.post(ROOM, said("old"), key=f"R-{number}")
        await world.card(f"R-{number}", "new")
    world.chat.calls.clear()
    for _ in range(60):
        await world.after(1)
    assert 48 <= len(world.chat.calls) <= 50
    for _ in range(70):
        await world.after(1)
    assert world.said() == ["new"] * 100


async def test_what_is_urgent_waits_for_no_card(world: World) -> None:
    for number in range(100):
        world.outbox._places[f"R-{number}"] = await world.chat.post(ROOM, said("old"), key=f"R-{number}")
        await world.card(f"R-{number}", "new")
    await world.after(5)
    await world.put("R-7/rolled-back", "rolled back", Urgency.URGENT)
    await world.after(0.1)
    assert world.said()[-1] == "rolled back"


async def test_a_slow_chat_keeps_lanes_free_for_what_is_urgent() -> None:
    world = World()
    slow = SlowChat(world.chat, world.clock)
    world.deliverer = Deliverer(world.outbox, slow, world.clock, holder="me")
    async with world.running():
        for number in range(20):
            await world.card(f"R-{number}", "card")
        await world.after(1)
        await world.put("R-1/rolled-back", "rolled back", Urgency.URGENT, channel=OPS)
        await world.after(1)
        assert world.said(OPS) == ["rolled back"]


async def test_patience_is_kept_when_slack_asks_for_it(world: World) -> None:
    world.chat.limits.append(7.0)
    await world.put("R-1", "started")
    await world.after(6.9)
    assert world.chat.calls == ["post"]
    await world.put("R-2", "also")
    await world.after(0.05)
    assert world.chat.calls == ["post"]
    await world.after(2)
    assert world.said() == ["started", "also"]


async def test_an_outage_ends_with_everything_said_in_order(world: World) -> None:
    world.chat.away = True
    for number in range(4):
        await world.put(f"R-{number}", f"notice {number}")
        await world.after(20)
    tries = len(world.chat.calls)
    await world.after(3600)
    assert len(world.chat.calls) - tries <= 4 * 3600 / 30
    world.chat.away = False
    await world.after(40)
    assert world.said() == [f"notice {number}" for number in range(4)]


async def test_a_card_that_was_deleted_is_posted_anew_and_edited_there(world: World) -> None:
    await world.card("R-1", "5 %")
    await world.after(1)
    world.chat.delete(world.outbox.places["R-1"])
    await world.card("R-1", "25 %")
    await world.after(2)
    await world.card("R-1", "50 %")
    await world.after(2)
    assert world.said() == ["50 %"]


async def test_a_channel_that_takes_nothing_is_replaced_by_the_fallback() -> None:
    world = World(fallback=OPS)
    world.chat.archive(ROOM)
    async with world.running():
        await world.card("R-1", "5 %")
        await world.after(1)
        await world.card("R-1", "25 %")
        await world.after(2)
    assert world.said(OPS) == ["25 %"]


async def test_without_a_fallback_it_is_dropped_and_others_go_on(world: World) -> None:
    await world.put("R-1", "lost", channel="#nowhere")
    await world.put("R-2", "heard")
    await world.after(1)
    assert world.said() == ["heard"]
    assert world.outbox.parcels == ()


async def test_a_parcel_that_breaks_the_chat_is_dropped_in_the_end(world: World) -> None:
    world.deliverer._chat = BrokenChat(world.chat, world.clock)
    await world.put("R-1", "poison")
    await world.put("R-2", "heard")
    await world.after(60)
    assert world.said() == ["heard"]
    assert world.outbox.parcels == ()


async def test_an_outbox_that_is_away_is_asked_again(world: World) -> None:
    world.outage.begin()
    await world.after(10)
    world.outage.end()
    await world.put("R-1", "started")
    await world.after(2)
    assert world.said() == ["started"]


async def test_a_delivery_that_could_not_be_noted_is_not_said_twice(world: World) -> None:
    world.deliverer._chat = BreaksTheOutbox(world.chat, world.clock, world.outage)
    await world.put("R-1", "started")
    await world.after(5)
    world.outage.end()
    await world.after(15)
    assert world.said() == ["started"]
    assert world.outbox.parcels == ()


def said(text: str) -> Message:
    return Message(summary=text, blocks=())


class Around(FakeChat):
    """A chat that is another one, but for what its children change."""

    def __init__(self, chat: FakeChat, clock: FakeClock) -> None:
        super().__init__(chat.channels, entries=chat.entries, calls=chat.calls)
        self._clock = clock


class SlowChat(Around):
    async def post(self, channel: str, message: Message, *, key: str, thread: str | None = None) -> Posted:
        if channel == ROOM:
            await self._clock.sleep(5)
        return await super().post(channel, message, key=key, thread=thread)


class BrokenChat(Around):
    async def post(self, channel: str, message: Message, *, key: str, thread: str | None = None) -> Posted:
        if message.summary == "poison":
            raise KeyError("a bug")
        return await super().post(channel, message, key=key, thread=thread)


class BreaksTheOutbox(Around):
    def __init__(self, chat: FakeChat, clock: FakeClock, outage: Outage) -> None:
        super().__init__(chat, clock)
        self._outage = outage

    async def post(self, channel: str, message: Message, *, key: str, thread: str | None = None) -> Posted:
        if not self.calls:
            self._outage.begin()
        return await super().post(channel, message, key=key, thread=thread)
