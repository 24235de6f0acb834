"""What is looked after beside the passes: a store that lost what the route objects say, and locks whose release has ended."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from bot.ports.releases import Releases
from bot.reconciler.record import Recorder
from bot.reconciler.registry import Registry
from bot.release.model import Release
from bot.release.stored import Newer


class Upkeep:
    """Asked once a sweep. `free` gives the lock of a release back and tells whoever waits."""

    def __init__(
        self,
        releases: Releases,
        registry: Registry,
        recorder: Recorder,
        free: Callable[[Release], Awaitable[None]],
    ) -> None:
        self._releases = releases
        self._registry = registry
        self._recorder = recorder
        self._free = free

    async def look(self) -> tuple[Release, ...]:
        """Put right what can be; answer what the store has open beside the route objects. Raises `Unavailable`.

        What the route objects tell of is not read from the store again: a thousand records at once would hold up a rollback.
        """
        await self._restore()
        # In this order: who is admitted between the two has no lock among the first, or is among the second.
        held = await self._recorder.held()
        written = {one.id for one in await self._registry.known() if one.live or not one.tidied}
        stored = await self._releases.live(besides=written)
        known = written.union(release.id for release in stored)
        for lock in held:
            if lock.release is not None and lock.release not in known:
                await self._give_back(lock.release)
        return stored

    async def _restore(self) -> None:
        """Where the store does not know the newest that has ended, write into it what the route objects say of all such.

        Their records say what a rollback goes back to, and what was rolled back before. The live ones' own passes see to them.
        """
        ended = sorted(
            (release for release in await self._registry.known() if release.tidied),
            key=lambda release: release.started_at,
        )
        if not ended or await self._knows(ended[-1].id):
            return
        for release in ended:
            if not await self._knows(release.id):
                await self._recorder.restore(release)

    async def _knows(self, release_id: str) -> bool:
        try:
            return await self._releases.load(release_id) is not None
        except Newer:
            return True

    async def _give_back(self, release_id: str) -> None:
        """One that nobody knows, or only a newer version, is left to people."""
        with suppress(Newer):
            release = await self._releases.load(release_id)
            if release is not None and not release.live:
                await self._free(release)
