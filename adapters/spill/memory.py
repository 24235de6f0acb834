"""An outbox in memory: bounded, newest wins, urgent first. Lost with the process."""

import asyncio
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from bot.ports.chat import Posted
from bot.ports.clock import Clock
from bot.ports.outbox import Parcel

T = TypeVar("T")
LEASE = 10.0
BOUND = 10_000


@dataclass(slots=True)
class Pending:
    """A parcel in the box: `number` is its age (smaller is older), `not_before` a monotonic time in seconds."""

    parcel: Parcel
    number: int
    not_before: float = 0.0
    leased: bool = False

    @property
    def rank(self) -> tuple[int, int]:
        """Urgent first, then oldest first."""
        return (self.parcel.urgency, self.number)


class MemoryOutbox:
    """The port `Outbox`. Its versions are negative, so that they never equal one that a store gave."""

    def __init__(self, clock: Clock, bound: int = BOUND) -> None:
        self._clock = clock
        self._bound = bound
        self._numbers = count(1)
        self._boxes: dict[str, Pending] = {}
        self._places: dict[str, Posted] = {}
        self._said: dict[str, str] = {}
        self._bell = asyncio.Event()

    async def put(self, parcel: Parcel) -> None:
        """Leave a message; beyond the bound the oldest of the least urgent is given up."""
        key = parcel.key
        number = next(self._numbers)
        newest = parcel.model_copy(update={"version": -number})
        pending = self._boxes.get(key)
        if self._said.get(key) == parcel.fingerprint and not (pending and self._is_leased(pending)):
            self._boxes.pop(key, None)
        elif pending is not None:
            pending.parcel = newest
        else:
            self._boxes[key] = Pending(newest, number)
            self._trim()
        self._bell.set()

    async def take(self, holder: str) -> Parcel | None:
        """Lease the next one for 10 s."""
        del holder  # one process, one holder
        now = self._clock.monotonic()
        ready = [box for box in self._boxes.values() if box.not_before <= now and self._may_go(box.parcel)]
        if not ready:
            return None
        first = min(ready, key=lambda box: box.rank)
        first.not_before, first.leased = now + LEASE, True
        return first.parcel

    async def done(self, parcel: Parcel, at: Posted | None) -> None:
        """Remember what was said and where."""
        self._remember(self._said, parcel.key, parcel.fingerprint)
        if at is not None:
            self._remember(self._places, parcel.key, at)
        pending = self._boxes.get(parcel.key)
        if pending is not None and pending.parcel.version == parcel.version:
            del self._boxes[parcel.key]
        elif pending is not None:
            pending.not_before, pending.leased = 0.0, False
        self._bell.set()

    async def put_back(self, parcel: Parcel, seconds: float) -> None:
        """Not now."""
        pending = self._boxes.get(parcel.key)
        if pending is not None:
            pending.not_before, pending.leased = self._clock.monotonic() + seconds, False

    async def place(self, key: str) -> Posted | None:
        """Where it stands."""
        return self._places.get(key)

    async def wait(self, seconds: float) -> None:
        """Return when something was put since the last wait, or after that time."""
        ring = asyncio.ensure_future(self._bell.wait())
        late = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait((ring, late), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ring.cancel()
            late.cancel()
        self._bell.clear()

    @property
    def waiting(self) -> tuple[Parcel, ...]:
        """Everything still to be said, in the order it would go."""
        return tuple(box.parcel for box in sorted(self._boxes.values(), key=lambda box: box.rank))

    def forget(self, key: str) -> None:
        """Take a parcel out unsaid: it is somebody else's to say."""
        self._boxes.pop(key, None)

    def _is_leased(self, pending: Pending) -> bool:
        return pending.leased and pending.not_before > self._clock.monotonic()

    def _may_go(self, parcel: Parcel) -> bool:
        return parcel.thread is None or parcel.thread in self._places

    def _trim(self) -> None:
        if len(self._boxes) > self._bound:
            given_up = max(self._boxes.values(), key=lambda box: (box.parcel.urgency, -box.number))
            del self._boxes[given_up.parcel.key]

    def _remember(self, memory: dict[str, T], key: str, value: T) -> None:
        memory.pop(key, None)
        memory[key] = value
        if len(memory) > self._bound:
            del memory[next(iter(memory))]
