"""Tasks in the background that fail loudly."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

_log = logging.getLogger(__name__)


class Background:
    """Tasks that run until they are stopped. One that fails is logged at once, and raised by `stop`."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` until it ends or is stopped."""
        task = asyncio.create_task(work)
        task.add_done_callback(_report)
        self._tasks.append(task)

    async def stop(self) -> None:
        """Cancel what still runs and wait for its end. Raises what a task had failed with. Safe to call twice."""
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for failure in ended:
            if isinstance(failure, Exception):
                raise failure


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (failure := task.exception()):
        _log.error("a task in the background failed", exc_info=failure)
