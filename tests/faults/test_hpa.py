"""Autoscalers and a release on the same pods: the floor of stable's is held and given back, what it scales is respected."""

from pathlib import Path

import pytest

from bot.errors import ReasonCode, refuse
from bot.release.phases import Phase
from sandbox.kube import Fault, FaultKind
from tests.faults.nodes import Nodes, nodes
from tests.scenarios.conftest import adopted, ana, quiet, theatre
from tests.scenarios.killing import kill_at
from tests.scenarios.theatre import Person, Theatre

__all__ = ["adopted", "ana", "quiet", "theatre"]

HPA = "HorizontalPodAutoscaler shop/checkout"
SINCE = "as somebody set it since, not 2 as before"
CHANGED = (
    f"Autoscaler changed by somebody else: {HPA} was set to at least 3 pods, where 4 were held; "
    "that stays; a rollback may find fewer pods than stable had"
)
HELD = f"Autoscaler: {HPA} keeps at least 4 pods while the release lives, not 2"


async def baking(world: Nodes) -> None:
    await world.types("checkout v1.3.0")
    await world.until(Phase.BAKING)


async def gone_quiet(world: Nodes) -> None:
    """Nobody buys: the autoscaler would leave stable as few pods as it may."""
    world.desire(1)
    await world.in_time(lambda: world.replicas() == world.floor)


async def test_f27_the_floor_is_held_before_a_canary_exists_and_given_back_after_the_promotion(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path, floor=2) as world:
        world.kube.faults.set(Fault(FaultKind.PENDING, labels="lockmaster.dev/track=canary"))
        await world.types("checkout v1.3.0")
        await world.in_time(lambda: world.floor == 4)
        await gone_quiet(world)
        assert (world.floor, world.replicas(), world.canary) == (4, 4, 0)
        assert world.thread() == ["Set out: holds the route object", HELD]
        world.kube.faults.lift_all()

        for phase in (Phase.BAKING, Phase.PROMOTING, Phase.FINISHING):
            await world.until(phase)
            assert (world.floor, world.replicas()) == (4, 4)

        await world.until(Phase.PROMOTED)
        await world.in_time(lambda: (world.floor, world.replicas()) == (2, 2))
        await world.pass_(40)
        assert world.thread()[-1] == (f"Tidied up: no canary is left; {HPA} keeps at least 2 pods, as before")


async def test_f27_the_floor_is_given_back_after_a_rollback(tmp_path: Path) -> None:
    async with nodes(tmp_path, floor=2) as world:
        await baking(world)
        await gone_quiet(world)
        assert (world.floor, world.replicas()) == (4, 4)

        await world.types("rollback checkout")
        await world.until(Phase.ROLLED_BACK)
        await world.in_time(lambda: (world.floor, world.replicas()) == (2, 2))


async def test_f27_the_floor_is_given_back_when_the_canary_never_started(tmp_path: Path) -> None:
    async with nodes(tmp_path, floor=2) as world:
        world.kube.faults.set(Fault(FaultKind.IMAGE_PULL, labels="lockmaster.dev/track=canary"))
        await world.types("checkout v1.3.0")
        await world.in_time(lambda: world.floor == 4)
        await gone_quiet(world)
        assert world.replicas() == 4

        await world.until(Phase.CANCELLED)
        await world.in_time(lambda: (world.floor, world.replicas()) == (2, 2))


async def test_f27_a_floor_that_somebody_changed_is_said_and_stays(tmp_path: Path) -> None:
    async with nodes(tmp_path, floor=2) as world:
        await baking(world)
        await gone_quiet(world)
        world.set_floor(3)
        await world.until(Phase.PROMOTED)
        await world.pass_(40)

        assert world.floor == 3
        said = [line for line in world.thread() if HPA in line]
        assert said == [HELD, CHANGED, f"Tidied up: no canary is left; {HPA} keeps at least 3 pods, {SINCE}"]


async def test_f27_a_stable_that_is_scaled_up_mid_step_gets_a_canary_to_match_before_more_weight(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path, floor=2) as world:
        await baking(world)
        world.desire(7)
        await world.in_time(lambda: world.replicas("checkout-canary") == 4)
        assert (world.canary, world.replicas()) == (50, 7)

        full = world.kube.faults.set(Fault(FaultKind.PENDING, labels="lockmaster.dev/track=canary"))
        await world.until(Phase.SHIFTING)
        await world.pass_(10)
        assert (world.canary, world.replicas("checkout-canary")) == (50, 7)

        world.kube.faults.lift(full)
        await world.in_time(lambda: world.canary == 100)


async def test_f27_a_stable_scaled_away_while_idle_is_brought_up_before_traffic_comes_home(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path, floor=2) as world:
        await baking(world)
        world.desire(7)
        await world.until(Phase.SHIFTING)
        await world.in_time(lambda: world.canary == 100)
        assert world.replicas("checkout-canary") == 7
        await gone_quiet(world)
        assert (world.floor, world.replicas()) == (4, 4)

        await world.until(Phase.FINISHING)

        assert (world.canary, world.floor, world.replicas()) == (0, 7, 7)
        await world.until(Phase.PROMOTED)
        await world.in_time(lambda: (world.floor, world.replicas()) == (2, 2))


async def test_f27_a_canary_that_somebody_scales_is_left_alone_unless_it_has_too_few_pods(
    tmp_path: Path,
) -> None:
    async with nodes(tmp_path) as world:
        await baking(world)
        world.scale("checkout-canary", 6)
        await world.pass_(6)
        assert (world.canary, world.replicas("checkout-canary")) == (50, 6)

        world.scale("checkout-canary", 1)
        await world.in_time(lambda: world.replicas("checkout-canary") == 2)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("verb", ["hold", "give_back"])
async def test_f27_a_killed_bot_has_a_successor_that_holds_the_floor_or_gives_it_back(
    theatre: Theatre, ana: Person, verb: str, *, after: bool
) -> None:
    scaler = theatre.cluster.autoscale(theatre.service(), floor=1)
    deaths = kill_at(theatre.autoscalers, verb, after=after)
    await ana.types("checkout v1.3.0 canary 50% every 5s auto")
    await theatre.until(Phase.BAKING)
    assert (scaler.floor, scaler.was) == (3, 1)
    await theatre.until(Phase.PROMOTED)
    await theatre.pass_(10)
    assert (scaler.floor, scaler.held, scaler.was) == (1, None, None)
    assert deaths == [verb]


async def test_f27_an_autoscaler_that_may_not_be_looked_at_stops_a_start_and_no_rollback(
    theatre: Theatre, ana: Person
) -> None:
    scaler = theatre.cluster.autoscale(theatre.service(), floor=1)
    denied = refuse(ReasonCode.NOT_READY, "Lockmaster may not list horizontalpodautoscalers", "Allow it.")
    theatre.cluster.hidden = denied
    await ana.types("checkout v1.3.0 canary 50%")
    await theatre.pass_(20)
    assert "stable's autoscaler cannot be looked for: Lockmaster may not list" in " ".join(
        theatre.card().split()
    )
    theatre.cluster.hidden = None
    await theatre.until(Phase.BAKING)
    assert scaler.floor == 3

    theatre.cluster.hidden = denied
    await ana.types("rollback checkout")
    assert theatre.weights() == "100/0"
    await theatre.until(Phase.ROLLED_BACK)
    await theatre.pass_(60)
    assert ("shop", "checkout-canary") not in theatre.cluster.deployments
    assert "cannot go on: Lockmaster may not list horizontalpodautoscalers" in theatre.channel()[-1]
    assert scaler.floor == 3

    theatre.cluster.hidden = None
    await theatre.pass_(10)
    assert scaler.floor == 1


async def test_f27_a_start_waits_for_an_autoscaler_that_cannot_be_seen_until_the_deadline(
    theatre: Theatre, ana: Person
) -> None:
    theatre.cluster.hidden = refuse(ReasonCode.NOT_READY, "Lockmaster may not list them", "Allow it.")
    await ana.types("checkout v1.3.0 canary 50%")
    await theatre.until(Phase.CANCELLED, within=190)
    assert theatre.thread()[-1] == (
        "Ended: not ready in time: stable's autoscaler cannot be looked for: Lockmaster may not list them"
    )


async def test_f27_a_floor_as_high_as_stable_is_is_not_touched(theatre: Theatre, ana: Person) -> None:
    scaler = theatre.cluster.autoscale(theatre.service(), floor=3)
    await ana.types("checkout v1.3.0 canary 50% every 5s auto")
    await theatre.until(Phase.PROMOTED)
    await theatre.pass_(40)
    assert (scaler.floor, scaler.owner) == (3, None)
    assert theatre.thread()[-1] == "Tidied up: no canary is left"


async def test_f27_no_more_is_held_than_the_autoscaler_allows(theatre: Theatre, ana: Person) -> None:
    scaler = theatre.cluster.autoscale(theatre.service(), floor=1, ceiling=2)
    await ana.types("checkout v1.3.0 canary 50%")
    await theatre.until(Phase.BAKING)
    assert (scaler.floor, scaler.was) == (2, 1)
