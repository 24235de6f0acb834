"""Acting at once: a rollback waits for no timer and no other process."""

from typing import Protocol

from bot.release.instructions import Instruction


class Passes(Protocol):
    """The reconciler as those see it who ask for something."""

    async def now(self, release: str, *wishes: Instruction) -> None:
        """Run passes of a release in this process until there is nothing more to do at once.

        The wishes are taken in even when the store, which should have remembered them, cannot be reached.
        """
        ...
