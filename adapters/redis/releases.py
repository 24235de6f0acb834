"""The port `Releases`: records, histories and inboxes."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final

from adapters.redis.door import Connection, Script
from adapters.redis.records import complain, event_field, history_keys, is_open, readable, started_ms
from bot.errors import Conflict
from bot.release.instructions import Instruction
from bot.release.model import Event, Release

SAVE: Final = Script("save")
INSTRUCT: Final = Script("instruct")
REMEMBERED: Final = timedelta(days=7)
"""How long an id is known after it was taken in."""

_ORDER: Final = 6
_ARRIVAL: Final = 15
_REMEMBERED_S: Final = int(REMEMBERED.total_seconds())


class RedisReleases:
    """Records are kept for good; the ids of wishes taken in, and a forgotten inbox, for seven days."""

    def __init__(self, connection: Connection) -> None:
        self._redis = connection

    async def load(self, release: str) -> Release | None:
        """The newest record; None for one that is damaged."""
        return _record(await self._redis.answer(self._redis.client.hget(self._record_key(release), "text")))

    async def recall(self, release: str) -> tuple[Release | None, tuple[Instruction, ...]]:
        """The same, and what waits by arrival, in one question."""
        asked = self._redis.client.pipeline(transaction=False)
        asked.hget(self._record_key(release), "text")
        asked.hvals(self._redis.key("inbox", release))
        text, waiting = await self._redis.answer(asked.execute())
        wishes = readable(Instruction, (body[_ARRIVAL:] for body in sorted(waiting)))
        return _record(text), tuple(wishes)

    async def save(self, release: Release, events: tuple[Event, ...], taken: Collection[str]) -> None:
        """Write in one script; `Conflict` when a newer revision is stored."""
        key = self._redis.key
        inbox = (key("inbox", release.id), key("taken", release.id), key("asked"))
        keys = (*history_keys(self._redis, release), *inbox)
        newer = await self._redis.run(
            SAVE,
            keys,
            *(release.id, release.revision, release.for_storage(), started_ms(release), is_open(release)),
            *(_REMEMBERED_S, len(events)),
            *(part for event in events for part in (event_field(event), event.model_dump_json())),
            *taken,
        )
        if newer:
            raise Conflict(f"{release.id} stands at revision {int(newer)}, not {release.revision}")

    async def instruct(self, release: str, instruction: Instruction) -> bool:
        """Put into the inbox once."""
        key = self._redis.key
        keys = (key("inbox", release), key("taken", release), key("numbers", "arrival"), key("asked"))
        body = instruction.model_dump_json()
        return bool(await self._redis.run(INSTRUCT, keys, instruction.id, body, _REMEMBERED_S, release))

    async def live(self, *, besides: Collection[str] = ()) -> tuple[Release, ...]:
        """Oldest first."""
        asked = self._redis.client.pipeline(transaction=False)
        for name in ("live", "asked"):
            asked.smembers(self._redis.key(name))
        live, wished = await self._redis.answer(asked.execute())
        left = {id_.decode() for id_ in live}.difference(besides) | {id_.decode() for id_ in live & wished}
        found = await self._records(left)
        return tuple(sorted(found, key=lambda record: (record.started_at, record.id)))

    async def history(self, service: str, limit: int) -> tuple[Release, ...]:
        """By start, newest first."""
        if limit <= 0:
            return ()
        newest = self._redis.client.zrevrange(self._redis.key("history", service), 0, limit - 1)
        return tuple(await self._records(id_.decode() for id_ in await self._redis.answer(newest)))

    async def events(self, release: str) -> tuple[Event, ...]:
        """By revision, and by arrival within one."""
        found = await self._redis.answer(self._redis.client.hvals(self._redis.key("events", release)))
        by_arrival = readable(Event, (text[_ORDER:] for text in sorted(found)))
        return tuple(sorted(by_arrival, key=lambda event: event.revision))

    async def _records(self, ids: Iterable[str]) -> list[Release]:
        return readable(Release, await self._texts(ids))

    async def _texts(self, ids: Iterable[str]) -> list[bytes]:
        pipeline = self._redis.client.pipeline(transaction=False)
        for id_ in ids:
            pipeline.hget(self._record_key(id_), "text")
        texts = await self._redis.answer(pipeline.execute())
        return [text for text in texts if text]

    def _record_key(self, release: str) -> str:
        return self._redis.key("release", release)


def _record(text: bytes | None) -> Release | None:
    """One that is damaged is none: the route object knows better, and what is saved next takes its place."""
    if not text:
        return None
    try:
        return Release.from_storage(text)
    except ValueError as problem:
        complain("Release", text, str(problem))
        return None
