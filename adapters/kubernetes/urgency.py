"""Our own rate limit: the client has none, and the API server's would not let a rollback go first."""

import asyncio
import heapq
from enum import IntEnum
from itertools import count
from typing import Final

from bot.ports.clock import Clock

LONGEST_HOLD: Final = 60.0
"""Seconds of patience that are kept at most, whatever a proxy in between may ask for."""
LONGEST_HOLD_OF_ROLLBACKS: Final = 5.0


class Urgency(IntEnum):
    """Who goes first when requests have to wait. A rollback waits only where the server told a rollback to wait.

    Watches are few and spare all others their reads: behind them they would never begin again.
    """

    ROLLBACK = 0
    WATCH = 1
    READ = 2
    WRITE = 3


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
        self._rollbacks_held_until = clock.monotonic()
        self._order = count()
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._serving: asyncio.Task[None] | None = None

    async def take(self, urgency: Urgency) -> None:
        """Wait for a token."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._order), turn))
        self._serve_who_can_go()
        if self._waiting and (self._serving is None or self._waiting[0][2] is turn):
            self._serve_anew()
        await turn

    def hold(self, seconds: float, told: Urgency) -> None:
        """Let nobody go for that long: the server asked for patience. Rollbacks only when it was one that was told."""
        now = self._clock.monotonic()
        self._held_until = max(self._held_until, now + min(seconds, LONGEST_HOLD))
        if told is Urgency.ROLLBACK:
            until = now + min(seconds, LONGEST_HOLD_OF_ROLLBACKS)
            self._rollbacks_held_until = max(self._rollbacks_held_until, until)

    def held(self, urgency: Urgency) -> float:
        """Seconds for which nobody of that urgency goes; negative or 0 when nobody is held."""
        until = self._rollbacks_held_until if urgency is Urgency.ROLLBACK else self._held_until
        return until - self._clock.monotonic()

    async def close(self) -> None:
        """Stop serving; whoever still waits is cancelled."""
        for _, _, turn in self._waiting:
            turn.cancel()
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)

    def _serve_anew(self) -> None:
        """Whoever is first now may have to wait for less than the one that was."""
        if self._serving is not None:
            self._serving.cancel()
        self._serving = asyncio.create_task(self._serve())

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
        first = self._waiting[0][0]
        # A hair below one counts as one: 0.02 s at 50 a second must not leave 0.9999.
        free = first is Urgency.ROLLBACK or self._tokens > 1 - 1e-6
        return max(0.0 if free else (1 - self._tokens) / self._rate, self.held(first))
