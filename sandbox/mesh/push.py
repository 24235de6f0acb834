"""Brings a configuration into effect in the order that loses no request: new clusters, routes, what is no longer used."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.mesh.directory import Destination, Groups
from sandbox.mesh.envoy import Envoy

# A cluster without pods stays this long, so that its last counts are scraped before they vanish with it.
LINGER_S = 10.0


class Pusher:
    """Knows what Envoy runs with, and replaces only what differs. One call at a time."""

    def __init__(self, envoy: Envoy, clock: Callable[[], float] = time.monotonic) -> None:
        self._envoy = envoy
        self._clock = clock
        self._endpoints: dict[Destination, tuple[int, ...]] = {}
        self._clusters: frozenset[Destination] = frozenset()
        self._unused_since: dict[Destination, float] = {}
        self._routes: dict[str, Any] = {}

    def next_removal_s(self) -> float | None:
        """Seconds until a cluster is due to be removed, None when there is none."""
        if not self._unused_since:
            return None
        return max(0.0, min(self._unused_since.values()) + LINGER_S - self._clock())

    async def push(self, endpoints: Groups, routes: dict[str, Any]) -> None:
        """Make `endpoints` and `routes` what Envoy runs with. Raises `EnvoyError`.

        Refused routes leave the old ones in effect, and are offered again only when they have changed.
        """
        for destination, ports in endpoints.items():
            self._write(destination, ports)
        await self._apply_clusters()
        if routes != self._routes:
            await self._envoy.apply_routes(routes)
            self._routes = routes
        self._empty(self._endpoints.keys() - endpoints.keys())
        await self._remove_unused(endpoints)

    async def _apply_clusters(self) -> None:
        wanted = frozenset(self._endpoints)
        if wanted != self._clusters:
            await self._envoy.apply_clusters(sorted(wanted))
            self._clusters = wanted

    def _write(self, destination: Destination, ports: tuple[int, ...]) -> None:
        if self._endpoints.get(destination) != ports:
            self._endpoints[destination] = ports
            self._envoy.write_endpoints(destination, ports)

    def _empty(self, gone: Iterable[Destination]) -> None:
        for destination in gone:
            self._write(destination, ())
            self._unused_since.setdefault(destination, self._clock())

    async def _remove_unused(self, used: Groups) -> None:
        self._unused_since = {each: since for each, since in self._unused_since.items() if each not in used}
        due = {each for each, since in self._unused_since.items() if self._clock() - since >= LINGER_S}
        for destination in due:
            del self._endpoints[destination], self._unused_since[destination]
        await self._apply_clusters()
        for destination in due:
            self._envoy.forget_endpoints(destination)
