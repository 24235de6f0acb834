"""Time as the emulator sees it: the event loop's, or one that a test moves by hand."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_TURNS_TO_SETTLE = 60  # loop turns for a chain Deployment -> ReplicaSet -> pod -> status and back


class Clock(Protocol):
    """Wall time, and callbacks later on."""

    def now(self) -> datetime:
        """The wall time in UTC."""
        ...

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call back once, `seconds` from now, in the event loop's thread."""
        ...


class LoopClock:
    """The real time."""

    def now(self) -> datetime:
        """The wall time in UTC."""
        return datetime.now(UTC)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call back once, `seconds` from now."""
        asyncio.get_running_loop().call_later(seconds, callback)


class ManualClock:
    """A clock that stands still until `advance` moves it."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start
        self._order = itertools.count()
        self._timers: list[tuple[datetime, int, Callable[[], None]]] = []

    def now(self) -> datetime:
        """The time it was moved to."""
        return self._now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Call back when the clock has been moved by `seconds`."""
        due = self._now + timedelta(seconds=max(seconds, 0.0))
        heapq.heappush(self._timers, (due, next(self._order), callback))

    async def advance(self, seconds: float) -> None:
        """Move on by `seconds`, firing what falls due in order and letting each follow-up run."""
        await settle()
        end = self._now + timedelta(seconds=seconds)
        while self._timers and self._timers[0][0] <= end:
            self._now, _, callback = heapq.heappop(self._timers)
            callback()
            await settle()
        self._now = end


async def settle() -> None:
    """Let everything that is ready in the event loop run, and what that makes ready."""
    for _ in range(_TURNS_TO_SETTLE):
        await asyncio.sleep(0)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in whole seconds, as metav1.Time is written."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_timestamp(text: str) -> datetime:
    """The moment a metav1.Time or metav1.MicroTime names."""
    return datetime.fromisoformat(text)
