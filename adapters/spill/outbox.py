"""An outbox that goes on in memory while the durable one is away, and brings everything home afterwards."""

import asyncio
from typing import Final

from adapters.spill.memory import BOUND, MemoryOutbox
from bot.errors import Unavailable
from bot.ports.chat import Posted
from bot.ports.clock import Clock
from bot.ports.outbox import Outbox, Parcel

RETRY: Final = 1.0
"""Seconds before the durable outbox is asked again after it did not answer."""


class OutboxWithSpill:
    """The port `Outbox` over another one that may raise `Unavailable`; this one does not.

    What is put meanwhile waits in memory (newest wins, bounded), is taken from there, and is lost only with the process. Places that
    passed by are remembered, so that edits and threads go on too.
    """

    def __init__(self, durable: Outbox, clock: Clock, bound: int = BOUND) -> None:
        self._durable = durable
        self._clock = clock
        self._memory = MemoryOutbox(clock, bound)
        self._said: dict[str, tuple[Parcel, Posted | None]] = {}
        self._bound = bound
        self._ask_again = 0.0
        # What is brought home must not overtake what is put there meanwhile.
        self._homecoming = asyncio.Lock()

    @property
    def _away(self) -> bool:
        return self._clock.monotonic() < self._ask_again

    async def put(self, parcel: Parcel) -> None:
        """Leave a message, here or there."""
        async with self._homecoming:
            if not self._away:
                try:
                    await self._durable.put(parcel)
                except Unavailable:
                    self._lost()
                else:
                    self._memory.forget(parcel.key)
                    return
            await self._memory.put(parcel)

    async def take(self, holder: str) -> Parcel | None:
        """Lease the next one; what gathered in memory goes home first."""
        if not self._away:
            try:
                await self._bring_home()
                return await self._durable.take(holder)
            except Unavailable:
                self._lost()
        return await self._memory.take(holder)

    async def done(self, parcel: Parcel, at: Posted | None) -> None:
        """Remember it on both sides; told later to the one that is away."""
        await self._memory.done(parcel, at)
        if not self._away:
            try:
                await self._durable.done(parcel, at)
            except Unavailable:
                self._lost()
            else:
                return
        self._said.pop(parcel.key, None)
        self._said[parcel.key] = (parcel, at)
        if len(self._said) > self._bound:
            del self._said[next(iter(self._said))]

    async def put_back(self, parcel: Parcel, seconds: float) -> None:
        """Not now; a lease that the absent one holds runs out by itself."""
        await self._memory.put_back(parcel, seconds)
        if not self._away:
            try:
                await self._durable.put_back(parcel, seconds)
            except Unavailable:
                self._lost()

    async def place(self, key: str) -> Posted | None:
        """Where it stands, as far as can be known now."""
        if not self._away:
            try:
                at = await self._durable.place(key)
            except Unavailable:
                self._lost()
            else:
                return at or await self._memory.place(key)
        return await self._memory.place(key)

    async def wait(self, seconds: float) -> None:
        """Wait for whichever takes the parcels now."""
        if not self._away:
            try:
                await self._durable.wait(seconds)
            except Unavailable:
                self._lost()
            else:
                return
        await self._memory.wait(min(seconds, RETRY))

    def _lost(self) -> None:
        self._ask_again = self._clock.monotonic() + RETRY

    async def _bring_home(self) -> None:
        """Tell the durable one first what was said, then what is still to be said.

        An older parcel that waited there all the time was overtaken: the words that were said, put anew, take it out.
        """
        async with self._homecoming:
            for key, told in tuple(self._said.items()):
                await self._durable.done(*told)
                if told[0].version < 0:
                    await self._durable.put(told[0])
                if self._said.get(key) is told:
                    del self._said[key]
            for parcel in self._memory.waiting:
                await self._durable.put(parcel)
                self._memory.forget(parcel.key)
