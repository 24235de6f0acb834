"""Watches that break, or only look as if they lived: nothing is decided on what is older than 30 s."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.kubernetes import api, informer
from adapters.kubernetes.cache import Cache, Keep
from adapters.kubernetes.door import Door
from adapters.kubernetes.resources import DEPLOYMENT, Object, Ref
from bench.services import manifests
from bot.release.model import EventKind
from bot.release.phases import Phase
from sandbox.kube import KubeEmulator
from sandbox.kube.resources import DEPLOYMENT as STORED
from tests.fakes.clock import FakeClock
from tests.faults.shop import TIMING, Shop, is_ready, shop, written
from tests.faults.wire import FINE, Fate, Wire, wired
from tests.scenarios.conftest import quiet
from tests.support.until import until

__all__ = ["quiet"]

CHECKOUT = Ref(DEPLOYMENT, "shop", "checkout")
DEAD = Fate(arrives=False, heard=None)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Door, KubeEmulator, Wire, FakeClock]]:
    """A door whose watch of the Deployments has begun."""
    clock = FakeClock()
    async with KubeEmulator(timing=TIMING) as kube, wired(kube.url) as wire, asyncio.timeout(20):
        kube.seed(manifests(("checkout",)))
        kinds = {DEPLOYMENT: Keep()}
        async with (
            Door.open(written(folder, wire.url), clock) as door,
            door.watching(kinds, ["shop"], lambda *_: None),
        ):
            await until(lambda: kube.watches.count == 1 and is_ready(kube))
            yield door, kube, wire, clock


def label(kube: KubeEmulator, text: str) -> None:
    """Somebody labels the Deployment."""
    found = kube.store.get(STORED, "shop", "checkout")
    assert found is not None
    kube.store.put(STORED, {**found, "metadata": {**found["metadata"], "labels": {"said": text}}})


def said(found: Object) -> str:
    return str(found["metadata"].get("labels", {}).get("said"))


async def is_said(door: Door, clock: FakeClock, text: str) -> bool:
    await clock.advance(0.5)
    return said(await door.read(CHECKOUT)) == text


@pytest.mark.parametrize(("compacted", "lists"), [(False, 1), (True, 2)])
async def test_f21_a_watch_that_ends_goes_on_and_is_listed_again_where_its_version_is_gone(
    tmp_path: Path, lists: int, *, compacted: bool
) -> None:
    async with opened(tmp_path) as (door, kube, wire, clock):
        wire.rule = lambda _: DEAD
        kube.watches.drop()
        await until(lambda: kube.watches.count == 0)
        label(kube, "changed meanwhile")
        if compacted:
            kube.store.compact()
        wire.rule = lambda _: FINE

        await until(lambda: is_said(door, clock, "changed meanwhile"))

        assert [sent.verb for sent in wire.sent].count("GET") == lists


async def test_f21_a_half_open_watch_is_given_up_and_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection stands, and nothing comes over it: not even its end."""
    monkeypatch.setattr(informer, "WATCH_SECONDS", 1)
    monkeypatch.setattr(api, "GRACE", 0.1)
    async with opened(tmp_path) as (door, kube, wire, clock):
        wire.thawed.clear()
        label(kube, "unheard")
        wire.sent.clear()

        async def is_begun_anew() -> bool:
            await clock.advance(0.5)
            return "WATCH" in {sent.verb for sent in wire.sent}

        await until(is_begun_anew)
        wire.thawed.set()

        await until(lambda: is_said(door, clock, "unheard"))


async def test_f21_what_a_silent_watch_said_is_believed_for_30_seconds_and_then_the_server_is_asked(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as (door, kube, wire, clock):
        wire.thawed.clear()
        label(kube, "unheard")
        await clock.advance(informer.LONGEST_SILENCE - door.age() - 1)
        assert said(await door.read(CHECKOUT)) == "None"

        await clock.advance(2)
        wire.thawed.set()
        wire.rule = lambda sent: FINE if sent.verb == "GET" else DEAD
        assert said(await door.read(CHECKOUT)) == "unheard"
        [found] = await door.labelled(DEPLOYMENT, "shop", "said", "unheard")
        assert said(found) == "unheard"


async def test_f21_what_is_too_old_and_cannot_be_asked_for_decides_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path) as world:
        await world.person("U1ANA", "ana").types("checkout v1.3.0 every 40s")
        await world.pass_(5)
        world.wire.rule = lambda sent: FINE if sent.writes else DEAD
        world.kube.watches.drop()

        await world.pass_(50)

        assert world.canary == 50
        world.wire.rule = lambda _: FINE
        await world.pass_(10)
        assert world.canary == 100


@pytest.mark.parametrize("behind", ["gone", "down"])
async def test_f21_a_canary_that_its_watch_has_not_told_of_yet_is_neither_gone_nor_down(
    tmp_path: Path, behind: str
) -> None:
    """After a break the watches come back one by one: the routes' may be ahead of the Deployments'."""
    async with shop(tmp_path) as world:
        await world.person("U1ANA", "ana").types("checkout v1.3.0 every 10m")
        await world.until(Phase.BAKING)
        goes_silent(world)
        canary = known(world, "checkout-canary")
        if behind == "gone":
            watched(world).remove(canary)
        else:
            canary["status"] = {}

        await world.pass_(3)

        assert (world.canary, (await world.release()).phase) == (50, Phase.BAKING)


def goes_silent(world: Shop) -> None:
    """From now on no watch says anything."""
    world.wire.rule = lambda sent: DEAD if sent.verb == "WATCH" else FINE
    world.kube.watches.drop()


def watched(world: Shop) -> Cache:
    """The Deployments as their watch has them."""
    found: Cache = world.workloads._door._informers[DEPLOYMENT, "shop"].objects  # type: ignore[attr-defined]
    return found


def known(world: Shop, name: str) -> Object:
    """One of them; may be changed."""
    found = watched(world).get(name)
    assert found is not None
    return found


async def test_f21_pods_of_stable_that_their_watch_has_not_told_of_hold_up_no_rollback(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as world:
        ana = world.person("U1ANA", "ana")
        await ana.types("checkout v1.3.0 every 10m")
        await world.until(Phase.BAKING)
        goes_silent(world)
        known(world, "checkout")["status"] = {}

        await ana.types("rollback checkout because slow")
        await world.pass_(1)

        assert (world.canary, (await world.release()).phase) == (0, Phase.ROLLING_BACK)


def falls_behind(world: Shop) -> None:
    """From now on no watch says anything; the Deployments' had not told of stable's update yet."""
    goes_silent(world)
    stable = known(world, "checkout")
    (container,) = stable["spec"]["template"]["spec"]["containers"]
    container["image"] = container["image"].replace("v1.3.0", "v1.2.9")
    stable["metadata"]["resourceVersion"] = "1"


async def test_f21_an_update_of_stable_that_its_watch_has_not_told_of_was_not_put_back_by_anybody(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as world:
        await world.person("U1ANA", "ana").types("checkout v1.3.0 canary 50% every 5s auto")
        await world.until(Phase.FINISHING)
        falls_behind(world)

        await world.until(Phase.PROMOTED)

        kinds = [one.kind for one in await world.releases.events("R-1001")]
        assert EventKind.NEEDED_HUMAN not in kinds


async def test_f21_a_rollback_takes_an_update_of_stable_back_that_its_watch_has_not_told_of(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as world:
        ana = world.person("U1ANA", "ana")
        await ana.types("checkout v1.3.0 canary 50% every 5s auto")
        await world.until(Phase.FINISHING)
        falls_behind(world)

        await ana.types("rollback checkout because slow")
        await world.until(Phase.ROLLED_BACK)

        stable = world.kube.store.get(STORED, "shop", "checkout")
        assert stable is not None
        (container,) = stable["spec"]["template"]["spec"]["containers"]
        assert container["image"].endswith(":v1.2.9")


async def test_f21_a_start_stands_on_stable_as_it_is_though_its_watch_is_behind(tmp_path: Path) -> None:
    """The promotion before was done at another replica: a rollback of this release must not bring back what was before that."""
    async with shop(tmp_path) as world:
        ana = world.person("U1ANA", "ana")
        await ana.types("checkout v1.3.0 canary 50% every 5s auto")
        await world.until(Phase.PROMOTED)
        await world.pass_(40)
        falls_behind(world)

        await ana.types("checkout v1.4.0 every 10m")
        await world.pass_(3)

        record = await world.release("R-1002")
        assert (record.source, record.previous_image.rpartition(":")[2]) == ("v1.3.0", "v1.3.0")


async def test_f21_a_server_whose_versions_went_back_is_listed_and_believed(tmp_path: Path) -> None:
    """The cluster's store was brought back from a copy: its objects have lower versions than the ones we know."""
    async with opened(tmp_path) as (door, kube, _, clock):
        for text in ("one", "two", "three"):
            label(kube, text)
        await until(lambda: is_said(door, clock, "three"))
        kube.store.revision -= 3
        kube.store.compact()
        label(kube, "as it was")
        kube.watches.drop()

        await until(lambda: is_said(door, clock, "as it was"))
