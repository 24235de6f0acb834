"""The port `Outbox`: parcels as hashes, their order as sorted sets, each step one script."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from adapters.redis.door import Connection, Script
from bot.ports.chat import Posted
from bot.ports.outbox import Parcel
from bot.release.stored import Newer

log = structlog.get_logger()

PUT: Final = Script("put")
TAKE: Final = Script("take")
DONE: Final = Script("done")
PUT_BACK: Final = Script("put_back")

LEASE: Final = timedelta(seconds=10)
PARCEL_KEPT: Final = timedelta(days=1)
"""What could not be said for a day is no longer news."""
PLACE_KEPT: Final = timedelta(days=30)
_LEASE_MS: Final = LEASE // timedelta(milliseconds=1)
UNREAD: Final = 2.0
"""Seconds that a parcel from a newer version is left alone."""
_LISTEN: Final = 0.5
"""Seconds of one blocking read; shorter than the connection's own patience."""


class RedisOutbox:
    """Leases run by the server's clock, so that another replica takes over what a killed one had."""

    def __init__(self, connection: Connection) -> None:
        self._redis = connection

    async def put(self, parcel: Parcel) -> None:
        """Newest wins; one that says what was last said is dropped, and so is an older one that still waits."""
        box, key = self._box, parcel.key
        keys = [box("parcel", key), box("place", key), box("ready"), box("later"), box("bell")]
        keys.append(self._redis.key("numbers", "parcel"))
        if parcel.thread is not None:
            keys += [box("parked", parcel.thread), box("place", parcel.thread)]
        body = parcel.model_dump_json(exclude={"version"})
        await self._redis.run(
            PUT, keys, key, body, parcel.urgency.value, parcel.fingerprint, _seconds(PARCEL_KEPT)
        )

    async def take(self, holder: str) -> Parcel | None:
        """Lease the first that may go; `holder` is kept for whoever looks into the store."""
        keys = (self._box("ready"), self._box("later"))
        found = await self._redis.run(TAKE, keys, self._box("parcel", ""), holder, _LEASE_MS)
        if found is None:
            return None
        try:
            parcel = Parcel.from_storage(found[0])
        except Newer as newer:
            # Whoever can read it says it.
            await self._later(newer.fields["key"], UNREAD)
            return None
        except ValueError as problem:
            await self._put_aside(found[2].decode(), str(problem))
            return None
        return parcel.model_copy(update={"version": int(found[1])})

    async def done(self, parcel: Parcel, at: Posted | None) -> None:
        """Remember place and words; let those go that wait for the place."""
        box, key = self._box, parcel.key
        keys = (
            box("parcel", key),
            box("place", key),
            box("ready"),
            box("later"),
            box("bell"),
            box("parked", key),
        )
        place = () if at is None else (at.channel, at.ts)
        said = (parcel.version, parcel.fingerprint, _seconds(PLACE_KEPT))
        await self._redis.run(DONE, keys, key, *said, box("parcel", ""), *place)

    async def put_back(self, parcel: Parcel, seconds: float) -> None:
        """Not now."""
        await self._later(parcel.key, seconds)

    async def place(self, key: str) -> Posted | None:
        """Where it stands."""
        stored = self._redis.client.hmget(self._box("place", key), ["channel", "ts"])
        channel, ts = await self._redis.answer(stored)
        return Posted(channel.decode(), ts.decode()) if ts else None

    async def wait(self, seconds: float) -> None:
        """Blocking reads of a bell that keeps ringing until somebody heard it: nothing put before the wait is missed."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            listen = self._redis.client.blpop([self._box("bell")], timeout=max(0.01, min(_LISTEN, left)))
            if await self._redis.answer(listen):
                return

    async def _put_aside(self, key: str, problem: str) -> None:
        """Nobody can read it: kept for whoever looks into the store, and in nobody's way."""
        aside = self._box("aside", key)
        pipeline = self._redis.client.pipeline()
        pipeline.rename(self._box("parcel", key), aside)
        pipeline.expire(aside, PLACE_KEPT)
        await self._redis.answer(pipeline.execute())
        log.error("an unreadable message was put aside", key=key, problem=problem[:500])

    async def _later(self, key: str, seconds: float) -> None:
        keys = (self._box("parcel", key), self._box("ready"), self._box("later"))
        await self._redis.run(PUT_BACK, keys, key, int(seconds * 1000))

    def _box(self, *words: str) -> str:
        return self._redis.key("outbox", *words)


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())
