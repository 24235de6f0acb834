"""A loop that does not go round any more is found, and nothing else is."""

from bot.reconciler.watchdog import LONGEST, Watchdog
from tests.fakes.clock import FakeClock


async def test_a_loop_that_stands_still_is_named_and_one_that_turns_is_not() -> None:
    clock, rounds = FakeClock(), {"passes": 1, "sampler": 1}
    watchdog = Watchdog(clock, lambda: rounds)
    assert watchdog.stuck() == ()
    for _ in range(4):
        await clock.advance(LONGEST / 3)
        rounds["sampler"] += 1
        found = watchdog.stuck()
    assert found == ("passes",)
    rounds["passes"] += 1
    assert watchdog.stuck() == ()


async def test_a_pause_between_two_questions_is_held_against_nobody() -> None:
    clock, rounds = FakeClock(), {"passes": 1}
    watchdog = Watchdog(clock, lambda: rounds)
    await clock.advance(10 * LONGEST)
    assert watchdog.stuck() == ()
    rounds["passes"] += 1
    await clock.advance(10 * LONGEST)
    assert watchdog.stuck() == ()
