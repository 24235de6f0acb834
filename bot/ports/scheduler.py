"""Durable passes: a release is looked at again although the process that asked for it died."""

from datetime import datetime
from typing import Protocol


class Scheduler(Protocol):
    """Keyed by release id: one pass of a release is due at a time, and the earliest asked for wins."""

    async def schedule(self, release: str, at: datetime) -> None:
        """Have a pass at that time, unless an earlier one is already due."""
        ...

    async def wake(self, release: str) -> None:
        """Have a pass at once, by any replica."""
        ...

    async def forget(self, release: str) -> None:
        """Nothing more is due for this release."""
        ...
