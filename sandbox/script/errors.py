"""When Prometheus first knew of a version's errors: the moment from which a rollback is timed."""

import asyncio
import contextlib
import time

import aiohttp

_LOOK_S = 0.03


class ErrorWatch:
    """Asks Prometheus from the moment a version breaks. Times are Unix seconds."""

    def __init__(self, prometheus_url: str) -> None:
        self._url = f"{prometheus_url}/api/v1/query"
        self._task: asyncio.Task[None] | None = None
        self.broken_at = 0.0
        self.visible_at: float | None = None

    async def begin(self, service: str, version: str) -> None:
        """Remember what was counted before, and look for more from now on."""
        await self.stop()
        query = (
            "sum(istio_requests_total{"
            f'destination_service_name="{service}",destination_version="{version}",response_code=~"5.."'
            "})"
        )
        self.visible_at = None
        before = await self._count(query)
        self.broken_at = time.time()
        self._task = asyncio.create_task(self._look(query, before))

    async def stop(self) -> None:
        """Look no more; safe to call twice."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _look(self, query: str, before: float) -> None:
        while self.visible_at is None:
            await asyncio.sleep(_LOOK_S)
            if await self._count(query) > before:
                self.visible_at = time.time()

    async def _count(self, query: str) -> float:
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(self._url, params={"query": query}) as answer,
            ):
                found = (await answer.json())["data"]["result"]
        except (aiohttp.ClientError, KeyError):
            return 0.0
        return float(found[0]["value"][1]) if found else 0.0
