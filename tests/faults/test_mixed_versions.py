"""Two versions of the bot on the same cluster and the same store: neither loses what the other wrote."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.redis.locks import RedisLocks
from adapters.redis.releases import RedisReleases
from bot.release.stored import Newer
from sandbox.child import start_child, stop_child
from sandbox.world.environment import process_environment
from sandbox.world.ports import free_ports
from tests.faults.births import nursery, world
from tests.faults.bots import Bot, Death
from tests.faults.stand import ANA, BO, PATIENCE, TARGET, Stand
from tests.faults.stories import SERVICE
from tests.support.until import until

__all__ = ["nursery", "world"]

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="module")]
START = f"{SERVICE} {TARGET} canary 50% 100% every 1s ask"
NOT_READ = "was written by Lockmaster 9.0.0 (schema 2); this one, 0.1.0 (schema 1), cannot read it."


@asynccontextmanager
async def newer_bot(world: Stand) -> AsyncIterator[Bot]:
    """A replica of the next version, see `tests.faults.newer`."""
    port, admin = free_ports(2)
    log = world.folder / "bot-newer.log"
    child = await start_child(
        (sys.executable, "-m", "tests.faults.newer"),
        log,
        env=process_environment(world.environment(port, admin)),
    )
    bot = Bot(child.pid, port, admin, log, asyncio.get_running_loop().create_future())
    await bot.ready(world.http)
    yield bot
    await stop_child(child)


async def told(world: Stand, user: str, words: str) -> None:
    """Wait until somebody alone was told that."""

    def heard() -> bool:
        return any(words in text for text in world.whispers(user))

    await until(heard, within=PATIENCE)


async def test_f05_a_release_goes_on_through_an_upgrade_and_a_downgrade(world: Stand) -> None:
    old = await world.start_bot(Death())
    await old.ready(world.http)
    await world.types(START)
    await world.reaches(SERVICE, "gate")
    assert world.route(SERVICE).state["schema"] == 1
    async with newer_bot(world) as bot:
        world.call(bot)
        await world.types(f"promote {SERVICE}", BO)
        await until(lambda: world.route(SERVICE).canary == 100, within=PATIENCE)
        await world.reaches(SERVICE, "gate")
        state = world.route(SERVICE).state
        assert (state["schema"], state["written_by"], state["mood"]) == (2, "9.0.0", "migrated")
        with pytest.raises(Newer):
            await RedisReleases(world.store).load("R-1001")
        world.call(old)
        await world.types(f"pause {SERVICE}")
        await told(world, ANA, NOT_READ)
        world.call(bot)
        await world.types(f"promote {SERVICE}", BO)
        await world.reaches(SERVICE, "promoted")
        await until(lambda: bool(world.route(SERVICE).state["tidied"]), within=3 * PATIENCE)
    assert [one.revision for one in world.routes[SERVICE]] == list(range(world.route(SERVICE).revision + 1))
    assert await RedisLocks(world.store).all() == ()
    world.call(old)
    await world.types(f"{SERVICE} v1.4.0 canary 50% every 1s auto")
    await world.reaches(SERVICE, "shifting")
    state = world.route(SERVICE).state
    assert (state["schema"], state["id"], state["from"]) == (1, "R-1002", TARGET)


async def test_f06_an_older_bot_brings_home_what_it_cannot_read_and_the_newer_one_takes_that_in(
    world: Stand,
) -> None:
    async with newer_bot(world) as bot:
        world.call(bot)
        await world.types(START)
        await world.reaches(SERVICE, "gate")
        bot.send(signal.SIGSTOP)
        old = await world.start_bot(Death())
        await old.ready(world.http)
        before = world.route(SERVICE)
        await world.types(f"pause {SERVICE}")
        await told(world, ANA, NOT_READ)
        await world.types(f'rollback {SERVICE} because "it is slow"')
        await until(lambda: world.route(SERVICE).canary == 0, within=PATIENCE)
        after = world.route(SERVICE)
        assert (after.revision, after.state) == (before.revision + 1, before.state)
        bot.send(signal.SIGCONT)
        await world.reaches(SERVICE, "rolled_back", within=3 * PATIENCE)
        await until(lambda: bool(world.route(SERVICE).state["tidied"]), within=3 * PATIENCE)
    assert [one.revision for one in world.routes[SERVICE]] == list(range(world.route(SERVICE).revision + 1))
    record = json.loads((await world.store.client.hget(world.store.key("release", "R-1001"), "text")) or "{}")
    assert (record["schema"], record["mood"], record["phase"]) == (2, "unknown", "rolled_back")
