"""The scripts on Debian's Redis, where it is installed: the other server people run."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.redis.door import Connection
from adapters.redis.journal import RedisJournal
from adapters.redis.locks import RedisLocks
from adapters.redis.outbox import RedisOutbox
from adapters.redis.passes import AT_ONCE, RedisPasses
from adapters.redis.releases import RedisReleases
from bot.ports.chat import Posted
from bot.ports.locks import Busy, Held
from tests.support.until import until_now
from tests.support.values import MORNING, audit, event, hold, instruction, parcel, release, waiter

BINARY = shutil.which("redis-server")
pytestmark = pytest.mark.skipif(BINARY is None, reason="no redis-server is installed")


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("redis")
    path = folder / "s"
    options = ("--port", "0", "--unixsocket", str(path), "--dir", str(folder), "--save", "")
    server = subprocess.Popen((str(BINARY), *options), stdout=subprocess.DEVNULL)
    until_now(path.exists)
    yield path
    server.terminate()
    server.wait()


@pytest.fixture
async def redis(socket: Path) -> AsyncIterator[Connection]:
    connection = Connection.to(f"unix://{socket}")
    yield connection
    await connection.client.flushall()
    await connection.aclose()


async def test_locks_and_records(redis: Connection) -> None:
    locks, releases = RedisLocks(redis), RedisReleases(redis)
    held = await locks.admit(release(), event(), None)
    assert isinstance(held, Held)
    assert await locks.admit(release("R-1002"), event(), waiter("bo")) == Busy(held.lock, 1)
    assert await releases.instruct("R-1001", instruction("i1"))
    await releases.save(release(revision=1), (event(revision=1),), ("i1",))
    assert (await releases.recall("R-1001"))[1] == ()
    assert await releases.history("checkout", 2) == (release(revision=1),)
    head = await locks.free("checkout", "R-1001")
    assert head is not None
    assert head.by == waiter("bo").by
    assert isinstance(await locks.hold(hold(), timedelta(hours=1)), Held)
    assert [lock.service for lock in await locks.all()] == ["checkout"]


async def test_outbox_and_journal(redis: Connection) -> None:
    outbox, journal = RedisOutbox(redis), RedisJournal(redis)
    await outbox.put(parcel("reply", thread="card"))
    await outbox.put(parcel("card"))
    card = await outbox.take("me")
    assert card is not None
    await outbox.done(card, Posted("C1", "1.1"))
    reply = await outbox.take("me")
    assert reply is not None
    await outbox.put_back(reply, 5)
    assert await outbox.take("me") is None
    await journal.append(audit("one"))
    assert await journal.tail(1) == (audit("one"),)


async def test_turns(redis: Connection) -> None:
    here, there = (RedisPasses(redis, name, timedelta(seconds=3)) for name in ("here", "there"))
    assert await here.ask("R-1001", AT_ONCE, MORNING)
    turn = await here.begin("R-1001", MORNING)
    other = await there.begin("R-1001", MORNING)
    assert turn is not None
    assert other is not None
    assert (turn.mine, other.mine) == (True, False)
    await here.renew(["R-1001"])
    await here.finish("R-1001", turn, None)
    assert await there.begin("R-1001", MORNING) is None
