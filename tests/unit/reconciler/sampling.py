"""A sampler on fakes, with as many releases as a test wants."""

import asyncio
from datetime import timedelta
from typing import Any

from bot.config.catalogue import Catalogue
from bot.errors import Unavailable
from bot.reconciler.rush import Rush
from bot.reconciler.sampler import Sampled, Sampler
from bot.release.model import Release
from bot.release.phases import Phase
from bot.release.rules import ErrorRule, LatencyRule, Rules
from bot.release.verdict import Judgement
from tests.fakes.clock import FakeClock
from tests.fakes.metrics import FakeMetrics
from tests.support.values import release
from tests.support.worlds import CHECKOUT

HARD = Rules(errors=ErrorRule(hard=5))
SLOW = Rules(p95=LatencyRule(worse_than_stable=20, hard=100))


class Live:
    """As many releases as a test wants."""

    def __init__(self) -> None:
        self.releases: list[Release] = []
        self.away = False

    async def of(self, service: str) -> Release | None:
        return next((one for one in self.releases if one.service == service), None)

    async def by_id(self, release: str) -> Release | None:
        return next((one for one in self.releases if one.id == release), None)

    async def known(self) -> list[Release]:
        if self.away:
            raise Unavailable("kubernetes", "no contact")
        return self.releases


class Stage:
    """A sampler, what it looks at, and whom it woke."""

    def __init__(self, services: int = 1) -> None:
        self.clock = FakeClock()
        self.metrics = FakeMetrics(self.clock.now)
        self.live = Live()
        names = [f"s{number}" for number in range(services)]
        changes = [{"name": name, "deployment": name} for name in names]
        self.services = {one["name"]: CHECKOUT.model_copy(update=one) for one in changes}
        self.woken: list[str] = []
        self.begun: list[asyncio.Task[None]] = []
        self.steps = 0
        self.hangs = False
        self.done: list[str] = []
        self.rush = Rush()
        self.sampler = Sampler(
            Catalogue(services=self.services), self.live, self.metrics, self.clock, self._wake, self.rush
        )

    def _wake(self, record: Release, judgement: Judgement) -> asyncio.Task[None]:
        self.woken.append(f"{record.id} {judgement.verdict}")
        self.begun.append(asyncio.create_task(self._pass(record)))
        return self.begun[-1]

    async def _pass(self, record: Release) -> None:
        for _ in range(self.steps):
            await asyncio.sleep(0)
        if self.hangs:
            await asyncio.Event().wait()
        self.done.append(f"{record.id} is back")

    def noted(self) -> list[str]:
        """From now on who is woken takes its time; answers what is judged and done, in its order."""
        self.steps, self.done = 5, []
        judge = self.sampler._guarded

        def judged(record: Release, *seen: Any) -> Sampled:
            self.done.append(f"{record.id} is judged")
            return judge(record, *seen)

        self.sampler._guarded = judged  # type: ignore[method-assign, assignment]
        return self.done

    def run(self, name: str = "s0", **changes: object) -> Release:
        """A release of that service, baking since a minute, with both tracks under load."""
        then = self.clock.now() - timedelta(minutes=1)
        moments = {"phase_since": then, "ordered_at": then, "observed_at": then, "phase": Phase.BAKING}
        record = release(f"R-{name}", service=name, **{**moments, **changes})
        self.live.releases.append(record)
        self.serve(name)
        return record

    def serve(self, name: str = "s0", rate: float = 100.0, **load: float) -> None:
        namespace = self.services[name].namespace
        self.metrics.serve(namespace, name, rate=100.0)
        self.metrics.serve(namespace, f"{name}-canary", rate=rate, **load)

    async def look(self) -> list[str]:
        self.woken.clear()
        await self.sampler.look()
        await self._over()
        return list(self.woken)

    async def glance(self) -> list[str]:
        self.woken.clear()
        await self.sampler.glance()
        await self._over()
        return list(self.woken)

    async def _over(self) -> None:
        """The passes are, but where they hang."""
        if not self.hangs:
            await asyncio.gather(*self.begun)
