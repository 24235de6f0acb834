"""The mesh controller: what istiod is in a real mesh."""

import asyncio
import logging
from typing import Self

import aiohttp

from sandbox.background import Background
from sandbox.mesh.directory import PortOf, directory
from sandbox.mesh.envoy import Envoy, EnvoyError
from sandbox.mesh.objects import ServiceName, World, annotated_port
from sandbox.mesh.push import Pusher
from sandbox.mesh.routes import route_configuration
from sandbox.mesh.support import objections
from sandbox.mesh.watch import READ_BUFFER, Watcher

_ISTIO = "/apis/networking.istio.io/v1"
_WATCHED = (
    ("/api/v1", "pods"),
    ("/api/v1", "services"),
    (_ISTIO, "virtualservices"),
    (_ISTIO, "destinationrules"),
)
_SYNC_S = 15.0
_RETRY_S = 0.5
_log = logging.getLogger(__name__)


class Mesh:
    """Watches services, pods, VirtualServices and DestinationRules at `kube_url` and keeps `envoy` in step.

    `port_of` finds the loopback port of a pod; by default it stands in the pod's annotation.
    `pushed` tells, by plural, the newest resource version of each kind that Envoy has taken, or refused.
    """

    def __init__(self, kube_url: str, envoy: Envoy, port_of: PortOf = annotated_port) -> None:
        self._kube_url = kube_url
        self._envoy = envoy
        self._port_of = port_of
        self._pusher = Pusher(envoy)
        self._changed = asyncio.Event()
        self._first_push = asyncio.Event()
        self._watchers: dict[str, Watcher] = {}
        self._session: aiohttp.ClientSession | None = None
        self._background = Background()
        self.pushed: dict[str, str] = {}

    async def start(self) -> None:
        """Start, and return when the first configuration is in effect. Raises TimeoutError without an API server."""
        self._session = aiohttp.ClientSession(self._kube_url, read_bufsize=READ_BUFFER)
        for prefix, plural in _WATCHED:
            path = f"{prefix}/{plural}"
            self._watchers[plural] = Watcher(self._session, path, self._changed.set, objections)
            self._background.start(self._watchers[plural].run())
        self._background.start(self._follow())
        try:
            async with asyncio.timeout(_SYNC_S):
                await self._first_push.wait()
        except TimeoutError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop watching; Envoy keeps what it has. Safe to call twice."""
        try:
            await self._background.stop()
        finally:
            if self._session:
                await self._session.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def unsupported(self) -> dict[ServiceName, list[str]]:
        """Objects whose newest form this mesh cannot translate, and why; their older form stays in effect."""
        return {name: why for each in self._watchers.values() for name, why in each.held_back.items()}

    async def _follow(self) -> None:
        for watcher in self._watchers.values():
            await watcher.listed.wait()
        while True:
            self._changed.clear()
            try:
                await self._push()
                self._first_push.set()
                # Not `wait_for`: until Python 3.12 it can swallow the cancellation that ends this task.
                async with asyncio.timeout(self._pusher.next_removal_s()):
                    await self._changed.wait()
            except TimeoutError:
                continue
            except EnvoyError as error:
                _log.warning("Envoy: %s", error)
                await asyncio.sleep(_RETRY_S)

    async def _push(self) -> None:
        versions = {plural: watcher.version for plural, watcher in self._watchers.items()}
        pods, services, virtual_services, destination_rules = (
            each.objects for each in self._watchers.values()
        )
        world = World(pods, services, virtual_services, destination_rules)
        found = directory(world, self._port_of)
        await self._pusher.push(found.endpoints(), route_configuration(world, found))
        self.pushed = versions
