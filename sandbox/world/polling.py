"""Looking again and again, where nobody tells."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], look_s: float = 0.02) -> None:
    """Return once it holds; cancelled from outside when that takes too long."""
    while True:
        if holds():
            return
        await asyncio.sleep(look_s)
