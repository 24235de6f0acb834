"""The port `Locks`: admission and queue, each answer one script."""

from datetime import timedelta
from typing import Final

from adapters.redis.door import Connection, Script
from adapters.redis.records import event_field, history_keys, is_open, readable, started_ms
from bot.errors import Unavailable
from bot.ports.locks import FIRST_NUMBER, PATIENCE, PLACES, Busy, Held, IdTaken, Lock, Waiter
from bot.release.model import Event, Release

ADMIT: Final = Script("admit")
NUMBER: Final = Script("number")
WITHDRAW: Final = Script("withdraw")
HOLD: Final = Script("hold")
FREE: Final = Script("free")
LOCKS: Final = Script("locks")
QUEUE: Final = Script("queue")

GAP: Final = 100
"""So many numbers are left out behind a server that may have forgotten some: it gave them out, and no route object shows them yet."""

_PATIENCE_MS: Final = PATIENCE // timedelta(milliseconds=1)


class RedisLocks:
    """Times in `Lock.since`, `Lock.expires_at` and `Waiter.since` are the server's."""

    def __init__(self, connection: Connection) -> None:
        self._redis = connection
        self._given = 0

    async def admit(self, release: Release, event: Event, waiter: Waiter | None) -> Held | Busy:
        """Decide, and write lock, record and first event or the place in the queue, in one script."""
        keys = (*self._keys(release.service), *history_keys(self._redis, release))
        arguments = (
            *(release.service, release.id, _body(Lock.of(release, event.at))),
            *((waiter.by.id, _body(waiter)) if waiter else (release.by.id, "")),
            *(PLACES, _PATIENCE_MS),
            *(release.revision, release.for_storage(), started_ms(release), is_open(release)),
            *(event_field(event), event.model_dump_json()),
        )
        answer, acknowledged = await self._redis.run_acknowledged(ADMIT, keys, *arguments)
        if not answer:
            raise IdTaken
        return await self._decided(answer, acknowledged, release)

    async def hold(self, lock: Lock, ttl: timedelta | None) -> Held | Busy:
        """Take or renew a person's hold."""
        milliseconds = "" if ttl is None else ttl // timedelta(milliseconds=1)
        answer, acknowledged = await self._redis.run_acknowledged(
            HOLD, self._keys(lock.service), lock.service, lock.by.id, _body(lock), milliseconds, _PATIENCE_MS
        )
        return await self._decided(answer, acknowledged, None)

    async def free(self, service: str, release: str | None) -> Waiter | None:
        """Give back, and take the head off the queue."""
        head = await self._redis.run(FREE, self._keys(service), service, release or "", _PATIENCE_MS)
        return next(iter(readable(Waiter, [head] if head else [])), None)

    async def get(self, service: str) -> Lock | None:
        """The lock in force."""
        found = await self._redis.run(LOCKS, [self._redis.key("locks")], service)
        return Lock.from_storage(found[0]) if found else None

    async def all(self) -> tuple[Lock, ...]:
        """The locks in force, by service name."""
        found = await self._redis.run(LOCKS, [self._redis.key("locks")], "")
        return tuple(sorted(readable(Lock, found), key=lambda lock: lock.service))

    async def queue(self, service: str) -> tuple[Waiter, ...]:
        """Who waits."""
        found = await self._redis.run(QUEUE, self._keys(service)[1:], _PATIENCE_MS)
        return tuple(readable(Waiter, found))

    async def next_number(self, above: int) -> int:
        """Count up from 1001. What the server forgot that it gave out here is known here."""
        before = FIRST_NUMBER - 1
        keys = self._redis.key("numbers", "release"), self._redis.key("numbers", "server")
        given = int(await self._redis.run(NUMBER, keys, max(self._given, above - before), GAP))
        self._given = max(self._given, given)
        return before + given

    def _keys(self, service: str) -> tuple[str, str, str]:
        key = self._redis.key
        return key("locks"), key("queue", service), key("waiters", service)

    async def _decided(self, answer: list[bytes], acknowledged: int, release: Release | None) -> Held | Busy:
        lock = Lock.from_storage(answer[1])
        if not int(answer[0]):
            return Busy(lock, int(answer[2]) or None)
        if acknowledged >= self._redis.replicas:
            return Held(lock)
        if int(answer[0]) == 1:
            await self._withdraw(lock, answer[1], release)
        raise Unavailable(
            "redis", f"lock not held: {acknowledged} of {self._redis.replicas} replicas acknowledged it"
        )

    async def _withdraw(self, lock: Lock, text: bytes, release: Release | None) -> None:
        record = history_keys(self._redis, release) if release else ()
        keys = (self._redis.key("locks"), *record)
        await self._redis.run(WITHDRAW, keys, lock.service, lock.release or "", text)


def _body(value: Lock | Waiter) -> str:
    """Everything but the times: those are the server's to write."""
    return value.model_dump_json(exclude_none=True, exclude={"since", "expires_at"})
