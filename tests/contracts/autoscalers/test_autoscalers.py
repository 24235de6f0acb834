"""What `Autoscalers` promises, on the fakes and on the real adapter."""

from dataclasses import replace

import pytest

from bot.errors import Conflict, Refused, Unavailable
from bot.ports.autoscalers import Autoscaler
from bot.release.grant import Grant
from tests.support.until import until
from tests.support.worlds import CHECKOUT, World

GRANT, END = Grant("checkout", "R-7", 4), Grant("checkout", "R-7", 9)
LATER = Grant("checkout", "R-8", 12)

FREE = Autoscaler(
    name="HorizontalPodAutoscaler shop/checkout",
    floor=2,
    ceiling=10,
    held=None,
    was=None,
    owner=None,
    revision=0,
    counts_canary=True,
)
HELD = replace(FREE, floor=3, held=3, was=2, owner="R-7", revision=4)
GIVEN_BACK = replace(FREE, owner="R-7", revision=9)


async def seen(world: World, wanted: Autoscaler) -> None:
    """Nobody is told of an autoscaler's changes: the watch is a moment behind."""

    async def as_wanted() -> bool:
        return await world.autoscalers.read(CHECKOUT) == wanted

    await until(as_wanted)


@pytest.fixture
async def scaled(world: World) -> World:
    await world.autoscale(2, 10)
    await seen(world, FREE)
    return world


async def test_a_stable_that_nothing_scales_has_none_and_nothing_is_held_or_given_back(world: World) -> None:
    await world.autoscalers.hold(GRANT, CHECKOUT, 3)
    await world.autoscalers.give_back(END, CHECKOUT)

    assert await world.autoscalers.read(CHECKOUT) is None


async def test_a_floor_is_held_once_and_what_it_was_stands_beside_it(scaled: World) -> None:
    await scaled.autoscalers.hold(GRANT, CHECKOUT, 3)
    await scaled.autoscalers.hold(replace(GRANT, revision=5), CHECKOUT, 3)

    assert await scaled.autoscalers.read(CHECKOUT) == HELD


async def test_a_floor_is_given_back_and_the_stamp_stays(scaled: World) -> None:
    await scaled.autoscalers.hold(GRANT, CHECKOUT, 3)

    await scaled.autoscalers.give_back(END, CHECKOUT)
    await scaled.autoscalers.give_back(END, CHECKOUT)

    assert await scaled.autoscalers.read(CHECKOUT) == GIVEN_BACK


async def test_whoever_slept_cannot_hold_a_floor_that_was_given_back(scaled: World) -> None:
    await scaled.autoscalers.give_back(END, CHECKOUT)

    with pytest.raises(
        Conflict, match="HorizontalPodAutoscaler shop/checkout belongs to revision 9, not to 4"
    ):
        await scaled.autoscalers.hold(GRANT, CHECKOUT, 3)

    assert await scaled.autoscalers.read(CHECKOUT) == GIVEN_BACK


async def test_a_floor_held_higher_is_given_back_all_the_same(scaled: World) -> None:
    await scaled.autoscalers.hold(GRANT, CHECKOUT, 3)
    await scaled.autoscalers.hold(replace(GRANT, revision=6), CHECKOUT, 5)
    assert await scaled.autoscalers.read(CHECKOUT) == replace(HELD, floor=5, held=5, revision=6)

    await scaled.autoscalers.give_back(END, CHECKOUT)

    assert await scaled.autoscalers.read(CHECKOUT) == GIVEN_BACK


async def test_a_floor_that_somebody_changed_is_neither_held_again_nor_set_back(scaled: World) -> None:
    await scaled.autoscalers.hold(GRANT, CHECKOUT, 3)
    await scaled.set_floor(7)
    changed = replace(HELD, floor=7)
    await seen(scaled, changed)

    await scaled.autoscalers.hold(GRANT, CHECKOUT, 3)
    assert await scaled.autoscalers.read(CHECKOUT) == changed

    await scaled.autoscalers.give_back(END, CHECKOUT)
    assert await scaled.autoscalers.read(CHECKOUT) == replace(GIVEN_BACK, floor=7)


async def test_the_next_release_takes_over_what_another_still_holds(scaled: World) -> None:
    await scaled.autoscalers.hold(GRANT, CHECKOUT, 3)

    await scaled.autoscalers.hold(LATER, CHECKOUT, 4)
    await scaled.autoscalers.give_back(END, CHECKOUT)

    assert await scaled.autoscalers.read(CHECKOUT) == replace(HELD, floor=4, held=4, owner="R-8", revision=12)


async def test_a_hold_whose_answer_is_lost_is_read_as_done(scaled: World) -> None:
    await scaled.lose_next_answer()

    with pytest.raises(Unavailable):
        await scaled.autoscalers.hold(GRANT, CHECKOUT, 3)

    await seen(scaled, HELD)


async def test_a_hold_that_the_cluster_denies_is_refused_and_changes_nothing(scaled: World) -> None:
    await scaled.deny_next_write()

    with pytest.raises(Refused):
        await scaled.autoscalers.hold(GRANT, CHECKOUT, 3)

    assert await scaled.autoscalers.read(CHECKOUT) == FREE
