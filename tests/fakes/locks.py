"""Locks and queues in memory."""

from datetime import datetime, timedelta

from bot.ports.locks import FIRST_NUMBER, PATIENCE, PLACES, Busy, Held, IdTaken, Lock, Waiter
from bot.release.model import Actor, Event, Release
from tests.fakes.clock import FakeClock
from tests.fakes.outage import Outage
from tests.fakes.releases import FakeReleases


class FakeLocks:
    """Admission writes the record into the given `FakeReleases`, as the real one does in one script."""

    def __init__(self, clock: FakeClock, releases: FakeReleases, outage: Outage | None = None) -> None:
        self._clock = clock
        self._releases = releases
        self._outage = outage or Outage()
        self._locks: dict[str, Lock] = {}
        self._queues: dict[str, dict[str, Waiter]] = {}
        self._number = FIRST_NUMBER - 1

    async def admit(self, release: Release, event: Event, waiter: Waiter | None) -> Held | Busy:
        self._outage.check()
        current = self._current(release.service)
        if current is not None and current.release != release.id:
            return Busy(current, self._place(release.service, waiter, release.by))
        if current is None and not self._releases.is_new(release):
            raise IdTaken
        lock = current or Lock.of(release, self._clock.now())
        self._take(lock)
        self._releases.enter(release, (event,))
        return Held(lock)

    async def hold(self, lock: Lock, ttl: timedelta | None) -> Held | Busy:
        self._outage.check()
        now = self._clock.now()
        current = self._current(lock.service)
        if current is not None and (current.release is not None or current.by.id != lock.by.id):
            return Busy(current, self._place(lock.service, None, lock.by))
        changes = {"since": current.since if current else now, "expires_at": now + ttl if ttl else None}
        held = lock.model_copy(update=changes)
        self._take(held)
        return Held(held)

    async def free(self, service: str, release: str | None) -> Waiter | None:
        self._outage.check()
        lock = self._locks.get(service)
        if lock is None or lock.release != release:
            return None
        del self._locks[service]
        waiting = self._waiting(service)
        return waiting.pop(next(iter(waiting))) if waiting else None

    async def get(self, service: str) -> Lock | None:
        self._outage.check()
        return self._current(service)

    async def all(self) -> tuple[Lock, ...]:
        self._outage.check()
        held = (self._current(service) for service in sorted(self._locks))
        return tuple(lock for lock in held if lock is not None)

    async def queue(self, service: str) -> tuple[Waiter, ...]:
        self._outage.check()
        return tuple(self._waiting(service).values())

    async def next_number(self, above: int) -> int:
        self._outage.check()
        self._number = max(self._number, above) + 1
        return self._number

    def _current(self, service: str) -> Lock | None:
        lock = self._locks.get(service)
        return lock if lock is not None and not _expired(lock, self._clock.now()) else None

    def _take(self, lock: Lock) -> None:
        self._locks[lock.service] = lock
        self._waiting(lock.service).pop(lock.by.id, None)

    def _waiting(self, service: str) -> dict[str, Waiter]:
        oldest = self._clock.now() - PATIENCE
        queue = self._queues.get(service, {})
        self._queues[service] = {id_: waiter for id_, waiter in queue.items() if waiter.since > oldest}
        return self._queues[service]

    def _place(self, service: str, waiter: Waiter | None, asker: Actor) -> int | None:
        waiting = self._waiting(service)
        if waiter is not None and waiter.by.id not in waiting and len(waiting) < PLACES:
            waiting[waiter.by.id] = waiter.model_copy(update={"since": self._clock.now()})
        asking = waiter.by if waiter is not None else asker
        return list(waiting).index(asking.id) + 1 if asking.id in waiting else None


def _expired(lock: Lock, now: datetime) -> bool:
    return lock.expires_at is not None and lock.expires_at <= now
