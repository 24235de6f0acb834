"""An outbox in memory, and what a test wants to see of it."""

from adapters.spill.memory import MemoryOutbox
from bot.ports.chat import Posted
from bot.ports.outbox import Parcel
from tests.fakes.clock import FakeClock
from tests.fakes.outage import Outage


class FakeOutbox(MemoryOutbox):
    """`parcels` shows what is still to be said, in the order it would go; `places` where what was said stands."""

    def __init__(self, clock: FakeClock, outage: Outage | None = None) -> None:
        super().__init__(clock)
        self._outage = outage or Outage()

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        return self.waiting

    @property
    def places(self) -> dict[str, Posted]:
        return dict(self._places)

    async def put(self, parcel: Parcel) -> None:
        self._outage.check()
        await super().put(parcel)

    async def take(self, holder: str) -> Parcel | None:
        self._outage.check()
        return await super().take(holder)

    async def done(self, parcel: Parcel, at: Posted | None) -> None:
        self._outage.check()
        await super().done(parcel, at)

    async def put_back(self, parcel: Parcel, seconds: float) -> None:
        self._outage.check()
        await super().put_back(parcel, seconds)

    async def place(self, key: str) -> Posted | None:
        self._outage.check()
        return await super().place(key)

    async def wait(self, seconds: float) -> None:
        self._outage.check()
        await super().wait(seconds)
