"""Release records in memory."""

from collections import defaultdict
from collections.abc import Collection

from bot.errors import Conflict
from bot.release.instructions import Instruction
from bot.release.model import Event, Release
from tests.fakes.outage import Outage


class FakeReleases:
    """Stores what `for_storage` writes and reads it back, as the real one does."""

    def __init__(self, outage: Outage | None = None) -> None:
        self._outage = outage or Outage()
        self._records: dict[str, Release] = {}
        self._events: dict[str, dict[tuple[int, str, str], Event]] = defaultdict(dict)
        self._inbox: dict[str, dict[str, Instruction]] = defaultdict(dict)
        self._taken: dict[str, set[str]] = defaultdict(set)

    async def load(self, release: str) -> Release | None:
        self._outage.check()
        return self._records.get(release)

    async def recall(self, release: str) -> tuple[Release | None, tuple[Instruction, ...]]:
        return await self.load(release), tuple(self._inbox[release].values())

    async def save(self, release: Release, events: tuple[Event, ...], taken: Collection[str]) -> None:
        self._outage.check()
        stored = self._records.get(release.id)
        if stored is not None and stored.revision > release.revision:
            raise Conflict(f"{release.id} stands at revision {stored.revision}, not {release.revision}")
        self.enter(release, events)
        for id_ in taken:
            self._inbox[release.id].pop(id_, None)
            self._taken[release.id].add(id_)

    def is_new(self, release: Release) -> bool:
        """Whether the id is no other release's."""
        return self._records.get(release.id) in (None, Release.from_storage(release.for_storage()))

    def enter(self, release: Release, events: tuple[Event, ...]) -> None:
        """Write a record unless the stored one is as new, and the events not there yet."""
        stored = self._records.get(release.id)
        if stored is None or stored.revision < release.revision:
            self._records[release.id] = Release.from_storage(release.for_storage())
        for event in events:
            self._events[release.id].setdefault((event.revision, event.kind, event.by.id), event)

    async def instruct(self, release: str, instruction: Instruction) -> bool:
        self._outage.check()
        if instruction.id in self._taken[release] or instruction.id in self._inbox[release]:
            return False
        self._inbox[release][instruction.id] = instruction
        return True

    async def live(self, *, besides: Collection[str] = ()) -> tuple[Release, ...]:
        self._outage.check()
        asked = {id_ for id_, inbox in self._inbox.items() if inbox}
        left = asked | (self._records.keys() - besides)
        found = (record for record in self._records.values() if _is_live(record) and record.id in left)
        return tuple(sorted(found, key=lambda record: (record.started_at, record.id)))

    async def history(self, service: str, limit: int) -> tuple[Release, ...]:
        self._outage.check()
        of_service = (record for record in self._records.values() if record.service == service)
        newest_first = sorted(of_service, key=lambda record: (record.started_at, record.id), reverse=True)
        return tuple(newest_first[: max(0, limit)])

    async def events(self, release: str) -> tuple[Event, ...]:
        self._outage.check()
        return tuple(sorted(self._events[release].values(), key=lambda event: event.revision))


def _is_live(record: Release) -> bool:
    return record.live or not record.tidied
