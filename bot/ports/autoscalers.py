"""The autoscaler of stable: a release holds its floor, so that a rollback never lands on a stable that was scaled away."""

from dataclasses import dataclass
from typing import Protocol

from bot.config.catalogue import Service
from bot.release.grant import Grant


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """What scales stable, as last seen; whoever made it (KEDA's are of the same kind).

    `floor` and `ceiling` are its fewest and most pods. While a release holds the floor, `held` is what it was set to and `was`
    what it was before; both None otherwise. `owner` and `revision` are the stamp (None and 0 without). `counts_canary`: the pods it
    counts are found by a selector that the canary's pods meet too.
    """

    name: str
    floor: int
    ceiling: int
    held: int | None
    was: int | None
    owner: str | None
    revision: int
    counts_canary: bool


class Autoscalers(Protocol):
    """Every write is idempotent, fenced by the object's version, and refused (`Conflict`) where a newer stamp stands."""

    async def read(self, service: Service) -> Autoscaler | None:
        """What scales stable; None where nothing does. Raises `Refused` when it may not be looked for."""
        ...

    async def hold(self, grant: Grant, service: Service, floor: int) -> None:
        """Let stable have at least so many pods, and keep beside it what the floor was.

        A floor that this release held already, and somebody changed since, is not touched; nor is anything without an autoscaler.
        """
        ...

    async def give_back(self, grant: Grant, service: Service) -> None:
        """Set the floor to what it was, unless somebody changed it since: then theirs stays. The stamp stays, as a fence.

        Nothing happens where a newer release has the autoscaler, or where there is none.
        """
        ...
