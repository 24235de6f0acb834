"""Who is being turned back right now, before whatever can wait a moment."""

import asyncio

HEAD_START = 0.25
"""Seconds that others wait at most for those whose traffic is on its way back."""


class Rush:
    """Rollbacks of this process whose first step is not done yet."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Future[None]] = {}

    def begin(self, release: str) -> None:
        """It is being turned back."""
        self._under_way.setdefault(release, asyncio.get_running_loop().create_future())

    def end(self, release: str) -> None:
        """What matters is done, or cannot be; safe to call twice, and for whoever was never in a rush."""
        begun = self._under_way.pop(release, None)
        if begun is not None:
            begun.set_result(None)

    async def over(self) -> None:
        """Let them go first: return when none is under way, or when they had their head start."""
        if self._under_way:
            await asyncio.wait(list(self._under_way.values()), timeout=HEAD_START)
        else:
            await asyncio.sleep(0)
