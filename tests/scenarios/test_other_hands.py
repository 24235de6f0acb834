"""Weights edited by hand in mid-release: seen, paused, and put to people."""

from inspect import cleandoc as block

import pytest

from bot.release.model import Split
from bot.release.phases import Phase
from bot.release.weight import Weight
from tests.scenarios.theatre import Person, Theatre

THEIRS = Split.of(Weight.of(40))


async def drifted(theatre: Theatre, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 25% 50% every 10s")
    await theatre.until(Phase.GATE)
    theatre.cluster.edit_route(theatre.service(), THEIRS)
    await theatre.pass_(6)


async def test_weights_edited_by_hand_pause_the_release_and_ask(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await drifted(theatre, ana)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   25 %  50 %  100 %
        needs you · 14 s
        traffic   ordered 25 %   observed 40.0 %
        errors    canary 0.00 %    stable 0.00 %    limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 400 requests
        Paused by Lockmaster: the route says 40 % to the canary, not 25 %.
        [Apply again] [Adopt theirs] [Roll back] [Details]
        """)
    assert theatre.notice(-1) == block("""
        Stopped   checkout v1.2.9 → v1.3.0 (R-1001): the route says 40 % to the canary, not 25 %.
        The buttons are on its live message. To go on: @shop-leads (not the requester). To roll back:
        members of #shop-releases. /release show R-1001 tells everything.
        """)
    assert await bo.types("resume checkout") == block("""
        checkout v1.2.9 → v1.3.0 (R-1001) waits because somebody else changed the weights.
        Press Apply again, Adopt theirs or Roll back on its message.
        """)
    assert await ana.presses("Apply again") == block("""
        You started this release, so somebody else has to promote it.
        Ask somebody else of @shop-leads.
        """)
    await theatre.pass_(60)
    assert theatre.weights() == "60/40"


async def test_apply_again_puts_our_weights_back(theatre: Theatre, ana: Person, bo: Person) -> None:
    await drifted(theatre, ana)
    assert await bo.presses("Apply again") is None
    assert theatre.weights() == "75/25"
    await theatre.until(Phase.GATE)
    assert theatre.thread()[-4:] == [
        "Changed by somebody else: the route says 40 % to the canary, not 25 %",
        "Weight ordered: 25 % to the canary",
        "Weight in effect: 25.0 % of the requests reach the canary",
        "Asked: 25 % is healthy",
    ]


async def test_adopt_theirs_goes_on_from_their_weights(theatre: Theatre, ana: Person, bo: Person) -> None:
    await drifted(theatre, ana)
    seen = theatre.standing()
    assert await bo.presses("Adopt theirs") is None
    assert theatre.weights() == "60/40"
    await theatre.pass_(6)
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   40 %  50 %  100 %
        watching · 22 s · next decision in 0:10
        traffic   ordered 40 %   observed 40.0 %
        errors    canary 0.00 %    stable 0.00 %    limit 0.50 %   ✓
        p95       canary 100 ms    stable 100 ms    limit +20 %    ✓
        verdict   healthy, 400 requests
        [Promote to 50 %] [Pause] [Roll back] [Details]
        """)
    assert (
        await bo.presses_on(seen, "Apply again")
        == "checkout v1.2.9 → v1.3.0 (R-1001) has the weights it ordered."
    )
    assert await bo.presses("Promote to 50 %") is None


async def test_roll_back_works_at_their_weights_too(theatre: Theatre, ana: Person) -> None:
    await drifted(theatre, ana)
    assert await ana.presses("Roll back") is None
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)


async def test_a_drift_that_is_undone_lets_the_release_go_on(theatre: Theatre, ana: Person) -> None:
    await drifted(theatre, ana)
    theatre.cluster.edit_route(theatre.service(), Split.of(Weight.of(25)))
    await theatre.pass_(6)
    assert (await theatre.release()).paused is None
    assert theatre.thread()[-2:] == [
        "Changed by somebody else: the route says 40 % to the canary, not 25 %",
        "Settled: the route says 25 % again",
    ]


async def test_a_drift_during_a_person_s_pause_leaves_the_pause(
    theatre: Theatre, ana: Person, dee: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% 50% every 10s auto")
    await theatre.until(Phase.BAKING)
    await dee.types("pause checkout")
    theatre.cluster.edit_route(theatre.service(), THEIRS)
    await theatre.pass_(6)
    theatre.cluster.edit_route(theatre.service(), Split.of(Weight.of(25)))
    await theatre.pass_(6)
    assert (await theatre.release()).paused is not None


async def test_apply_again_works_while_a_weight_is_on_its_way(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% 50% every 10s")
    theatre.cluster.edit_route(theatre.service(), THEIRS)
    await theatre.pass_(6)
    assert (await theatre.release()).phase is Phase.SHIFTING
    assert await bo.presses("Apply again") is None
    await theatre.until(Phase.BAKING)
    assert theatre.weights() == "75/25"


@pytest.mark.parametrize("phase", [Phase.FINISHING, Phase.ROLLING_BACK])
async def test_on_the_way_out_our_weights_are_written_again(
    theatre: Theatre, ana: Person, phase: Phase
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10s auto")
    if phase is Phase.ROLLING_BACK:
        await theatre.until(Phase.BAKING)
        await ana.types("rollback checkout")
    await theatre.until(phase)
    theatre.cluster.edit_route(theatre.service(), THEIRS)
    await theatre.pass_(10)
    assert theatre.weights() == "100/0"
    assert (await theatre.release()).phase.terminal
