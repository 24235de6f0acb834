"""From what moved in the cluster to a pass of the release it belongs to."""

from collections.abc import Callable, Coroutine
from typing import Any

from bot.config.catalogue import Catalogue
from bot.errors import Unavailable
from bot.ports.changes import Change
from bot.ports.clock import Clock
from bot.ports.passes import Passes
from bot.reconciler.registry import Registry
from bot.release.stored import Newer

SETTLING = 0.03
"""Seconds that changes are gathered for: one write of ours is told as several."""


class Waker:
    """Subscribe `changed` to the port `Changes`."""

    def __init__(
        self,
        catalogue: Catalogue,
        registry: Registry,
        passes: Passes,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._registry = registry
        self._passes = passes
        self._clock = clock
        self._spawn = spawn
        self._pending: set[str] = set()
        self._services: dict[tuple[str, str, str], str] = {}
        for name, service in catalogue.services.items():
            self._services["route", service.namespace, service.traffic.istio.virtual_service] = name
            self._services["deployment", service.namespace, service.deployment] = name
            self._services["deployment", service.namespace, service.canary] = name

    def changed(self, change: Change) -> None:
        """Note a change; its release is looked at in a moment."""
        kind = "deployment" if change.kind == "pod" else change.kind
        service = self._services.get((kind, change.namespace, change.name))
        if service is not None and service not in self._pending:
            self._pending.add(service)
            self._spawn(self._wake(service))

    async def _wake(self, service: str) -> None:
        await self._clock.sleep(SETTLING)
        self._pending.discard(service)
        try:
            release = await self._registry.of(service)
        except (Unavailable, Newer):
            return
        if release is not None and release.live:
            await self._passes.now(release.id)
