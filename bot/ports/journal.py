"""The audit log, and the memory of what was already taken in."""

from datetime import timedelta
from typing import Protocol

from bot.audit import AuditRecord


class Journal(Protocol):
    """Append only."""

    async def append(self, record: AuditRecord) -> None:
        """Write one record; the same one again is not written twice."""
        ...

    async def ready(self) -> None:
        """Raise `Unavailable` unless the next record would be stored: nothing moves forward without an audit."""
        ...

    async def tail(self, limit: int) -> tuple[AuditRecord, ...]:
        """The newest records, newest first."""
        ...

    async def first_time(self, key: str, remember: timedelta) -> bool:
        """True for the first caller with that key within the time; everyone else gets False."""
        ...
