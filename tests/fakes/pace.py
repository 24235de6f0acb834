"""Turns in memory."""

from collections import deque
from datetime import datetime, timedelta

from tests.fakes.clock import FakeClock
from tests.fakes.outage import Outage

GRACE = timedelta(seconds=3)
SECOND = timedelta(seconds=1)


class FakePace:
    """`given` are the writes that may go or went, in order. Give it a large `most` where nothing is to wait."""

    def __init__(self, clock: FakeClock, most: int = 5, outage: Outage | None = None) -> None:
        self.most = most
        self.given: list[str] = []
        self._clock = clock
        self._outage = outage or Outage()
        self._times: deque[datetime] = deque()
        self._waiting: list[str] = []
        self._until: dict[str, datetime] = {}

    async def ask(self, write: str) -> timedelta:
        self._outage.check()
        now = self._clock.now()
        self._until = {one: until for one, until in self._until.items() if until > now}
        self._waiting = [one for one in self._waiting if one in self._until]
        if write in self._until and write not in self._waiting:
            return timedelta(0)
        if write not in self._waiting:
            self._waiting.append(write)
        wait = self._wait(self._waiting.index(write), now)
        if not wait:
            self._waiting.remove(write)
            self._times.appendleft(now)
            self.given.append(write)
        self._until[write] = now + wait + GRACE
        return wait

    def _wait(self, ahead: int, now: datetime) -> timedelta:
        rounds, rest = divmod(ahead, self.most)
        index = self.most - 1 - rest
        before = self._times[index] if index < len(self._times) else now - SECOND
        return max(timedelta(0), before + SECOND - now) + rounds * SECOND
