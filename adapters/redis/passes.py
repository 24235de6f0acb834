"""What is asked of each release's passes: the memory beside the alarms, so that no wake-up is lost and none is done twice.

`due` is the earliest time anybody asked for and stays in the past while a pass runs: a pass that is killed is still due. A pass that
ends replaces it by the next time only if nobody asked meanwhile.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.redis.door import Connection, Script

ASK: Final = Script("ask")
DUE: Final = Script("due")
FINISH: Final = Script("finish")

AT_ONCE: Final = datetime.fromtimestamp(0, UTC)
"""Earlier than any replica's clock, however wrong it goes."""
KEPT: Final = timedelta(days=30)
PATIENCE: Final = timedelta(seconds=2)
"""A release that is overdue for longer gets another alarm when it is asked for."""


@dataclass(frozen=True, slots=True)
class Due:
    """When the next pass is due; `asked` is the number of the last time somebody asked."""

    at: datetime
    asked: int


class RedisPasses:
    """Times come from the replicas, whose alarms go by them too."""

    def __init__(self, connection: Connection) -> None:
        self._redis = connection

    async def ask(self, release: str, at: datetime, now: datetime) -> bool:
        """Have a pass by then; True when an alarm must be set for it."""
        keys = (self._key(release), self._redis.key("numbers", "ask"))
        patience = PATIENCE // timedelta(milliseconds=1)
        return bool(await self._redis.run(ASK, keys, _ms(at), _ms(now), int(KEPT.total_seconds()), patience))

    async def due(self, release: str) -> Due | None:
        """What is asked of it now."""
        return _due(await self._redis.run(DUE, (self._key(release),)))

    async def finish(self, release: str, asked: int, following: datetime | None) -> Due | None:
        """A pass that began when `asked` was the last number is over; answer what is asked now."""
        keys = (self._key(release),)
        then = "" if following is None else _ms(following)
        return _due(await self._redis.run(FINISH, keys, asked, then, int(KEPT.total_seconds())))

    async def forget(self, release: str) -> None:
        """Nothing is asked of it any more."""
        await self._redis.answer(self._redis.client.delete(self._key(release)))

    def _key(self, release: str) -> str:
        return self._redis.key("pass", release)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _due(stored: list[int] | None) -> Due | None:
    return None if stored is None else Due(datetime.fromtimestamp(stored[0] / 1000, UTC), stored[1])
