"""The port `Scheduler` on pydocket: durable alarms in Redis, rung at any replica.

An alarm is a docket task keyed by the release id, with the id as its only argument (docket pickles arguments). What is due, and whose
turn it is, stands beside it in `RedisPasses`. An alarm that rings looks there, so one too many does nothing; one that is asked for
while a pass runs is not lost, because the pass looks again before it ends; and Perpetual sets the next alarm only if nobody has
set one meanwhile. Docket's ConcurrencyLimit is not used: a task that waits for a holder which dies soon after is never woken.
"""

import asyncio
import logging
import os
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlencode
from uuid import uuid4

from docket import Docket, Perpetual, Worker

from adapters.redis.door import PREFIX, Connection, door
from adapters.redis.passes import AT_ONCE, RedisPasses
from adapters.redis.pool import PATIENCE
from bot.errors import Unavailable

Run = Callable[[str], Awaitable[datetime | None]]
"""Performs one pass of a release; answers when the next one is due, None for never."""

Late = Callable[[float], None]
"""Is told how many seconds after its time each pass begins."""

LOST_AFTER: Final = timedelta(seconds=3)
"""A replica without a sign of life for so long loses its passes. Docket looks for such messages every 0.9 s or so, and a turn may have
been renewed 1 s after its message: a pass goes on elsewhere within 5.5 s."""
VISIT: Final = timedelta(seconds=0.5)
"""An alarm that rang while another has the turn rings again after this time."""
RESOLUTION: Final = timedelta(milliseconds=50)
SHORTEST: Final = timedelta(milliseconds=50)
"""No pass follows its predecessor sooner, unless woken."""
CONCURRENCY: Final = 64
TURNS: Final = 32
"""How many alarms are set at a time."""
LAST_WORDS: Final = 1.0
"""Seconds a pass may go on after the worker was told to stop."""
LONGEST_PAUSE: Final = 2.0
AGAIN: Final = Perpetual()
"""Docket gives each run one of its own in this one's place."""

log = logging.getLogger(__name__)


def on_time(_seconds: float) -> None:
    """Nobody wants to know."""


class DocketScheduler:
    """Open it with `async with` to ask for passes; have `run_forever` in a task to perform some here."""

    def __init__(self, url: str, run: Run, prefix: str = PREFIX, *, late: Late = on_time) -> None:
        self._run = run
        self._late = late
        self._name = f"{socket.gethostname()}#{os.getpid()}#{uuid4().hex[:8]}"
        self._connection = Connection.to(url, prefix=prefix, connections=CONCURRENCY)
        self._passes = RedisPasses(self._connection, self._name, LOST_AFTER)
        self._running: set[str] = set()
        self._failures: defaultdict[str, int] = defaultdict(int)
        self.rounds = 0
        # Docket's pool has no queue: asked for one connection too many, it raises.
        self._turn = asyncio.Semaphore(TURNS)
        self._opened: _Opened | None = None
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Nothing is connected yet: a server that is away is no hindrance."""
        for quiet in ("docket.worker", "docket.dependencies", "docket.strikelist"):
            # Two lines a pass, and a stack trace a second while the server is away: ours say enough.
            logging.getLogger(quiet).setLevel(logging.ERROR)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect; end `run_forever` first."""
        if self._opened is not None:
            await self._opened.left()
        await self._connection.aclose()

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
            self.rounds += 1
            try:
                await self._connection.ping()
            except Unavailable as away:
                log.debug("still no passes: %s", away)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            pause = SHORTEST.total_seconds()
            with suppress(Unavailable):
                await self._work_while_connected()

    async def look(self, release: str, again: Perpetual = AGAIN) -> None:
        """An alarm rang: perform what is due, and set the alarm for what is due next."""
        while release not in self._running:
            now = datetime.now(UTC)
            turn = await self._passes.begin(release, now)
            if turn is None:
                again.cancel()
                return
            if turn.due > now:
                again.at(turn.due)
                return
            if not turn.mine:
                break
            if turn.due > AT_ONCE:
                self._late((now - turn.due).total_seconds())
            try:
                following = await self._perform(release)
            except asyncio.CancelledError:
                # Told to stop: another replica goes on at once, and not when this one's turn has run out.
                await self._passes.finish(release, turn, now)
                again.at(now)
                return
            await self._passes.finish(release, turn, following)
        again.after(VISIT)

    async def _perform(self, release: str) -> datetime | None:
        self._running.add(release)
        try:
            following = await self._run(release)
        except Exception:
            # One release that always fails must not stop the others, nor spin.
            self._failures[release] += 1
            pause = min(2.0 ** (self._failures[release] - 1), 60.0)
            log.exception("the pass of %s failed; again in %g s", release, pause)
            return datetime.now(UTC) + timedelta(seconds=pause)
        finally:
            self._running.discard(release)
        self._failures.pop(release, None)
        return following and max(following, datetime.now(UTC) + SHORTEST)

    async def _set_alarm(self, release: str, at: datetime) -> None:
        """Set it, and look whether somebody asked for an earlier one that this one has just replaced."""
        while True:
            now = datetime.now(UTC)
            with door():
                async with self._alarms() as opened, self._turn, asyncio.timeout(PATIENCE):
                    await opened.docket.replace(self.look, when=max(at, now), key=release)(release)
            if at <= now:
                return
            due = await self._passes.due(release)
            if due is None or due >= at:
                return
            at = due

    @asynccontextmanager
    async def _alarms(self) -> AsyncIterator["_Opened"]:
        """Docket where our keys live: opened when first needed, and anew when they have moved.

        It is given the plain URL of that server, whatever form ours has.
        """
        where = (await self._connection.home(), self._connection.moves)
        async with self._opening:
            if self._opened is not None and self._opened.where != where:
                former, self._opened = self._opened, None
                await former.left()
            if self._opened is None:
                docket = Docket(
                    name=f"{self._connection.prefix}:docket",
                    url=_limited(where[0]),
                    execution_ttl=timedelta(minutes=1),
                )
                docket.register(self.look)
                self._opened = _Opened(await docket.__aenter__(), where)
            opened = self._opened
            opened.users += 1
        try:
            yield opened
        finally:
            await opened.left()

    async def _work_while_connected(self) -> None:
        """Run a worker. It waits for answers without end, so that it is stopped where the server does not answer us either."""
        async with self._alarms() as opened:
            worker = Worker(
                opened.docket,
                name=self._name,
                concurrency=CONCURRENCY,
                redelivery_timeout=LOST_AFTER,
                reconnection_delay=timedelta(milliseconds=200),
                minimum_check_interval=RESOLUTION,
                scheduling_resolution=RESOLUTION,
                schedule_automatic_tasks=False,
            )
            async with worker:
                await self._attend(worker, opened)

    async def _attend(self, worker: Worker, opened: "_Opened") -> None:
        working = asyncio.create_task(worker.run_forever(), name="passes")
        try:
            while not working.done() and opened is self._opened:
                self.rounds += 1
                await asyncio.wait((working,), timeout=LOST_AFTER.total_seconds() / 3)
                await self._connection.ping()
                await self._passes.renew(self._running)
        except Unavailable as away:
            log.warning("passes stop until the server is back: %s", away)
        finally:
            await _stop(working)


@dataclass(slots=True)
class _Opened:
    """A docket, and where it was opened. The last to leave closes it: who used a closed one would open connections nobody closes."""

    docket: Docket
    where: tuple[str, int]
    users: int = 1

    async def left(self) -> None:
        self.users -= 1
        if not self.users:
            await self.docket.__aexit__(None, None, None)


async def _stop(working: asyncio.Task[None]) -> None:
    """Let passes end by themselves for a moment; those that don't are cancelled, and performed again elsewhere.

    Docket loses a cancellation now and then: it is told until it has stopped.
    """
    while not working.done():
        working.cancel()
        await asyncio.wait((working,), timeout=LAST_WORDS)
    with suppress(asyncio.CancelledError):
        working.result()


def _limited(url: str) -> str:
    """Give docket's own pool a bound and a time to connect by. It reads without a time limit on purpose: it blocks on streams."""
    bound = 2 * CONCURRENCY + TURNS + 16
    limits = urlencode({"max_connections": bound, "socket_connect_timeout": PATIENCE})
    return f"{url}{'&' if '?' in url else '?'}{limits}"
