"""The port `Journal`: the audit log is a stream; what was seen is a key that expires."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from adapters.redis.door import Connection
from adapters.redis.records import readable
from bot.audit import AuditRecord

KEPT = 100_000


class RedisJournal:
    """`kept` is about how many records stay; older ones go."""

    def __init__(self, connection: Connection, kept: int = KEPT) -> None:
        self._redis = connection
        self._kept = kept

    async def append(self, record: AuditRecord) -> None:
        """Add to the stream."""
        entry: dict[Any, Any] = {"record": record.model_dump_json()}
        added = self._redis.client.xadd(self._redis.key("audit"), entry, maxlen=self._kept, approximate=True)
        await self._redis.answer(added)

    async def tail(self, limit: int) -> tuple[AuditRecord, ...]:
        """Newest first."""
        if limit <= 0:
            return ()
        newest = self._redis.client.xrevrange(self._redis.key("audit"), count=limit)
        entries = await self._redis.answer(newest)
        return tuple(readable(AuditRecord, (fields[b"record"] for _, fields in entries)))

    async def first_time(self, key: str, remember: timedelta) -> bool:
        """Claim the key; it may be of any length and hold anything, so its digest names it."""
        name = self._redis.key("seen", sha256(key.encode()).hexdigest())
        milliseconds = max(1, remember // timedelta(milliseconds=1))
        return bool(await self._redis.answer(self._redis.client.set(name, b"1", nx=True, px=milliseconds)))
