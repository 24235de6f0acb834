"""While the cluster cannot be asked: people are told once that nothing moves, not back either, and once that it goes on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.ports.clock import Clock
from bot.reconciler.observe import NO_ROUTE
from bot.reconciler.sampler import blind
from bot.reconciler.tell import Teller
from bot.release.instructions import Instruction
from bot.release.model import Release
from bot.release.observed import Observed, ShareSeen, Terms

TOLD_AFTER = timedelta(seconds=30)
"""Shorter outages are nobody's business: passes are tried again each second."""

NO_TERMS = Terms(timedelta(0), timedelta(0), timedelta(0))


@dataclass(slots=True)
class _Outage:
    """One release's: its first failure, and the revision it was told at."""

    since: datetime
    told: Release | None = None


class Outages:
    """Remembers in this process; what several replicas say of one release has one key, so it is said once."""

    def __init__(self, clock: Clock, teller: Teller) -> None:
        self._clock = clock
        self._teller = teller
        self._lasting: dict[str, _Outage] = {}

    async def failed(self, release: Release, inbox: tuple[Instruction, ...], *, remembered: bool) -> None:
        """A pass found the cluster away."""
        now = self._clock.now()
        outage = self._lasting.setdefault(release.id, _Outage(now))
        if not release.live or now - outage.since < TOLD_AFTER:
            return
        seen = Observed(
            route=NO_ROUTE,
            stable=None,
            canary=None,
            judgement=blind("Kubernetes cannot be reached", now),
            share=ShareSeen(None, 0),
            terms=NO_TERMS,
            inbox=inbox,
            remembered=remembered,
            reached=False,
        )
        if outage.told is None:
            outage.told = release
            await self._teller.out_of_reach(release)
        await self._teller.show(release, seen)

    async def over(self, release: str) -> None:
        """A pass saw the cluster."""
        outage = self._lasting.pop(release, None)
        if outage is not None and outage.told is not None:
            await self._teller.in_reach(outage.told, outage.since)
