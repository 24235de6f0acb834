"""A scheduler whose passes run when the test says so."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from tests.fakes.clock import FakeClock
from tests.fakes.outage import Outage

Run = Callable[[str], Awaitable[datetime | None]]


class FakeScheduler:
    """`due` shows what is asked for. `run_due` runs it; a pass answers when the next one is due, or None."""

    def __init__(self, clock: FakeClock, run: Run | None = None, outage: Outage | None = None) -> None:
        self.run = run
        self.due: dict[str, datetime] = {}
        self._clock = clock
        self._outage = outage or Outage()

    async def schedule(self, release: str, at: datetime) -> None:
        self._outage.check()
        self.due[release] = min(at, self.due.get(release, at))

    async def wake(self, release: str) -> None:
        await self.schedule(release, self._clock.now())

    async def forget(self, release: str) -> None:
        self._outage.check()
        self.due.pop(release, None)

    async def run_due(self) -> int:
        """Run every pass that is due now, earliest first, until none is; answer how many ran."""
        assert self.run is not None, "give FakeScheduler a `run` first"
        ran = 0
        while (release := self._earliest(self._clock.now())) is not None:
            del self.due[release]
            following = await self.run(release)
            ran += 1
            if following is not None:
                await self.schedule(release, following)
        return ran

    async def run_for(self, seconds: float) -> int:
        """Let so many seconds pass, each pass at its own moment; answer how many ran."""
        end = self._clock.monotonic() + seconds
        ran = await self.run_due()
        while self.due:
            pause = max((min(self.due.values()) - self._clock.now()).total_seconds(), 0.0)
            if self._clock.monotonic() + pause > end:
                break
            await self._clock.advance(pause)
            ran += await self.run_due()
        await self._clock.advance(end - self._clock.monotonic())
        return ran

    def _earliest(self, now: datetime) -> str | None:
        ready = [(at, release) for release, at in self.due.items() if at <= now]
        return min(ready)[1] if ready else None
