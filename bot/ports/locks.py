"""The lock of a service and its queue, admission included: the first of the two gates to start."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from bot.release.lock import Lock, Waiter
from bot.release.model import Event, Release

PLACES: Final = 500
"""How many may wait for one service."""
PATIENCE: Final = timedelta(hours=12)
"""After this time a place in the queue is given up."""
FIRST_NUMBER: Final = 1001
"""The first release is R-1001."""

__all__ = ["FIRST_NUMBER", "PATIENCE", "PLACES", "Busy", "Held", "IdTaken", "Lock", "Locks", "Waiter"]


@dataclass(frozen=True, slots=True)
class Held:
    """The lock was taken."""

    lock: Lock


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody else holds it. `place` is the asker's place in the queue, from 1; None when not queued."""

    lock: Lock
    place: int | None


class IdTaken(Exception):  # noqa: N818  an answer, not an error
    """The id is another release's: the store had forgotten that it gave the number away."""


class Locks(Protocol):
    """All of it decided by the store's own clock and in one script, so that two never win."""

    async def admit(self, release: Release, event: Event, waiter: Waiter | None) -> Held | Busy:
        """Take the lock for a release and write its record and first event, all or nothing.

        Refused, the waiter (if any) is queued, once a person; asking again keeps the place. The same release again is Held.
        Raises `IdTaken`: another number is to be drawn.
        """
        ...

    async def hold(self, lock: Lock, ttl: timedelta | None) -> Held | Busy:
        """Take the lock for a person (`lock.release` is None), for a time or until unlocked. The holder again renews it."""
        ...

    async def free(self, service: str, release: str | None) -> Waiter | None:
        """Give the lock back if that release (None: a person) holds it; answer whom to tell: the queue's head, taken off it."""
        ...

    async def get(self, service: str) -> Lock | None:
        """Who holds the service now; an expired hold is none."""
        ...

    async def all(self) -> tuple[Lock, ...]:
        """All that is held, by service name."""
        ...

    async def queue(self, service: str) -> tuple[Waiter, ...]:
        """Who waits, first come first."""
        ...

    async def next_number(self, above: int) -> int:
        """The next release number, greater than `above`; never given out twice, unless the store lost many at once."""
        ...
