"""The port `Scheduler` on pydocket: durable alarms in Redis, rung at any replica.

An alarm is a docket task keyed by the release id, with the id as its only argument (docket pickles arguments). What is due stands
beside it, in `RedisPasses`; an alarm that rings looks there, so one too many does nothing and one that is set while a pass runs
is not lost: `wake` writes down that somebody asked, and the pass that runs looks again before it ends. Perpetual sets the next alarm
only if nobody set one meanwhile; ConcurrencyLimit keeps a second replica out while a pass runs.
"""

import asyncio
import logging
import os
import socket
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Annotated, Final, Self
from urllib.parse import urlencode
from uuid import uuid4

from docket import ConcurrencyLimit, Docket, Perpetual, Worker

from adapters.redis.door import PATIENCE, PREFIX, Connection, door
from adapters.redis.passes import AT_ONCE, RedisPasses
from bot.errors import Unavailable

Run = Callable[[str], Awaitable[datetime | None]]
"""Performs one pass of a release; answers when the next one is due, None for never."""

LOST_AFTER: Final = timedelta(seconds=2.5)
"""A replica that gave no sign of life for so long has lost its passes. Docket needs up to 2.3 times as long to hand a pass on (it may
find the dead replica's message before the dead replica's slot, and then waits once more): 6 s at most."""
RESOLUTION: Final = timedelta(milliseconds=50)
CONCURRENCY: Final = 64
SHORTEST: Final = timedelta(milliseconds=50)
"""No pass follows its predecessor sooner, unless woken."""
LAST_WORDS: Final = 1.0
"""Seconds a pass may go on after the worker was told to stop."""
LONGEST_PAUSE: Final = 2.0
AGAIN: Final = Perpetual()
"""Docket gives each run one of its own in this one's place."""

log = logging.getLogger(__name__)


class DocketScheduler:
    """Open it with `async with` to ask for passes; have `run_forever` in a task to perform some here."""

    def __init__(self, url: str, run: Run, prefix: str = PREFIX) -> None:
        self._run = run
        self._connection = Connection.to(url, prefix=prefix, connections=CONCURRENCY)
        self._passes = RedisPasses(self._connection)
        self._docket = Docket(name=f"{prefix}:docket", url=_limited(url), execution_ttl=timedelta(minutes=1))
        self._docket.register(self.look)
        self._failures: defaultdict[str, int] = defaultdict(int)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Connect; a server that is away is no hindrance."""
        # Two lines a pass say nothing that the release's own events do not.
        logging.getLogger("docket.worker").setLevel(logging.WARNING)
        await self._stack.enter_async_context(self._docket)
        self._stack.push_async_callback(self._connection.aclose)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect; end `run_forever` first."""
        await self._stack.__aexit__(kind, error, trace)

    async def schedule(self, release: str, at: datetime) -> None:
        """Have a pass at that time, unless an earlier one is already due."""
        if await self._passes.ask(release, at, datetime.now(UTC)):
            await self._set_alarm(release, at)

    async def wake(self, release: str) -> None:
        """Have a pass at once."""
        await self.schedule(release, AT_ONCE)

    async def forget(self, release: str) -> None:
        """Nothing more is due; an alarm that still rings finds nothing to do."""
        await self._passes.forget(release)

    async def run_forever(self) -> None:
        """Perform passes until cancelled. While the server is away, look for it again and again, less and less often."""
        pause = SHORTEST.total_seconds()
        while True:
            try:
                await self._connection.ping()
            except Unavailable as away:
                log.warning("no passes are performed: %s", away)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            pause = SHORTEST.total_seconds()
            await self._work_while_connected()

    async def look(self, release: Annotated[str, ConcurrencyLimit(1)], again: Perpetual = AGAIN) -> None:
        """An alarm rang: perform what is due, and set the alarm for what is due next."""
        due = await self._passes.due(release)
        while due is not None and due.at <= datetime.now(UTC):
            following = await self._perform(release)
            due = await self._passes.finish(release, due.asked, following)
        if due is None:
            again.cancel()
        else:
            again.at(due.at)

    async def _perform(self, release: str) -> datetime | None:
        try:
            following = await self._run(release)
        except Exception:
            # One release that always fails must not stop the others, nor spin.
            self._failures[release] += 1
            pause = min(2.0 ** (self._failures[release] - 1), 60.0)
            log.exception("the pass of %s failed; again in %g s", release, pause)
            return datetime.now(UTC) + timedelta(seconds=pause)
        self._failures.pop(release, None)
        return following and max(following, datetime.now(UTC) + SHORTEST)

    async def _set_alarm(self, release: str, at: datetime) -> None:
        """Set it, and look whether somebody asked for an earlier one that this one has just replaced."""
        while True:
            now = datetime.now(UTC)
            with door():
                async with asyncio.timeout(PATIENCE):
                    await self._docket.replace(self.look, when=max(at, now), key=release)(release)
            if at <= now:
                return
            due = await self._passes.due(release)
            if due is None or due.at >= at:
                return
            at = due.at

    async def _work_while_connected(self) -> None:
        """Run a worker. It waits for answers without end, so that it is stopped where the server does not answer us either."""
        worker = Worker(
            self._docket,
            name=f"{socket.gethostname()}#{os.getpid()}#{uuid4().hex[:8]}",
            concurrency=CONCURRENCY,
            redelivery_timeout=LOST_AFTER,
            reconnection_delay=timedelta(milliseconds=200),
            minimum_check_interval=RESOLUTION,
            scheduling_resolution=RESOLUTION,
            schedule_automatic_tasks=False,
        )
        async with worker:
            working = asyncio.create_task(worker.run_forever(), name="passes")
            try:
                while not working.done():
                    await asyncio.wait((working,), timeout=PATIENCE)
                    await self._connection.ping()
            except Unavailable as away:
                log.warning("passes stop: %s", away)
            finally:
                await _stop(working)


async def _stop(working: asyncio.Task[None]) -> None:
    """Let passes end by themselves for a moment; those that don't are cancelled, and performed again elsewhere."""
    for _ in range(2):
        working.cancel()
        await asyncio.wait((working,), timeout=LAST_WORDS)
    with suppress(asyncio.CancelledError):
        await working


def _limited(url: str) -> str:
    """Give docket's own pool a bound and a time to connect by. It reads without a time limit on purpose: it blocks on streams."""
    limits = urlencode({"max_connections": 2 * CONCURRENCY + 16, "socket_connect_timeout": PATIENCE})
    return f"{url}{'&' if '?' in url else '?'}{limits}"
