"""What keeps passes coming when nobody asks for one: the sweep, and the fallback while the store is away."""

import asyncio
from datetime import datetime, timedelta

import structlog

from bot.errors import Unavailable
from bot.ports.clock import Clock
from bot.ports.releases import Releases
from bot.ports.scheduler import Scheduler
from bot.reconciler.pacing import seldom
from bot.reconciler.reconciler import Reconciler
from bot.reconciler.registry import Registry
from bot.release.instructions import Instruction
from bot.release.model import Release
from bot.release.phases import Phase

log = structlog.get_logger()

ROUND = 2.0
SWEEP_EVERY = 5
LATEST = timedelta(seconds=5)
SPARE = timedelta(seconds=1)
"""A pass that is due soon needs no earlier one."""
AT_A_TIME, BREATH = 25, 0.05
"""Seconds between so many alarms of a sweep: a thousand at once would hold up a rollback."""
RESTING = frozenset({Phase.BAKING, Phase.GATE})


class Follower:
    """Sees to it that every live release has a pass due; runs passes itself while the durable timers are out of reach."""

    def __init__(
        self,
        clock: Clock,
        releases: Releases,
        scheduler: Scheduler,
        registry: Registry,
        reconciler: Reconciler,
    ) -> None:
        self._clock = clock
        self._releases = releases
        self._scheduler = scheduler
        self._registry = registry
        self._reconciler = reconciler
        self.rounds = 0

    async def run(self) -> None:
        """Go round for ever."""
        while True:
            try:
                await self.round(sweep=self.rounds % SWEEP_EVERY == 0)
            except Unavailable as error:
                log.warning("cannot follow", part=error.part, why=error.why)
            except Exception:
                log.exception("a round broke; the others go on")
            self.rounds += 1
            await self._clock.sleep(ROUND)

    async def now(self, release: str, *wishes: Instruction) -> None:
        """Run passes at once, and have the next one due. Cut off in the middle, it leaves them to another replica, at once."""
        try:
            due = await self._reconciler.now(release, *wishes)
        except asyncio.CancelledError:
            await self._schedule(release, self._clock.now())
            raise
        await self._schedule(release, due)

    async def _schedule(self, release: str, due: datetime | None) -> None:
        if due is None:
            return
        try:
            await self._scheduler.schedule(release, due)
        except Unavailable as error:
            log.warning("the next pass is not kept; it is run by hand", release=release, why=error.why)

    async def round(self, *, sweep: bool) -> None:
        """One round. With a sweep, or after the store was away, every release is given a due pass."""
        try:
            if sweep or not self._reconciler.remembers:
                await self._sweep()
            else:
                await self._take_in_strays()
        except Unavailable:
            await self._by_hand()

    async def _sweep(self) -> None:
        """Releases in the store and in the route objects: the store may have been emptied."""
        now, calm = self._clock.now(), max(LATEST, seldom(self._reconciler.live) + SPARE)
        stored = await self._reconciler.upkeep.look()
        written = await self._written()
        phases = {one.id: one.phase for one in (*stored, *written)}
        for number, (release, phase) in enumerate(sorted(phases.items()), 1):
            if number % AT_A_TIME == 0:
                await self._clock.sleep(BREATH)
                await self._reconciler.rush.over()
            await self._scheduler.schedule(release, now + (calm if phase in RESTING else LATEST))
        self._reconciler.remembers = True

    async def _take_in_strays(self) -> None:
        """Whoever admitted a release may have died before its first pass, and whoever put a wish into its inbox, too.

        Until a first pass is written no watch tells of it, and none tells of wishes.
        """
        written = {one.id for one in await self._written()}
        for release in await self._releases.live(besides=written):
            if release.live and (release.revision == 0 or release.id in written):
                await self._scheduler.wake(release.id)

    async def _by_hand(self) -> None:
        for release in await self._written():
            await self._reconciler.run(release.id)

    async def _written(self) -> tuple[Release, ...]:
        known = await self._registry.known()
        self._reconciler.live = sum(release.live for release in known)
        return tuple(release for release in known if release.live or not release.tidied)
