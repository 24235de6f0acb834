"""Time, so that tests own it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall time for records, a monotonic one for intervals."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let others work for that long."""
        ...
