"""What keeps passes coming, what a pass does when it cannot, and what wakes one."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.config.catalogue import Catalogue
from bot.errors import Conflict, Unavailable
from bot.ports.changes import Change
from bot.reconciler.act import Actor
from bot.reconciler.reconciler import STEPS
from bot.reconciler.registry import Registry
from bot.reconciler.waking import Waker
from bot.release.decision import LeaveRoute, SetWeights, Turn
from bot.release.grant import Grant
from bot.release.model import Release
from bot.release.phases import Phase
from tests.fakes.clock import settle
from tests.scenarios.conftest import adopted, ana, theatre
from tests.scenarios.killing import kill_at
from tests.scenarios.theatre import Person, Theatre, baking
from tests.support.values import event, release

__all__ = ["adopted", "ana", "theatre"]  # the fixtures of the scenarios


async def away(*_: object, **__: object) -> None:
    raise Unavailable("kubernetes", "no contact")


async def test_a_sweep_gives_every_release_a_pass(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    theatre.scheduler.due.clear()
    await theatre.bot.follower.round(sweep=False)
    assert theatre.scheduler.due == {}
    await theatre.bot.follower.round(sweep=True)
    assert list(theatre.scheduler.due) == ["R-1001"]


async def test_a_release_that_was_admitted_by_a_bot_which_died_is_looked_at_within_a_round(
    theatre: Theatre, ana: Person
) -> None:
    kill_at(theatre.traffic, "write", after=False)
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    theatre.restart()
    theatre.scheduler.due.clear()
    await theatre.bot.follower.round(sweep=False)
    assert theatre.scheduler.due == {"R-1001": theatre.clock.now()}
    await theatre.until(Phase.BAKING)


async def test_the_follower_goes_round_whatever_fails(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    theatre.redis.begin()
    theatre.cluster.down = "no answer"
    real = theatre.traffic.managed
    theatre.traffic.managed = away  # type: ignore[method-assign,assignment]
    running = asyncio.create_task(theatre.bot.follower.run())
    await theatre.clock.advance(4)
    theatre.traffic.managed = real  # type: ignore[method-assign]
    theatre.cluster.down = None
    theatre.redis.end()
    theatre.scheduler.due.clear()
    await theatre.clock.advance(12)
    assert list(theatre.scheduler.due) == ["R-1001"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_release_nobody_knows_has_no_next_pass(theatre: Theatre) -> None:
    assert await theatre.bot.reconciler.run("R-7") is None
    await theatre.bot.follower.now("R-7")
    assert theatre.scheduler.due == {}


async def test_an_older_release_whose_service_left_the_catalogue_is_logged_and_left_alone(
    theatre: Theatre, ana: Person
) -> None:
    """Its record does not hold the entry yet."""
    await baking(theatre, ana)
    record = await theatre.release()
    older = record.model_copy(update={"entry": None, "revision": record.revision + 1})
    theatre.releases.enter(older, ())
    theatre.catalogue = Catalogue(services={"payments": theatre.service("payments")})
    theatre.restart()
    with capture_logs() as logs:
        due = await theatre.bot.reconciler.run("R-1001")
    assert due is not None
    assert [line["event"] for line in logs] == ["a live release's service left the catalogue"]


async def test_somebody_faster_is_read_again_and_in_the_end_left_for_a_second(
    theatre: Theatre, ana: Person
) -> None:
    await baking(theatre, ana)
    reads: list[bool] = []
    real = theatre.traffic.read

    async def read(service: Any, *, fresh: bool = False) -> Any:
        reads.append(fresh)
        return await real(service, fresh=fresh)

    async def write(*_: object) -> None:
        raise Conflict("somebody was faster")

    theatre.traffic.read, theatre.traffic.write = read, write  # type: ignore[method-assign,assignment]
    await ana.types("rollback checkout")
    due = await theatre.bot.reconciler.run("R-1001")
    assert due is not None
    assert (due - theatre.clock.now()).total_seconds() == 1
    assert reads.count(True) >= STEPS


async def test_a_pass_without_the_cluster_is_put_off_unless_a_rollback_was_asked_for(
    theatre: Theatre, ana: Person
) -> None:
    await baking(theatre, ana)

    theatre.workloads.read = away  # type: ignore[method-assign]
    due = await theatre.bot.reconciler.run("R-1001")
    assert due is not None
    assert (due - theatre.clock.now()).total_seconds() == 1
    await ana.types("rollback checkout")
    assert theatre.weights() == "100/0"


async def test_messages_that_cannot_be_left_are_logged(theatre: Theatre, ana: Person) -> None:
    theatre.mail.begin()
    with capture_logs() as logs:
        await baking(theatre, ana)
    lost = [line["key"] for line in logs if line["event"] == "could not leave a message"]
    assert lost == [
        "R-1001:1:claimed",
        "R-1001:card",
        "R-1001:2:weight_ordered",
        "R-1001:card",
        "R-1001:3:weight_observed",
        "R-1001:card",
    ]


async def test_an_audit_record_that_cannot_be_kept_is_in_the_log(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    theatre.redis.begin()
    with capture_logs() as logs:
        await ana.types("rollback checkout")
    lost = [line for line in logs if line["event"] == "audit record not stored"]
    assert [line["act"] for line in lost] == ["rollback_ordered"]


class Spawned:
    """Runs what a waker starts, and notes which passes it asked for."""

    def __init__(self, theatre: Theatre) -> None:
        self.passes: list[str] = []
        self.registry = Registry(theatre.catalogue, theatre.traffic)
        self.tasks: set[asyncio.Task[None]] = set()
        self.waker = Waker(theatre.catalogue, self.registry, self, theatre.clock, self.spawn)
        theatre.cluster.listen(self.waker.changed)

    async def now(self, release: str, *_wishes: object) -> None:
        self.passes.append(release)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def test_a_change_in_the_cluster_wakes_its_release_once(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    spawned = Spawned(theatre)
    theatre.cluster.touch(theatre.cluster.route(theatre.service()))
    theatre.cluster.break_image("registry.example/shop/checkout:v1.3.0", "OOMKilled", "too big")
    spawned.waker.changed(Change("deployment", "shop", "checkout"))
    await theatre.clock.advance(0.1)
    assert spawned.passes == ["R-1001"]


@pytest.mark.parametrize("name", ["payments", "somebody-else"])
async def test_a_change_of_what_is_not_released_wakes_nobody(
    theatre: Theatre, ana: Person, name: str
) -> None:
    await baking(theatre, ana)
    spawned = Spawned(theatre)
    spawned.waker.changed(Change("pod", "shop", name))
    await theatre.clock.advance(0.1)
    assert spawned.passes == []


async def test_an_ended_release_and_a_cluster_that_is_away_wake_nobody(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    spawned = Spawned(theatre)
    theatre.cluster.down = "no answer"
    spawned.waker.changed(Change("route", "shop", "checkout"))
    await theatre.clock.advance(0.1)
    theatre.cluster.down = None
    await ana.types("rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    await settle()
    spawned.passes.clear()
    spawned.waker.changed(Change("route", "shop", "checkout"))
    await theatre.clock.advance(0.1)
    assert spawned.passes == []


async def test_a_route_that_is_gone_cannot_be_written(theatre: Theatre) -> None:
    actor = Actor(theatre.traffic, theatre.workloads, theatre.autoscalers)
    grant, record = Grant("checkout", "R-1", 1), release("R-1")
    for decision in (Turn(record, event()), SetWeights(record, event())):
        with pytest.raises(AssertionError, match="R-1: a route object that is gone cannot be written"):
            await actor.act(decision, grant, theatre.service(), None)
    await actor.act(LeaveRoute(record, event()), grant, theatre.service(), None)
    assert theatre.cluster.writes == []


async def test_the_registry_knows_what_stands_in_the_routes(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    registry = Registry(theatre.catalogue, theatre.traffic)
    found = await registry.of("checkout")
    assert isinstance(found, Release)
    assert await registry.of("payments") is None
    assert await registry.of("zebra") is None
    assert await registry.by_id("R-1001") == found
    theatre.cluster.delete_route(theatre.service())
    assert await registry.of("checkout") is None


async def test_a_pass_that_is_cut_off_is_left_to_another_replica(theatre: Theatre, ana: Person) -> None:
    await baking(theatre, ana)
    theatre.scheduler.due.clear()

    async def endless(*_: object) -> None:
        await asyncio.Event().wait()

    theatre.releases.load = endless  # type: ignore[method-assign,assignment]
    cut_off = asyncio.create_task(theatre.bot.follower.now("R-1001"))
    await settle()
    cut_off.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut_off
    assert theatre.scheduler.due == {"R-1001": theatre.clock.now()}
