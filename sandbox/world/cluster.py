"""The cluster the bot works on: Kubernetes, mesh, pods that answer, and people's requests."""

import asyncio
from contextlib import AsyncExitStack
from typing import Self

from sandbox.kube import KubeEmulator
from sandbox.kube.demo import NAMESPACE, REPLICAS, manifests
from sandbox.kube.document import Document
from sandbox.kube.resources import DEPLOYMENT, POD, VIRTUAL_SERVICE
from sandbox.mesh.controller import Mesh
from sandbox.mesh.envoy import Envoy
from sandbox.mesh.load import LoadGenerator
from sandbox.mesh.metrics import MetricsExporter
from sandbox.mesh.objects import ServiceName, is_serving
from sandbox.mesh.telemetry import Telemetry
from sandbox.mesh.upstream import UpstreamFleet
from sandbox.mesh.upstream_http import Behaviour
from sandbox.page.world import Weights
from sandbox.world.polling import until
from sandbox.world.weights import weights_of

USUAL = Behaviour(latency_ms=60, jitter_ms=20)
LOAD = {"checkout": 120.0, "payments": 40.0}
"""Requests a second to each service at first."""
_READY_S = 15.0


class Cluster:
    """An async context manager that starts the Kubernetes emulator; `serve` starts the rest, while others start too."""

    def __init__(self, envoy_port: int, metrics_port: int) -> None:
        self.kube = KubeEmulator()
        self.envoy = Envoy(envoy_port)
        self.fleet = UpstreamFleet(usual=USUAL)
        self.telemetry = Telemetry()
        self.load = LoadGenerator(envoy_port, self.telemetry.observe)
        self.exporter = MetricsExporter(self.envoy, metrics_port)
        self._stack = AsyncExitStack()
        self._mesh: Mesh | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.fleet)
            await stack.enter_async_context(self.kube)
            await stack.enter_async_context(self.exporter)
            # Ended after Envoy: requests under way then end at once.
            await stack.enter_async_context(self.load)
            self.kube.gate.before_ready = self._listen
            self.kube.gate.after_end = self.fleet.pod_stopping
            self.kube.seed(manifests())
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def serve(self) -> None:
        """Start Envoy and the mesh, wait for the demo's pods, and let the requests begin."""
        await self._stack.enter_async_context(self.envoy)
        self._mesh = await self._stack.enter_async_context(
            Mesh(self.kube.url, self.envoy, self.fleet.port_of)
        )
        await self._pods_in_effect()
        for service, rate in LOAD.items():
            self.load.drive(ServiceName(NAMESPACE, service), rate)

    async def _listen(self, pod: Document) -> None:
        await self.fleet.pod_starting(pod)

    async def _pods_in_effect(self) -> None:
        """Wait until every pod is ready, and Envoy knows of all of them."""
        count = sum(REPLICAS.values())
        async with asyncio.timeout(_READY_S):
            await until(lambda: sum(is_serving(pod) for name in REPLICAS for pod in self.pods(name)) == count)
            pods = [pod for name in REPLICAS for pod in self.pods(name)]
            wanted = max(int(pod["metadata"]["resourceVersion"]) for pod in pods)
            await until(lambda: self.pushed("pods") >= wanted)

    def route(self, service: str) -> Document | None:
        """The service's VirtualService."""
        return self.kube.store.get(VIRTUAL_SERVICE, NAMESPACE, service)

    def weights(self, service: str) -> Weights | None:
        """The weights ordered now; None before adoption."""
        route = self.route(service)
        return weights_of(route) if route else None

    def pods(self, service: str) -> list[Document]:
        """Every pod of a service, of both tracks."""
        pods = self.kube.store.documents(POD, NAMESPACE)
        return [pod for pod in pods if pod["metadata"].get("labels", {}).get("app") == service]

    def deployment(self, name: str) -> Document | None:
        """A Deployment of the demo's namespace."""
        return self.kube.store.get(DEPLOYMENT, NAMESPACE, name)

    def pushed(self, kind: str) -> int:
        """The newest resource version of a kind, such as `virtualservices`, that Envoy has dealt with."""
        return int(self._mesh.pushed.get(kind) or 0) if self._mesh else 0
