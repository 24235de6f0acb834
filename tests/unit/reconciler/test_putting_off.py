"""What a round or a pass does that cannot come to its end."""

import asyncio

from structlog.testing import capture_logs

from bot.config.catalogue import Service
from bot.errors import TargetGone, Unavailable
from bot.ports.traffic import Route
from bot.release.phases import Phase
from tests.scenarios.conftest import adopted, ana, bo, theatre
from tests.scenarios.theatre import Person, Theatre, baking

__all__ = ["adopted", "ana", "bo", "theatre"]  # the fixtures of the scenarios


async def test_a_bug_in_one_round_ends_no_other(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)

    async def broken() -> None:
        raise ZeroDivisionError

    theatre.traffic.managed = broken  # type: ignore[method-assign,assignment]
    with capture_logs() as logs:
        running = asyncio.create_task(theatre.bot.follower.run())
        await theatre.clock.advance(4)
    assert "a round broke; the others go on" in [line["event"] for line in logs]
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_store_that_goes_away_in_the_middle_of_a_pass_puts_it_off(
    theatre: Theatre, ana: Person
) -> None:
    await baking(theatre, ana)

    async def forgets(*_: object, **__: object) -> None:
        raise Unavailable("redis", "no contact")

    theatre.traffic.read = forgets  # type: ignore[method-assign,assignment]
    due = await theatre.bot.reconciler.run("R-1001")
    assert due is not None
    assert (due - theatre.clock.now()).total_seconds() == 1


async def test_a_deployment_that_goes_in_the_middle_of_a_pass_puts_it_off(
    theatre: Theatre, ana: Person, bo: Person
) -> None:
    await baking(theatre, ana)

    async def gone(*_: object, **__: object) -> None:
        raise TargetGone("Deployment shop/checkout-canary")

    theatre.workloads.scale_canary = gone  # type: ignore[method-assign]
    with capture_logs() as logs:
        await bo.types("promote checkout")
    assert ("pass put off", "TargetGone") in [(line["event"], line.get("kind")) for line in logs]


async def test_a_route_whose_record_somebody_cut_out_leaves_the_stores(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    before = await theatre.release()
    route = theatre.cluster.routes["shop", "checkout"]
    route.revision, route.state = before.revision + 1, None
    await theatre.bot.reconciler.run("R-1001")
    after = await theatre.release()
    assert (after.phase, after.weights) == (Phase.NEEDS_HUMAN, before.weights)


async def test_a_revision_more_under_the_same_record_is_taken_over(theatre: Theatre, ana: Person) -> None:
    """So an older Lockmaster leaves it that could not read the record, and brought the traffic home."""
    await baking(theatre, ana)
    before = await theatre.release()
    route = theatre.cluster.routes["shop", "checkout"]
    route.revision = before.revision + 1
    await ana.types("pause checkout")
    after = await theatre.release()
    assert after.paused is not None
    assert after.revision == before.revision + 2


async def test_a_start_yields_to_a_record_that_only_a_newer_lockmaster_can_read(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
    route = theatre.cluster.routes["shop", "checkout"]
    theatre.scheduler.due.clear()
    await theatre.releases.save(
        (await theatre.release()).model_copy(update={"id": "R-7", "revision": 0, "phase": Phase.PREPARING}),
        (),
        (),
    )
    route.release, route.state = "R-77", "not for us"
    route.version += 1
    await theatre.bot.reconciler.run("R-7")
    ended = await theatre.releases.load("R-7")
    assert ended is not None
    assert ended.ending is not None
    assert (
        ended.ending.text
        == "the route object belongs to a release whose record this version of Lockmaster cannot read"
    )


async def test_a_watch_that_lags_behind_the_store_loses_no_release(theatre: Theatre, ana: Person) -> None:
    """Another replica claimed the route and said so to the store; our watch still shows it unclaimed."""
    unclaimed = await theatre.traffic.read(theatre.service("checkout"))
    await baking(theatre, ana)
    before = await theatre.release()
    real = theatre.traffic.read

    async def lagging(service: Service, *, fresh: bool = False) -> Route:
        return await real(service, fresh=True) if fresh else unclaimed

    theatre.traffic.read = lagging  # type: ignore[method-assign]
    await theatre.bot.reconciler.run("R-1001")
    assert await theatre.release() == before
