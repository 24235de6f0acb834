"""The same signed bytes count once."""

import asyncio
from collections import OrderedDict
from datetime import timedelta

import structlog

from bot.errors import Unavailable
from bot.ports.clock import Clock
from bot.ports.journal import Journal
from handlers.slack.signature import WINDOW

# A timestamp may lie WINDOW ahead, so the bytes are good for twice that time.
REMEMBER = timedelta(seconds=2 * WINDOW)
PATIENCE = 0.5
log = structlog.get_logger()


class Replays:
    """Remembers in the journal, which all replicas share, and in memory, for the time when the journal is away."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._seen: OrderedDict[str, float] = OrderedDict()

    def claim(self, signature: str) -> asyncio.Task[bool] | None:
        """Ask whether this signature was not taken in before, by any replica. None: it was, here."""
        return asyncio.create_task(self._first_anywhere(signature)) if self._first_here(signature) else None

    async def _first_anywhere(self, signature: str) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._journal.first_time(f"slack:{signature}", REMEMBER)
        except (Unavailable, TimeoutError) as error:
            log.warning("replays are remembered here alone", why=str(error) or "the journal is slow")
            return True

    def _first_here(self, signature: str) -> bool:
        now = self._clock.monotonic()
        while self._seen and next(iter(self._seen.values())) <= now:
            self._seen.popitem(last=False)
        if signature in self._seen:
            return False
        self._seen[signature] = now + REMEMBER.total_seconds()
        return True
