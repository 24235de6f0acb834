"""Requests at a constant rate to each service, through Envoy, and what came of them."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from sandbox.mesh.load_http import ConnectionPool
from sandbox.mesh.objects import ServiceName

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_LAST_ANSWERS_S = 1.0
_SUCCESS = range(200, 400)


@dataclass(frozen=True, slots=True)
class Result:
    """One request as its client saw it. `at` is `time.time()` at its end; status 0 means there was no answer."""

    at: float
    service: ServiceName
    version: str
    status: int
    latency_ms: float

    @property
    def failed(self) -> bool:
        """Whether the client got nothing it could use."""
        return self.status not in _SUCCESS


class LoadGenerator:
    """Open loop: requests start when they are due, however slow the answers are.

    `counts` holds the number of results by (service, version, status) since the start.
    """

    def __init__(self, port: int, observe: Callable[[Result], None] | None = None) -> None:
        self._pool = ConnectionPool("127.0.0.1", port)
        self._observe = observe
        self._drivers: dict[ServiceName, asyncio.Task[None]] = {}
        self._open: set[asyncio.Task[None]] = set()
        self.rates: dict[ServiceName, float] = {}
        self.counts: Counter[tuple[ServiceName, str, int]] = Counter()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def drive(self, service: ServiceName, rate: float, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        """Send `rate` requests a second to a service from now on, 0 for none; replaces what was said before."""
        if driver := self._drivers.pop(service, None):
            driver.cancel()
        self.rates[service] = rate
        if rate > 0:
            request = _request(service, headers)
            self._drivers[service] = asyncio.create_task(self._drive(service, 1 / rate, request))

    async def send(self, service: ServiceName, headers: Mapping[str, str] = _NO_HEADERS) -> Result:
        """Send one request now; it is counted like all others."""
        return await self._send(service, _request(service, headers))

    @property
    def sent(self) -> int:
        """Requests answered or given up since the start."""
        return self.counts.total()

    @property
    def failed(self) -> int:
        """Requests without a usable answer since the start: no answer at all, or a status of 400 and above."""
        return sum(count for (_, _, status), count in self.counts.items() if status not in _SUCCESS)

    async def stop(self) -> None:
        """Send no more, give what is under way a second, close the connections."""
        for service in tuple(self._drivers):
            self.drive(service, 0)
        if self._open:
            _, late = await asyncio.wait(self._open, timeout=_LAST_ANSWERS_S)
            for task in late:
                task.cancel()
        self._pool.close()

    async def _drive(self, service: ServiceName, interval_s: float, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            task = asyncio.create_task(self._settle(service, request))
            self._open.add(task)
            task.add_done_callback(self._open.discard)
            # A loop that was held up sends the rest at its rate, without a burst.
            due = max(due + interval_s, loop.time() - interval_s)
            await asyncio.sleep(due - loop.time())

    async def _settle(self, service: ServiceName, request: bytes) -> None:
        await self._send(service, request)

    async def _send(self, service: ServiceName, request: bytes) -> Result:
        started = time.perf_counter()
        answer = await self._pool.send(request)
        latency_ms = (time.perf_counter() - started) * 1000
        result = Result(time.time(), service, answer.version, answer.status, latency_ms)
        self.counts[service, answer.version, answer.status] += 1
        if self._observe:
            self._observe(result)
        return result


def _request(service: ServiceName, headers: Mapping[str, str]) -> bytes:
    lines = [
        "GET / HTTP/1.1",
        f"host: {service.host}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
