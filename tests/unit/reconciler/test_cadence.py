"""How late the bot is, for those who ask, and in the log."""

import asyncio

from structlog.testing import capture_logs

from bot.reconciler.cadence import BEHIND, LOOKS, PASSES, REMEMBERED, Cadence
from bot.reconciler.follow import BREATH
from tests.fakes.clock import FakeClock, settle
from tests.scenarios.conftest import adopted, ana, theatre
from tests.scenarios.theatre import Person, Theatre
from tests.support.values import instruction, release

__all__ = ["adopted", "ana", "theatre"]  # the fixtures of the scenarios


async def test_the_worst_of_the_last_minute_is_told() -> None:
    clock = FakeClock()
    cadence = Cadence(clock)
    told = []
    for late in (0.1, BEHIND, 0.2, -0.1):
        cadence.note(PASSES, late)
        told.append(dict(cadence.lags()))
        await clock.advance(REMEMBERED / 2 + 1)
    await clock.advance(REMEMBERED)
    assert told == [{PASSES: 0.1}, {PASSES: BEHIND}, {PASSES: BEHIND}, {PASSES: 0.2}]
    assert (cadence.lags(), cadence.behind()) == ({PASSES: 0.0}, {})


async def test_the_log_says_once_that_it_is_behind_and_that_it_is_back() -> None:
    clock = FakeClock()
    cadence = Cadence(clock)
    with capture_logs() as logs:
        for late in (0.0, 3.0, 4.0):
            cadence.note(LOOKS, late)
        cadence.note(PASSES, 0.0)
        assert cadence.behind() == {LOOKS: 4.0}
        await clock.advance(REMEMBERED + 1)
        cadence.note(LOOKS, 0.0)
    assert [(line["event"], line["what"], line.get("late")) for line in logs] == [
        ("behind the cadence", LOOKS, 3.0),
        ("back to the cadence", LOOKS, None),
    ]


async def test_a_sampler_that_was_held_up_is_behind_and_people_are_told(
    theatre: Theatre, ana: Person
) -> None:
    looking = asyncio.create_task(theatre.bot.sampler.run())
    await theatre.clock.advance(3)
    assert "cadence" not in await ana.types("status checkout")

    theatre.clock._elapsed += 5  # nothing ran meanwhile
    await theatre.clock.advance(1)

    told = "Lockmaster does not keep its cadence: looks at the metrics up to 4 s late in the last minute."
    assert told in await ana.types("status checkout")
    assert told in await ana.types("check checkout")
    looking.cancel()
    await asyncio.wait([looking])


async def test_a_wish_whose_bot_died_is_taken_in_within_a_round(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.pass_(30)
    await theatre.releases.instruct("R-1001", instruction("press-1"))
    theatre.scheduler.due.clear()

    await theatre.bot.follower.round(sweep=False)

    assert theatre.scheduler.due == {"R-1001": theatre.clock.now()}
    await settle()


async def test_a_sweep_over_many_lets_others_go_between(theatre: Theatre) -> None:
    for number in range(60):
        await theatre.releases.save(release(f"R-{number}"), (), ())
    sweeping = asyncio.create_task(theatre.bot.follower.round(sweep=True))
    set_by_then = []
    for _ in range(3):
        await settle()
        set_by_then.append(len(theatre.scheduler.due))
        await theatre.clock.advance(BREATH)
    await sweeping
    assert set_by_then == [24, 49, 60]
