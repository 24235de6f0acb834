"""The records of releases, their histories, and what was asked of them."""

from collections.abc import Collection
from typing import Protocol

from bot.release.instructions import Instruction
from bot.release.model import Event, Release


class Releases(Protocol):
    """Remembers. The truth of a live release is its route object; this is the copy people ask."""

    async def load(self, release: str) -> Release | None:
        """The newest record of that id."""
        ...

    async def recall(self, release: str) -> tuple[Release | None, tuple[Instruction, ...]]:
        """The newest record of that id, and the wishes not yet taken in, oldest first."""
        ...

    async def save(self, release: Release, events: tuple[Event, ...], taken: Collection[str]) -> None:
        """Write a record that is newer by revision, append its events, drop the instructions taken in: one step.

        A record of the same revision may be written again (nothing changes, nothing is appended twice). Raises `Conflict` when
        the stored revision is newer. A live record enters the set of live ones; a terminal and tidied one leaves it.
        """
        ...

    async def instruct(self, release: str, instruction: Instruction) -> bool:
        """Put a wish in the release's inbox; False when that id was there before (also when already taken in)."""
        ...

    async def live(self, *, besides: Collection[str] = ()) -> tuple[Release, ...]:
        """All releases not yet terminal, or terminal and not yet tidied.

        Those of the ids `besides` are not read at all, unless a wish waits in their inbox.
        """
        ...

    async def history(self, service: str, limit: int) -> tuple[Release, ...]:
        """The service's releases, newest first."""
        ...

    async def events(self, release: str) -> tuple[Event, ...]:
        """Every event of a release, oldest first."""
        ...
