"""Whoever is turned back goes first, and holds up nobody for long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.reconciler import rush
from bot.reconciler.rush import Rush
from bot.release.instructions import Ask
from bot.release.phases import Phase
from tests.fakes.clock import settle
from tests.scenarios.conftest import adopted, ana, theatre
from tests.scenarios.theatre import Person, Theatre
from tests.support.values import instruction

__all__ = ["adopted", "ana", "theatre"]  # the fixtures of the scenarios


async def test_others_wait_until_everybody_in_a_rush_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rush, "HEAD_START", 60)
    way = Rush()
    way.begin("R-1")
    way.begin("R-2")
    waiting = asyncio.create_task(way.over())
    way.end("R-1")
    way.end("R-1")
    await settle()
    assert not waiting.done()
    way.end("R-2")
    await waiting


async def test_who_hangs_in_a_rush_holds_up_nobody_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rush, "HEAD_START", 0.01)
    way = Rush()
    way.begin("R-1")
    await way.over()


class Held:
    """A call that stands still until it is let go."""

    def __init__(self, call: Callable[..., Awaitable[Any]]) -> None:
        self._call = call
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, *given: Any) -> Any:
        self.reached.set()
        await self.go_on.wait()
        return await self._call(*given)


async def test_others_wait_until_the_weight_is_written_and_not_for_what_is_told_of_it(
    theatre: Theatre, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rush, "HEAD_START", 60)
    for service in ("checkout", "payments"):
        await ana.types(f"{service} v1.3.0 canary 50% every 1h ask")
    for release in ("R-1001", "R-1002"):
        await theatre.until(Phase.BAKING, release)
    actor, recorder = theatre.bot.reconciler._world.actor, theatre.bot.reconciler._world.recorder
    writes, tells = Held(actor.act), Held(recorder.audit)
    monkeypatch.setattr(type(actor), "act", lambda _, *given: writes(*given))
    monkeypatch.setattr(type(recorder), "audit", lambda _, *given: tells(*given))

    back = asyncio.create_task(theatre.bot.follower.now("R-1001", instruction("W-1", Ask.ROLL_BACK)))
    await writes.reached.wait()
    other = asyncio.create_task(theatre.bot.reconciler.run("R-1002"))
    await settle()
    assert not other.done()

    writes.go_on.set()
    await tells.reached.wait()
    await other
    assert not back.done()

    tells.go_on.set()
    await back
    assert (await theatre.release("R-1001")).phase is Phase.ROLLING_BACK
