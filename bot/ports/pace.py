"""How often anything moves forward in a mesh, over all releases and all replicas. A rollback never asks."""

from datetime import timedelta
from typing import Protocol


class Pace(Protocol):
    """Turns in the order in which they were first asked for. Nobody waits here: who is refused comes back."""

    async def ask(self, write: str) -> timedelta:
        """Zero when that write may go now; else the time until its turn, which is kept for it until a moment after.

        `write` names one write for good (`R-1001:7`, a release and the revision it stands at). Asked again for the same, by
        whichever replica, the answer is about the same turn: one that was given stays given for some seconds.
        Raises `Unavailable` while the store, which keeps the turns, is away.
        """
        ...
