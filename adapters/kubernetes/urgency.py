"""Our own rate limit: the client has none, and the API server's would not let a rollback go first."""

import asyncio
import heapq
from enum import IntEnum
from itertools import count

from bot.ports.clock import Clock


class Urgency(IntEnum):
    """Who goes first when requests have to wait. A rollback waits for nothing but a server that asked for patience."""

    ROLLBACK = 0
    READ = 1
    WRITE = 2
    WATCH = 3


class Bucket:
    """A token bucket whose waiters are served by urgency, then by arrival. `rate` is tokens a second, `burst` the most at once.

    A rollback overdraws it; the others then wait until that is paid back. There is at most one for each live release.
    """

    def __init__(self, clock: Clock, rate: float, burst: int) -> None:
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._counted_at = clock.monotonic()
        self._held_until = clock.monotonic()
        self._order = count()
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._serving: asyncio.Task[None] | None = None

    async def take(self, urgency: Urgency) -> None:
        """Wait for a token."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._order), turn))
        self._serve_who_can_go()
        if self._waiting and self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        await turn

    def hold(self, seconds: float) -> None:
        """Let nobody go for that long: the server asked for patience."""
        self._held_until = max(self._held_until, self._clock.monotonic() + seconds)

    async def close(self) -> None:
        """Stop serving; whoever still waits is cancelled."""
        for _, _, turn in self._waiting:
            turn.cancel()
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)

    async def _serve(self) -> None:
        while self._waiting:
            await self._clock.sleep(self._delay())
            self._serve_who_can_go()
        self._serving = None

    def _serve_who_can_go(self) -> None:
        while self._waiting and self._delay() <= 0:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():  # a cancelled waiter needs no token
                self._tokens -= 1
                turn.set_result(None)

    def _delay(self) -> float:
        """Seconds until the first in the queue may go."""
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._counted_at) * self._rate)
        self._counted_at = now
        # A hair below one counts as one: 0.02 s at 50 a second must not leave 0.9999.
        free = self._waiting[0][0] is Urgency.ROLLBACK or self._tokens > 1 - 1e-6
        return max(0.0 if free else (1 - self._tokens) / self._rate, self._held_until - now)
