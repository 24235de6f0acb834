"""What is asked of each release's passes, and whose turn it is: the memory beside the alarms.

`due` is the earliest time anybody asked for and stays in the past while a pass runs: a pass that is killed is still due. A pass that
ends replaces it by the next time only if nobody asked meanwhile. One replica at a time has the turn, by the server's clock, and loses
it when it gives no sign of life.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.redis.door import Connection, Script

ASK: Final = Script("ask")
BEGIN: Final = Script("begin")
FINISH: Final = Script("finish")
RENEW: Final = Script("renew")

AT_ONCE: Final = datetime.fromtimestamp(0, UTC)
"""Earlier than any replica's clock, however wrong it goes."""
PATIENCE: Final = timedelta(seconds=2)
"""A release that is overdue for longer gets another alarm when it is asked for."""
_KEPT_S: Final = int(timedelta(days=30).total_seconds())


@dataclass(frozen=True, slots=True)
class Turn:
    """When the next pass is due; `mine` where it is due and the caller's to perform; `asked` goes back into `finish`."""

    due: datetime
    asked: int
    mine: bool


class RedisPasses:
    """`holder` names a replica. `due` goes by the replicas' clocks, as their alarms do; turns by the server's."""

    def __init__(self, connection: Connection, holder: str, lease: timedelta) -> None:
        self._redis = connection
        self._holder = holder
        self._lease_ms = _in_ms(lease)

    async def ask(self, release: str, at: datetime, now: datetime) -> bool:
        """Have a pass by then; True when an alarm must be set for it."""
        keys = (self._key("pass", release), self._redis.key("numbers", "ask"))
        return bool(await self._redis.run(ASK, keys, _ms(at), _ms(now), _KEPT_S, _in_ms(PATIENCE)))

    async def due(self, release: str) -> datetime | None:
        """When the next pass is due."""
        stored = await self._redis.answer(self._redis.client.hget(self._key("pass", release), "due"))
        return None if stored is None else _moment(int(stored))

    async def begin(self, release: str, now: datetime) -> Turn | None:
        """Take the turn if a pass is due and nobody has it; None when nothing is asked."""
        stored = await self._redis.run(BEGIN, self._keys(release), self._holder, _ms(now), self._lease_ms)
        return None if stored is None else Turn(_moment(stored[0]), stored[1], bool(stored[2]))

    async def renew(self, releases: Collection[str]) -> None:
        """Show a sign of life for the passes under way here."""
        if not releases:
            return
        turns = [self._key("turn", release) for release in releases]
        await self._redis.run(RENEW, turns, self._holder, self._lease_ms)

    async def finish(self, release: str, turn: Turn, following: datetime | None) -> None:
        """The pass is over: give the turn back and say when the next one is due."""
        then = "" if following is None else _ms(following)
        await self._redis.run(FINISH, self._keys(release), self._holder, turn.asked, then, _KEPT_S)

    async def forget(self, release: str) -> None:
        """Nothing is asked of it any more."""
        await self._redis.answer(self._redis.client.delete(self._key("pass", release)))

    def _keys(self, release: str) -> tuple[str, str]:
        return self._key("pass", release), self._key("turn", release)

    def _key(self, kind: str, release: str) -> str:
        return self._redis.key(kind, release)


def _ms(at: datetime) -> int:
    return _in_ms(at - AT_ONCE)


def _in_ms(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)


def _moment(milliseconds: int) -> datetime:
    return AT_ONCE + timedelta(milliseconds=milliseconds)
