"""Time that moves when the test says so."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TURNS = 30


async def settle() -> None:
    """Let every task that can go on without time or I/O do so."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


class FakeClock:
    """Stands still but for `advance`, which wakes sleepers one by one at their own moments."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), woken))
        await woken

    async def advance(self, time: float | timedelta) -> None:
        """Move on by so many seconds; whoever sleeps wakes at the right moment and runs before time goes on."""
        seconds = time.total_seconds() if isinstance(time, timedelta) else time
        end = self._elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, woken = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, at)
            if not woken.done():
                woken.set_result(None)
                await settle()
        self._elapsed = end
        await settle()

    def step(self, time: float | timedelta) -> None:
        """Move the time on without waking anybody: for tests without tasks."""
        self._elapsed += time.total_seconds() if isinstance(time, timedelta) else time
