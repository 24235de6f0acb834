"""A Prometheus that tells of a namespace on the real API server: traffic follows the weights, and canaries fail when told to."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bench.ledger import Ledger, application
from bench.stub import Traffic
from sandbox.background import Background
from sandbox.serving import LoopbackServer
from tests.e2e.cluster.api import Api


class Figures:
    """`traffic` is what it tells. Use `figures`."""

    def __init__(self, namespace: str) -> None:
        self.traffic = Traffic(namespace=namespace)
        self._ledger = Ledger(self.traffic)
        self._server = LoopbackServer(application(self._ledger, dict))

    @property
    def url(self) -> str:
        """The value for `PROMETHEUS_URL`."""
        return self._server.url

    def fail(self, *services: str) -> None:
        """From now on half of the requests to their canaries fail, until a canary's weight is 0 again."""
        self._ledger.fail(list(services))

    async def away(self) -> None:
        """Close its port."""
        await self._server.stop()

    async def back(self) -> None:
        """Open the port (again)."""
        await self._server.start()

    def saw(self, route: Mapping[str, Any]) -> None:
        """Let the traffic follow a route, once it names two tracks."""
        if len(route["spec"]["http"][0]["route"]) > 1:
            self._ledger.saw(route)


@asynccontextmanager
async def figures(people: Api, namespace: str) -> AsyncIterator[Figures]:
    """Answer for that namespace until the block ends."""
    found = Figures(namespace)
    watching = Background()

    async def follow() -> None:
        async for kind, route in people.watch("virtualservices", namespace):
            if kind != "DELETED":
                found.saw(route)

    await found.back()
    watching.start(follow())
    try:
        yield found
    finally:
        await watching.stop()
        await found.away()


def record_of(route: Mapping[str, Any]) -> dict[str, Any]:
    """The release's record as it stands on the route object; empty without one."""
    found: dict[str, Any] = json.loads(
        route["metadata"].get("annotations", {}).get("lockmaster.dev/state", "{}")
    )
    return found
