"""A weight counts when it is seen in the traffic, and a canary's pods go when the traffic was seen without them."""

from inspect import cleandoc as block

import pytest

from bot.ports.workloads import Track
from bot.release.model import ALL_STABLE, Split
from bot.release.observed import MeshSeen
from bot.release.phases import Phase
from bot.release.weight import Weight
from tests.scenarios.conftest import ana, bo, quiet, theatre
from tests.scenarios.theatre import Person, Theatre

__all__ = ["ana", "bo", "quiet", "theatre"]  # the fixtures of the scenarios
AUTO = "checkout v1.3.0 canary 5% 50% every 30s auto"
FIVE = Split.of(Weight.of(5))


@pytest.fixture
def adopted() -> bool:
    return True


def istiod_goes(theatre: Theatre, stays: Split = ALL_STABLE) -> None:
    """Writes are taken by the API server, and no proxy hears of them."""
    theatre.stuck["checkout"] = stays
    theatre.metrics.control_plane = MeshSeen(away=True, refused=0.0)


def istiod_returns(theatre: Theatre) -> None:
    theatre.stuck.clear()
    theatre.metrics.control_plane = MeshSeen(away=False, refused=0.0)


def has_canary(theatre: Theatre) -> bool:
    return ("shop", "checkout-canary") in theatre.cluster.deployments


async def test_f66_a_weight_that_is_written_and_not_applied_is_said_rung_once_and_goes_on_by_itself(
    theatre: Theatre, ana: Person
) -> None:
    istiod_goes(theatre)
    await ana.types(AUTO)
    await theatre.pass_(45)
    assert theatre.weights() == "95/5"
    assert theatre.card() == block("""
        checkout   v1.2.9 → v1.3.0   canary   R-1001
        started by @ana
        ◐────○────○   5 %  50 %  100 %
        moving traffic · 45 s
        traffic   ordered 5 %   observed 0.0 %
        errors    canary -         stable -         limit 0.50 %   …
        p95       canary -         stable -         limit +20 %    …
        verdict   not enough traffic: 0 of 20 requests in 10 s
        The weight is not in effect: 0.0 % of the requests reach the canary, 5 % is ordered; istiod is away;
        the weight arrives by itself when it is back.
        [Wait longer] [Go on anyway] [Pause] [Roll back] [Details]
        """)
    await theatre.pass_(600)
    assert theatre.weights() == "95/5"
    assert (await theatre.release()).phase is Phase.SHIFTING
    assert (await theatre.release()).observed_at is None
    assert theatre.channel()[1:] == [
        (
            "checkout v1.2.9 → v1.3.0 (R-1001) needs you: the weight is not in effect: 0.0 % of the requests reach "
            "the canary, 5 % is ordered; istiod is away; the weight arrives by itself when it is back."
        )
    ]
    istiod_returns(theatre)
    await theatre.pass_(20)
    assert (await theatre.release()).phase is Phase.BAKING
    await theatre.until(Phase.PROMOTED)
    assert len(theatre.channel()) == 3


async def test_f66_the_bake_clock_stands_until_the_weight_is_seen_also_after_a_restart(
    theatre: Theatre, ana: Person
) -> None:
    istiod_goes(theatre)
    await ana.types(AUTO)
    for _ in range(10):
        await theatre.pass_(10)
        theatre.restart()
    assert ((await theatre.release()).phase, theatre.weights()) == (Phase.SHIFTING, "95/5")
    istiod_returns(theatre)
    await theatre.until(Phase.BAKING)
    since = theatre.clock.now()
    theatre.restart()
    await theatre.pass_(20)
    assert (await theatre.release()).phase is Phase.BAKING
    await theatre.until(Phase.SHIFTING)
    assert (theatre.clock.now() - since).total_seconds() >= 30


async def test_f66_an_object_that_proxies_refuse_is_told_from_an_istiod_that_is_away(
    theatre: Theatre, ana: Person
) -> None:
    istiod_goes(theatre)
    theatre.metrics.control_plane = MeshSeen(away=False, refused=4.0)
    await ana.types(AUTO)
    await theatre.pass_(130)
    assert theatre.notice(-1) == block("""
        Needs you   checkout v1.2.9 → v1.3.0 (R-1001): the weight is not in effect: 0.0 % of the requests
        reach the canary, 5 % is ordered; proxies refused 4 updates in the last 5 min, so some object is
        broken, such as a route with weights that are all 0; istioctl analyze -A finds it, and once it is
        mended the weight arrives by itself.
        The buttons are on its live message. To go on: @shop-leads (not the requester). To roll back:
        members of #shop-releases.
        """)


async def test_f66_traffic_that_ends_before_the_weight_arrived_is_not_the_mesh_s_fault(
    theatre: Theatre, ana: Person
) -> None:
    istiod_goes(theatre)
    await ana.types(AUTO)
    await theatre.pass_(10)
    theatre.rates["checkout"] = 0.0
    istiod_returns(theatre)
    await theatre.pass_(100)
    assert (await theatre.release()).phase is Phase.SHIFTING
    assert theatre.card().splitlines()[-3:-1] == [
        "The weight is not in effect: no requests reach either version, which is not the mesh's doing; it",
        "goes on by itself once there are some.",
    ]
    assert len(theatre.channel()) == 1
    theatre.rates["checkout"] = 100.0
    await theatre.until(Phase.BAKING, within=30)


async def test_f66_a_next_weight_that_does_not_arrive_is_no_reason_to_go_on(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types(AUTO)
    await theatre.until(Phase.BAKING)
    istiod_goes(theatre, FIVE)
    await theatre.pass_(300)
    assert ((await theatre.release()).phase, theatre.weights()) == (Phase.SHIFTING, "50/50")


async def test_f66_a_rollback_that_is_not_applied_is_rung_once_keeps_the_pods_and_ends_when_it_arrives(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 5% every 10m")
    await theatre.until(Phase.BAKING)
    istiod_goes(theatre, FIVE)
    await ana.types("rollback checkout")
    assert theatre.weights() == "100/0"
    await theatre.pass_(900)
    assert has_canary(theatre)
    assert (await theatre.release()).phase is Phase.ROLLING_BACK
    assert theatre.notice(-1) == block("""
        Needs you   checkout v1.2.9 → v1.3.0 (R-1001): the rollback is not in effect: 5.0 % of the requests
        still reach the canary, 0 % is ordered; istiod is away; the weight arrives by itself when it is
        back.
        It ends by itself once the requests follow.
        """)
    assert len(theatre.channel()) == 2
    istiod_returns(theatre)
    await theatre.until(Phase.ROLLED_BACK, within=30)
    await theatre.pass_(29)
    assert has_canary(theatre)
    await theatre.pass_(10)
    assert not has_canary(theatre)


async def test_pods_that_nobody_can_see_stay_until_prometheus_is_back_also_after_a_kill(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 5% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.metrics.away = "no route to host"
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK, within=60)
    for _ in range(10):
        await theatre.pass_(10)
        theatre.restart()
    assert has_canary(theatre)
    theatre.metrics.away = None
    await theatre.pass_(10)
    assert not has_canary(theatre)
    assert (await theatre.release()).tidied


async def test_pods_that_are_seen_with_requests_stay_and_those_nobody_ever_sees_go_after_ten_minutes(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 5% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.metrics.away = "no route to host"
    istiod_goes(theatre, FIVE)
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK, within=60)
    theatre.metrics.away = None
    await theatre.pass_(700)
    assert has_canary(theatre)
    theatre.metrics.away = "no route to host"
    await theatre.pass_(20)
    assert not has_canary(theatre)


async def test_a_killed_bot_s_successor_keeps_the_pods_for_thirty_seconds_too(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 5% every 10m")
    await theatre.until(Phase.BAKING)
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    for _ in range(29):
        await theatre.pass_(1)
        theatre.restart()
        assert theatre.cluster.deployed(theatre.service(), Track.CANARY).ready
    await theatre.pass_(10)
    assert not has_canary(theatre)
