"""Commands, presses and dialogs: who is answered what, where and when."""

import asyncio
from typing import Any

import pytest

from adapters.slack.blocks import payload
from bot.errors import Unavailable
from bot.messages.model import Message, Modal
from bot.ports.desks import Origin
from handlers.slack import talk as module
from handlers.slack.payloads import Luggage
from tests.fakes.chat import Whisper
from tests.fakes.clock import settle
from tests.unit.handlers.slack_world import ADDRESS, SlackWorld, message, press, submission

WHY = Modal(action="go_on", title="Go on", body=(), label="Reason", submit="Go on", private="R-1")
LUGGAGE = Luggage("C0SHOP", "shop-releases", ADDRESS, "R-1")


@pytest.fixture
def world() -> SlackWorld:
    return SlackWorld()


def whispered(said: Message) -> dict[str, Any]:
    return {"response_type": "ephemeral", **payload(said)}


def origin(world: SlackWorld, trigger: str = "1.2.3") -> Origin:
    request = world.desk.heard[0][1].request
    assert len(request.id) == 24
    return Origin("U1", "ana", "T1", "C0SHOP", "shop-releases", ADDRESS, trigger, request)


async def test_a_command_is_answered_in_its_acknowledgement(world: SlackWorld) -> None:
    answer = await world.command("  Checkout v1.3.0 because “it is time” ")
    assert (answer.status, answer.json) == (200, whispered(message("done")))
    assert world.desk.heard == [("typed", origin(world), "  Checkout v1.3.0 because “it is time” ")]
    assert world.chat.calls == []


async def test_two_requests_have_two_ids(world: SlackWorld) -> None:
    await world.command("status")
    await world.command("status checkout")
    first, second = (said[1].request.id for said in world.desk.heard)
    assert first != second


async def test_a_command_that_breaks_says_so_to_its_author(world: SlackWorld) -> None:
    world.desk.answer = KeyError("a bug")
    answer = await world.command("status")
    assert (answer.status, answer.json) == (200, whispered(message("broken")))


async def test_a_command_that_takes_long_is_answered_later(
    world: SlackWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    world.desk.slow = asyncio.Event()
    answer = await world.command("plan checkout v1.3.0")
    assert (answer.status, answer.json) == (200, whispered(message("working")))
    world.desk.slow.set()
    await world.talk.drain(1)
    assert world.chat.answers == {ADDRESS: [message("done")]}


async def test_a_press_is_acknowledged_before_it_is_acted_on(world: SlackWorld) -> None:
    world.desk.slow = asyncio.Event()
    answer = await world.interact(press())
    assert (answer.status, answer.body) == (200, b"")
    world.desk.slow.set()
    await world.talk.drain(1)
    assert world.desk.heard == [("pressed", origin(world), "promote", "R-1")]
    assert world.chat.answers == {ADDRESS: [message("done")]}


async def test_a_repeated_action_is_known_by_its_first_name(world: SlackWorld) -> None:
    await world.interact(press("rollback~3", "R-7"))
    await world.talk.drain(1)
    assert world.desk.heard == [("pressed", origin(world), "rollback", "R-7")]


async def test_a_press_may_be_answered_by_nothing(world: SlackWorld) -> None:
    world.desk.answer = None
    await world.interact(press())
    await world.talk.drain(1)
    assert world.chat.calls == []


async def test_a_press_may_open_a_dialog_that_knows_where_it_was(world: SlackWorld) -> None:
    world.desk.answer = WHY
    await world.interact(press())
    await world.talk.drain(1)
    assert world.chat.dialogs == {"1.2.3": WHY.model_copy(update={"private": LUGGAGE.packed()})}


async def test_a_dialog_brings_its_reason_and_is_answered_where_it_was_opened(world: SlackWorld) -> None:
    answer = await world.interact(submission(LUGGAGE.packed(), "the night is quiet"))
    assert (answer.status, answer.body) == (200, b"")
    await world.talk.drain(1)
    assert world.desk.heard == [("submitted", origin(world, "4.5.6"), "go_on", "R-1", "the night is quiet")]
    assert world.chat.answers == {ADDRESS: [message("done")]}


@pytest.mark.parametrize("private", ["", "R-1", "[]", "[1, 2, 3, 4]", '{"a": 1}'])
async def test_a_dialog_of_somebody_else_is_closed_and_nothing_done(world: SlackWorld, private: str) -> None:
    assert (await world.interact(submission(private, "x"))).status == 200
    await world.talk.drain(1)
    assert world.desk.heard == []


async def test_an_answer_that_its_address_does_not_take_is_whispered_in_the_channel(
    world: SlackWorld,
) -> None:
    world.chat.limits.append(3.0)
    await world.interact(press())
    await world.talk.drain(1)
    assert world.chat.calls == ["respond", "whisper"]
    assert world.chat.whispers == [Whisper("C0SHOP", "U1", message("done"))]


async def test_without_slack_a_press_is_still_acted_on(world: SlackWorld) -> None:
    world.chat.away = True
    assert (await world.interact(press("rollback"))).status == 200
    await world.talk.drain(1)
    assert [said[2] for said in world.desk.heard] == ["rollback"]


async def test_a_press_that_breaks_says_so_to_the_presser(world: SlackWorld) -> None:
    world.desk.answer = KeyError("a bug")
    await world.interact(press())
    await world.talk.drain(1)
    assert world.chat.answers == {ADDRESS: [message("broken")]}


async def test_a_press_that_meets_an_outage_says_so_to_the_presser(world: SlackWorld) -> None:
    world.desk.answer = Unavailable("redis", "it does not answer")
    await world.interact(press())
    await world.talk.drain(1)
    assert world.chat.answers == {ADDRESS: [message("broken")]}


async def test_draining_waits_no_longer_than_told(world: SlackWorld) -> None:
    world.desk.slow = asyncio.Event()
    await world.interact(press())
    await world.talk.drain(0.01)
    await settle()
    assert world.talk._later == set()
