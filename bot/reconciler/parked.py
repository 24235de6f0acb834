"""Releases that a newer Lockmaster wrote: no pass decides on them, but all their traffic can still be sent to stable."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.audit import AuditRecord
from bot.config.catalogue import Catalogue, Service
from bot.ports.clock import Clock
from bot.ports.traffic import RouteWrite, Traffic
from bot.reconciler.observe import Observer
from bot.reconciler.record import Recorder
from bot.reconciler.tell import Teller
from bot.release.grant import Grant
from bot.release.instructions import Ask, Instruction
from bot.release.model import ALL_STABLE
from bot.release.stored import Newer

log = structlog.get_logger()

SOON: Final = timedelta(seconds=0.5)
CADENCE: Final = timedelta(seconds=5)
PATIENCE: Final = 60.0
"""Seconds before people are told: in a rolling upgrade the newer one goes on with the release meanwhile."""


@dataclass(slots=True)
class _Left:
    """A revision that was left as it is: since when of the monotonic clock, in s, and how often it was looked at."""

    revision: object
    since: float
    looks: int = 0


class Parked:
    """Knows of such a release what stands outside its record: whose the route is, its revision and its weights."""

    def __init__(
        self,
        catalogue: Catalogue,
        clock: Clock,
        traffic: Traffic,
        observer: Observer,
        recorder: Recorder,
        teller: Teller,
    ) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._traffic = traffic
        self._observer = observer
        self._recorder = recorder
        self._teller = teller
        self._left: dict[str, _Left] = {}

    async def look(self, newer: Newer, wishes: Collection[Instruction]) -> datetime | None:
        """In place of a pass; answers when to look again, None when it has ended."""
        service = self._catalogue.get(newer.service)
        if service is None or newer.ended:
            return None
        wish = next((wish for wish in wishes if wish.ask is Ask.ROLL_BACK), None)
        if wish is not None:
            await self._bring_home(newer, service, wish)
        now, revision = self._clock.monotonic(), newer.fields.get("revision")
        left = self._left.get(newer.release)
        if left is None or left.revision != revision:
            left = self._left[newer.release] = _Left(revision, now)
        if now - left.since >= PATIENCE:
            await self._teller.parked(newer, service)
        # Whose turn it is next is drawn: who goes on with it must not wait long for one, who does not costs little.
        wait = min(CADENCE, SOON * (1 << min(left.looks, 4)))
        left.looks += 1
        return self._clock.now() + wait

    async def _bring_home(self, newer: Newer, service: Service, wish: Instruction) -> None:
        """One write: all weight to stable and a revision more. The record stays, so that who can read it sees what was changed."""
        route = await self._traffic.read(service, fresh=True)
        if route.release != newer.release or route.weights in (None, ALL_STABLE) or route.state is None:
            return
        if not await self._observer.serves(service):
            log.warning("stable has no ready pod; its traffic stays", release=newer.release)
            return
        revision = route.revision + 1
        grant = Grant(service.name, newer.release, route.revision)
        change = RouteWrite(newer.release, revision, route.state, ALL_STABLE)
        await self._traffic.write(grant, service, route, change)
        await self._recorder.note(
            AuditRecord(
                at=self._clock.now(),
                by=wish.by,
                act="rollback unread",
                service=service.name,
                release=newer.release,
                outcome="done",
                text=f"everything to stable, its record unread: {wish.because or 'as asked'}",
                origin=f"{newer.release}:{revision}",
            )
        )
        await self._teller.brought_home(newer, service, revision)
