"""An audit log in memory."""

from datetime import datetime, timedelta

from bot.audit import AuditRecord
from tests.fakes.clock import FakeClock
from tests.fakes.outage import Outage


class FakeJournal:
    """`records` holds everything appended, oldest first."""

    def __init__(self, clock: FakeClock, outage: Outage | None = None) -> None:
        self.records: list[AuditRecord] = []
        self._seen: dict[str, datetime] = {}
        self._clock = clock
        self._outage = outage or Outage()

    async def append(self, record: AuditRecord) -> None:
        self._outage.check()
        if record not in self.records:
            self.records.append(record)

    async def ready(self) -> None:
        self._outage.check()

    async def tail(self, limit: int) -> tuple[AuditRecord, ...]:
        self._outage.check()
        return tuple(reversed(self.records))[: max(0, limit)]

    async def first_time(self, key: str, remember: timedelta) -> bool:
        self._outage.check()
        now = self._clock.now()
        if key in self._seen and self._seen[key] > now:
            return False
        self._seen[key] = now + remember
        return True
