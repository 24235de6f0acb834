"""The same signed request at another replica: it is known only while it is read already, and changes nothing."""

import asyncio
from dataclasses import replace

from bot.messages.model import Message
from bot.messages.terminal import render
from bot.ports.desks import Origin, Request
from bot.release.phases import Phase
from tests.scenarios.theatre import Person, Theatre

TOLD = "This request was taken in before; nothing was done."


def again(person: Person) -> Origin:
    """A request that another replica has taken in."""
    known: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    known.set_result(False)
    return replace(person.speaks(), request=Request("repeated", known))


async def test_a_repeated_start_takes_no_lock(theatre: Theatre, ana: Person) -> None:
    answer = await theatre.bot.front.typed(again(ana), "checkout v1.3.0 canary 5%")
    assert render(answer) == TOLD
    assert await theatre.locks.all() == ()
    assert theatre.cluster.writes == []


async def test_a_repeated_command_changes_nothing(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0")
    await theatre.until(Phase.BAKING)
    before = await theatre.releases.load("R-1001")
    assert render(await theatre.bot.front.typed(again(ana), "rollback checkout")) == TOLD
    assert await theatre.releases.load("R-1001") == before


async def test_a_repeated_press_or_dialog_changes_nothing(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0")
    await theatre.until(Phase.BAKING)
    before = await theatre.releases.load("R-1001")
    assert before is not None
    pressed = await theatre.bot.front.pressed(again(ana), "roll_back", before.token)
    submitted = await theatre.bot.front.submitted(again(ana), "go_on_anyway", before.token, "JIRA-12")
    assert isinstance(pressed, Message)
    assert isinstance(submitted, Message)
    assert [render(pressed), render(submitted)] == [TOLD, TOLD]
    assert await theatre.releases.load("R-1001") == before
