"""When Prometheus knew of a version's errors: the moment from which a rollback is timed."""

import asyncio
import contextlib
import time

import aiohttp

from sandbox.world.catalogue import HARD_LIMIT_PERCENT

_LOOK_S = 0.03


class ErrorWatch:
    """Asks Prometheus from the moment a version breaks. Times are Unix seconds.

    `first_at` is the first error it knew of, `over_at` the first look at which its errors of 10 s were over the hard limit.
    """

    def __init__(self, prometheus_url: str) -> None:
        self._url = f"{prometheus_url}/api/v1/query"
        self._task: asyncio.Task[None] | None = None
        self.broken_at = 0.0
        self.first_at: float | None = None
        self.over_at: float | None = None

    async def begin(self, service: str, version: str) -> None:
        """Remember what was counted before, and look for more from now on."""
        await self.stop()
        labels = f'destination_service_name="{service}",destination_version="{version}"'
        errors = f'sum(istio_requests_total{{{labels},response_code=~"5.."}})'
        self.first_at = self.over_at = None
        before = await self._value(errors)
        self.broken_at = time.time()
        requests = f"sum(increase(istio_requests_total{{{labels}}}[10s]))"
        self._task = asyncio.create_task(self._look(errors, before, requests))

    async def stop(self) -> None:
        """Look no more; safe to call twice."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _look(self, errors: str, before: float, requests: str) -> None:
        while self.over_at is None:
            await asyncio.sleep(_LOOK_S)
            # Counted up from `before`: a series that is new has no increase at its first sample.
            found = await self._value(errors) - before
            now = time.time()
            if found > 0:
                self.first_at = self.first_at or now
                share = 100 * found / max(await self._value(requests), found)
                self.over_at = now if share > HARD_LIMIT_PERCENT else None

    async def _value(self, query: str) -> float:
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(self._url, params={"query": query}) as answer,
            ):
                found = (await answer.json())["data"]["result"]
        except (aiohttp.ClientError, KeyError):
            return 0.0
        return float(found[0]["value"][1]) if found else 0.0
