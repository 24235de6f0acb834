"""What is remembered of a step: the record, its events, the audit; the lock given back at the end."""

import structlog

from bot.audit import AuditRecord
from bot.errors import Conflict, Unavailable
from bot.ports.journal import Journal
from bot.ports.locks import IdTaken, Lock, Locks, Waiter
from bot.ports.releases import Releases
from bot.release.model import Event, Release

log = structlog.get_logger()


class Recorder:
    """Writes to the store what the route object already says. A store that is away is caught up with later."""

    def __init__(self, releases: Releases, journal: Journal, locks: Locks) -> None:
        self._releases = releases
        self._journal = journal
        self._locks = locks

    async def save(self, release: Release, taken: tuple[str, ...]) -> bool:
        """Save the record with its last events and drop the wishes taken in; False when the store did not take it."""
        try:
            await self._releases.save(release, release.recent, taken)
        except (Unavailable, Conflict) as error:
            log.warning("record not saved", release=release.id, revision=release.revision, why=str(error))
            return False
        return True

    async def audit(self, release: Release, event: Event) -> None:
        """One line of the audit log for an event."""
        await self.note(_audited(release, event))

    async def note(self, record: AuditRecord) -> None:
        """One line of the audit log."""
        try:
            await self._journal.append(record)
        except Unavailable as error:
            log.warning(
                "audit record not stored", why=error.why, **record.model_dump(mode="json", exclude={"by"})
            )

    async def ready(self) -> bool:
        """Whether what happens now would be audited: else nothing moves forward."""
        try:
            await self._journal.ready()
        except Unavailable as error:
            log.warning("nothing moves forward without an audit", why=error.why)
            return False
        return True

    async def restore(self, release: Release) -> None:
        """Write into a store that lost it what the route object says: record, last events, their audit; a live one's lock.

        The lock may be somebody else's by now: then theirs stays. So does a record that another replica was faster with.
        """
        try:
            if release.live and release.recent:
                await self._locks.admit(release, release.recent[0], None)
            await self._releases.save(release, release.recent, ())
            for event in release.recent:
                await self._journal.append(_audited(release, event))
        except (Unavailable, Conflict, IdTaken) as error:
            log.warning("record not restored yet", release=release.id, why=str(error))
        else:
            log.warning(
                "record restored from the route object", release=release.id, revision=release.revision
            )

    async def held(self) -> tuple[Lock, ...]:
        """All that is held. Raises `Unavailable`."""
        return await self._locks.all()

    async def free(self, release: Release) -> Waiter | None:
        """Give the service's lock back; whoever waits first is to be told."""
        try:
            return await self._locks.free(release.service, release.id)
        except Unavailable as error:
            log.warning("lock not given back yet", release=release.id, why=error.why)
            return None


def _audited(release: Release, event: Event) -> AuditRecord:
    return AuditRecord(
        at=event.at,
        by=event.by,
        act=event.kind,
        service=release.service,
        release=release.id,
        outcome="done",
        text=event.text,
        origin=f"{release.id}:{event.revision}",
    )
