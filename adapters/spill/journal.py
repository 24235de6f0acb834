"""An audit log that is written ahead into a file while the durable one is away, and brought home in order."""

import asyncio
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from adapters.spill.ahead import Ahead
from bot.audit import AuditRecord
from bot.errors import Unavailable
from bot.ports.clock import Clock
from bot.ports.journal import Journal
from bot.release.stored import Newer

log = structlog.get_logger()

RETRY: Final = 1.0
"""Seconds before the durable one is asked again after it did not answer."""


class JournalWithSpill:
    """The port `Journal` over another one. What it does not take waits in the folder and outlives this process."""

    def __init__(self, durable: Journal, clock: Clock, folder: Path) -> None:
        self._durable = durable
        self._clock = clock
        self._ahead = Ahead(folder)
        self._ask_again = 0.0
        # Records stay in their order: none passes one that waits.
        self._turn = asyncio.Lock()

    async def append(self, record: AuditRecord) -> None:
        """Write one record, here or there. Raises `Unavailable` where neither takes it."""
        async with self._turn:
            if not self._ahead.waiting and self._clock.monotonic() >= self._ask_again:
                try:
                    await self._durable.append(record)
                except Unavailable:
                    self._ask_again = self._clock.monotonic() + RETRY
                else:
                    return
            try:
                await asyncio.to_thread(self._ahead.keep, record.model_dump_json())
            except OSError as error:
                raise Unavailable("redis", f"and no audit can be kept here: {error.strerror}") from error

    async def ready(self) -> None:
        """Raise `Unavailable` unless nothing waits and the next record would be stored."""
        await self.bring_home()
        await self._durable.ready()

    async def tail(self, limit: int) -> tuple[AuditRecord, ...]:
        """The newest records at home."""
        return await self._durable.tail(limit)

    async def first_time(self, key: str, remember: timedelta) -> bool:
        """Ask the durable one."""
        return await self._durable.first_time(key, remember)

    async def bring_home(self) -> None:
        """Take in what waits, oldest first, also what processes left that are gone. Raises `Unavailable`.

        A record that is brought home twice is stored once.
        """
        async with self._turn:
            try:
                with closing(self._ahead.lines()) as files:
                    await self._take_in(files)
            except OSError as error:
                raise Unavailable("redis", f"and what waits here cannot be read: {error.strerror}") from error

    async def run(self) -> None:
        """Bring home whatever waits, again and again."""
        while True:
            await self._clock.sleep(RETRY)
            with suppress(Unavailable):
                await self.bring_home()

    async def aclose(self) -> None:
        """Bring home what can be; the rest stays on disk, for whoever comes next."""
        with suppress(Unavailable):
            await self.bring_home()
        self._ahead.let_go()

    async def _take_in(self, files: Iterable[tuple[Path, list[str]]]) -> None:
        for path, lines in files:
            for record in map(_read, lines):
                if record is not None:
                    await self._durable.append(record)
            self._ahead.drop(path)


def _read(line: str) -> AuditRecord | None:
    try:
        return AuditRecord.from_storage(line)
    except (ValueError, Newer) as problem:
        log.error("an audit record that waited cannot be read", line=line, problem=str(problem))  # noqa: TRY400  no trace wanted
        return None
