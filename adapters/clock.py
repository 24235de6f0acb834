"""Time as the machine has it."""

import asyncio
import time
from datetime import UTC, datetime


class SystemClock:
    """The port `Clock` on the machine's own clocks: wall time may step, monotonic time may not."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment; differences alone mean something."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let others work for that long; a negative time is none."""
        await asyncio.sleep(max(0.0, seconds))
