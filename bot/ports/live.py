"""The live releases as the route objects tell them: known without asking any store."""

from typing import Protocol

from bot.release.model import Release


class Live(Protocol):
    """Read from the watch of the route objects."""

    async def of(self, service: str) -> Release | None:
        """The release written in the service's route object, ended or not; None without one.

        Raises `Newer` for a live one that a newer Lockmaster wrote.
        """
        ...

    async def by_id(self, release: str) -> Release | None:
        """The release of that id, if a route object still carries it. Raises `Newer` for one that a newer Lockmaster wrote."""
        ...

    async def known(self) -> list[Release]:
        """The release of each route object that ever had one, ended or not."""
        ...
