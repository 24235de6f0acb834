"""What is remembered of a step: the record, its events, the audit; the lock given back at the end."""

import structlog

from bot.audit import AuditRecord
from bot.errors import Conflict, Unavailable
from bot.ports.journal import Journal
from bot.ports.locks import Locks, Waiter
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
        record = AuditRecord(
            at=event.at,
            by=event.by,
            act=event.kind,
            service=release.service,
            release=release.id,
            outcome="done",
            text=event.text,
            origin=f"{release.id}:{event.revision}",
        )
        try:
            await self._journal.append(record)
        except Unavailable as error:
            log.warning(
                "audit record not stored", why=error.why, **record.model_dump(mode="json", exclude={"by"})
            )

    async def free(self, release: Release) -> Waiter | None:
        """Give the service's lock back; whoever waits first is to be told."""
        try:
            return await self._locks.free(release.service, release.id)
        except Unavailable as error:
            log.warning("lock not given back yet", release=release.id, why=error.why)
            return None
