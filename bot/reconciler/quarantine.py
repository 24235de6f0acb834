"""Releases whose passes break by a bug of ours: tried ever more seldom, told once, kept, and no other waits for them."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.audit import AuditRecord
from bot.ports.clock import Clock
from bot.reconciler.record import Recorder
from bot.reconciler.tell import Teller
from bot.release.model import LOCKMASTER, Release

log = structlog.get_logger()

TRIES = 5
SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(minutes=1)


class _Recalled(Protocol):
    @property
    def release(self) -> Release: ...


Recall = Callable[[str], Awaitable[_Recalled | None]]


@dataclass(frozen=True, slots=True)
class _Broken:
    times: int
    until: datetime


class Quarantine:
    """Remembers in this process: another replica may run another version, without the bug."""

    def __init__(self, clock: Clock, recorder: Recorder, teller: Teller) -> None:
        self._clock = clock
        self._recorder = recorder
        self._teller = teller
        self._broken: dict[str, _Broken] = {}

    @property
    def held(self) -> tuple[str, ...]:
        """The releases that broke too often."""
        return tuple(release for release, broken in self._broken.items() if broken.times >= TRIES)

    def rests_until(self, release: str) -> datetime | None:
        """When it may be tried again, where that is to come."""
        broken = self._broken.get(release)
        return broken.until if broken is not None and broken.until > self._clock.now() else None

    async def put_aside(self, release: str, bug: Exception, recall: Recall) -> datetime:
        """A pass met a bug, which is no reason to leave the others; answers when it may be tried again."""
        again = self._count(release, bug)
        with suppress(Exception):  # what broke may be what is recalled
            memory = await recall(release)
            if memory is not None and self._broken[release].times == TRIES:
                await self._tell(memory.release, bug)
        return again

    def over(self, release: str) -> None:
        """A pass came to its end."""
        self._broken.pop(release, None)

    def _count(self, release: str, bug: Exception) -> datetime:
        times = self._broken[release].times + 1 if release in self._broken else 1
        until = self._clock.now() + min(LONGEST, SHORTEST * 2.0 ** (times - 1))
        self._broken[release] = _Broken(times, until)
        log.error("a pass broke", release=release, times=times, exc_info=bug)
        return until

    async def _tell(self, release: Release, bug: Exception) -> None:
        record = AuditRecord(
            at=self._clock.now(),
            by=LOCKMASTER,
            act="pass",
            service=release.service,
            release=release.id,
            outcome="put_aside",
            text=f"its pass broke {TRIES} times: {type(bug).__name__}",
            origin=f"{release.id}:{release.revision}",
        )
        await self._recorder.note(record)
        await self._teller.broke(release)
