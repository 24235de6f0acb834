"""The port `Journal`: the audit log is a stream; what was seen is a key that expires."""

from datetime import timedelta
from hashlib import sha256
from typing import Final

from adapters.redis.door import Connection, Script
from adapters.redis.records import readable
from bot.audit import AuditRecord

APPEND: Final = Script("append")
KEPT: Final = 100_000
KNOWN: Final = timedelta(days=1)


class RedisJournal:
    """`kept` is about how many records stay; older ones go."""

    def __init__(self, connection: Connection, kept: int = KEPT) -> None:
        self._redis = connection
        self._kept = kept

    async def append(self, record: AuditRecord) -> None:
        """Add to the stream, unless that was done within a day: an answer may have been lost."""
        text = record.model_dump_json()
        keys = (self._redis.key("audit"), self._seen(f"audit:{text}"))
        await self._redis.run(APPEND, keys, text, self._kept, KNOWN // timedelta(milliseconds=1))

    async def ready(self) -> None:
        """Raise `Unavailable` unless the server takes writes."""
        await self._redis.ping()

    async def tail(self, limit: int) -> tuple[AuditRecord, ...]:
        """Newest first."""
        if limit <= 0:
            return ()
        newest = self._redis.client.xrevrange(self._redis.key("audit"), count=limit)
        entries = await self._redis.answer(newest)
        return tuple(readable(AuditRecord, (fields[b"record"] for _, fields in entries)))

    async def first_time(self, key: str, remember: timedelta) -> bool:
        """Claim the key; it may be of any length and hold anything, so its digest names it."""
        milliseconds = max(1, remember // timedelta(milliseconds=1))
        claimed = self._redis.client.set(self._seen(key), b"1", nx=True, px=milliseconds)
        return bool(await self._redis.answer(claimed))

    def _seen(self, key: str) -> str:
        return self._redis.key("seen", sha256(key.encode()).hexdigest())
