"""A server that asks for patience gets it; a rollback goes first all the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import groupby
from pathlib import Path

import pytest

from adapters.kubernetes.api import Api, Call
from adapters.kubernetes.credentials import Credentials
from adapters.kubernetes.resources import VIRTUAL_SERVICE, Ref
from adapters.kubernetes.urgency import Bucket, Urgency
from bot.errors import Unavailable
from bot.release.phases import Phase
from tests.fakes.clock import FakeClock, settle
from tests.faults.shop import shop, written
from tests.faults.wire import FINE, Fate, Sent
from tests.scenarios.conftest import quiet
from tests.support.until import until, work
from tests.unit.adapters.kubernetes.server import Answer, Script, refuse, say, scripted

__all__ = ["quiet"]

CHECKOUT = Ref(VIRTUAL_SERVICE, "shop", "checkout")
READ = Call("get", CHECKOUT, Urgency.READ)
ROLLBACK = Call("patch", CHECKOUT, Urgency.ROLLBACK, body={})
FOUND = {"metadata": {"name": "checkout"}}
MOMENT = 0.05


def patience(seconds: int) -> Answer:
    return refuse(429, "slow down", **{"Retry-After": str(seconds)})


@asynccontextmanager
async def connected(folder: Path, *answers: Answer) -> AsyncIterator[tuple[Api, Script, FakeClock]]:
    clock = FakeClock()
    async with scripted(*answers) as script, asyncio.timeout(20):
        credentials = Credentials(written(folder, script.url))
        async with Api(credentials, clock, Bucket(clock, 50, 100)) as api:
            yield api, script, clock


async def test_f18_the_server_says_when_to_come_back_and_nobody_comes_sooner(tmp_path: Path) -> None:
    async with connected(tmp_path, patience(4), say(FOUND)) as (api, script, clock):
        read = asyncio.create_task(api.request(READ))
        await until(lambda: len(script.asked) == 1)
        await work(MOMENT)

        await clock.advance(3.9)
        await work(MOMENT)
        assert len(script.asked) == 1
        await clock.advance(0.2)

        assert await read == FOUND


async def test_f18_a_rollback_passes_those_who_wait_for_the_server(tmp_path: Path) -> None:
    async with connected(tmp_path, patience(5), say(FOUND)) as (api, script, clock):
        reads = [asyncio.create_task(api.request(READ))]
        await until(lambda: len(script.asked) == 1)
        await work(MOMENT)
        reads += [asyncio.create_task(api.request(READ)) for _ in range(3)]
        await settle()

        assert await api.request(ROLLBACK) == FOUND

        assert [asked.method for asked in script.asked] == ["GET", "PATCH"]
        await clock.advance(5.1)
        assert await asyncio.gather(*reads) == [FOUND] * 4


async def test_f18_a_rollback_that_was_told_itself_waits_but_never_longer_than_5_seconds(
    tmp_path: Path,
) -> None:
    async with connected(tmp_path, patience(3), patience(3600), say(FOUND)) as (api, script, clock):
        first = asyncio.create_task(api.request(ROLLBACK))
        await until(lambda: len(script.asked) == 1)
        await work(MOMENT)
        await clock.advance(2.9)
        assert len(script.asked) == 1
        await clock.advance(0.2)
        with pytest.raises(Unavailable, match="the API server asks for patience: slow down"):
            await first

        again = asyncio.create_task(api.request(ROLLBACK))
        await clock.advance(4.8)
        assert len(script.asked) == 2
        await clock.advance(0.3)
        assert await again == FOUND


async def test_f18_whoever_would_wait_for_long_is_told_at_once_and_a_proxys_hour_is_a_minute(
    tmp_path: Path,
) -> None:
    async with connected(tmp_path, patience(3600), say(FOUND)) as (api, script, clock):
        with pytest.raises(Unavailable, match="the API server asks for patience: slow down"):
            await api.request(READ)
        with pytest.raises(Unavailable, match="the API server asks for patience: 60 s more"):
            await api.request(READ)
        assert len(script.asked) == 1

        await clock.advance(60)

        assert await api.request(READ) == FOUND


async def test_f18_a_rollback_overtakes_a_pass_that_waits_for_the_server(tmp_path: Path) -> None:
    """The pass of the same release waits for 5 s to promote; the weight is 0 before it may go on."""

    def rule(sent: Sent) -> Fate:
        return Fate(arrives=False, heard=429, after=5) if sent.writes else FINE

    async with shop(tmp_path) as world:
        ana = world.person("U1ANA", "ana")
        await ana.types("checkout v1.3.0 every 10m")
        await world.until(Phase.BAKING)
        await world.pass_(5)
        world.wire.rule = rule
        sent = len(world.wire.writes())
        typed = partial(world.bot.front.typed, ana.speaks())
        promoted = asyncio.create_task(typed("promote checkout"))
        await until(lambda: len(world.wire.writes()) == sent + 1)
        await work(MOMENT)
        world.wire.rule = lambda _: FINE

        said = await typed("rollback checkout")

        assert said.summary == "Rolling back checkout v1.2.9 → v1.3.0 (R-1001): traffic goes to v1.2.9."
        assert world.canary == 0
        await world.clock.advance(5.1)
        await promoted
        await world.until(Phase.ROLLED_BACK)
        assert [weight for weight, _ in groupby(weight for _, weight in world.routes)] == [0, 50, 0]
