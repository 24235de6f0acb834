"""The mesh's parts wired up as the sandbox wires them, with short cuts for what tests say often."""

import asyncio
import json
from collections import Counter
from contextlib import AsyncExitStack
from typing import Self

import aiohttp

from sandbox.kube import KubeEmulator, Timing
from sandbox.kube.resources import DEPLOYMENT, POD, VIRTUAL_SERVICE, resource_of_kind
from sandbox.kube.store import Change
from sandbox.mesh.controller import Mesh
from sandbox.mesh.envoy import Envoy
from sandbox.mesh.load import LoadGenerator
from sandbox.mesh.metrics import MetricsExporter
from sandbox.mesh.objects import ServiceName
from sandbox.mesh.upstream import UpstreamFleet
from sandbox.mesh.upstream_http import Behaviour
from tests.sandbox.mesh.manifests import Object, deployment, destination_rule, service, virtual_service
from tests.support.until import until

CHECKOUT = ServiceName("shop", "checkout")
_PROMPT = Behaviour(latency_ms=0, jitter_ms=0)
_WATCHED = ("pods", "services", "virtualservices", "destinationrules")


class SmallMesh:
    def __init__(self) -> None:
        self.kube = KubeEmulator(timing=Timing(ready=0, termination=0.05))
        self.envoy = Envoy()
        self.fleet = UpstreamFleet()
        self._written: dict[str, int] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        self.kube.store.subscribe(self._note)
        self.kube.gate.before_ready = self._start_pod
        self.kube.gate.after_end = self.fleet.pod_stopping
        await enter(self.kube)
        await enter(self.fleet)
        self.kube.seed([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}, service()])
        await enter(self.envoy)
        self.controller = await enter(Mesh(self.kube.url, self.envoy, self.fleet.port_of))
        self.exporter = await enter(MetricsExporter(self.envoy))
        self.load = await enter(LoadGenerator(self.envoy.port))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        assert self.kube.failures == []

    async def adopted(self, *http: Object) -> None:
        """Two tracks of one pod each, and these routes in effect."""
        await self.deploy("checkout", "v1.2.9", track="stable")
        await self.deploy("checkout-canary", "v1.3.0", track="canary")
        await self.write(destination_rule("stable", "canary"))
        await self.route(*http)

    async def deploy(self, name: str, version: str, *, track: str = "", replicas: int = 1) -> None:
        """Write a Deployment, and return when it is rolled out and Envoy knows."""
        await self.fleet.behave("checkout", version, _PROMPT)
        self.put(deployment(name, version, track=track, replicas=replicas))
        await until(lambda: self._rolled_out(name))
        await self.settled()

    async def route(self, *http: Object) -> None:
        """Write the VirtualService, and return when Envoy has dealt with it."""
        await self.write(virtual_service(*http))

    async def write(self, obj: Object) -> None:
        """Write an object, and return when Envoy has dealt with it."""
        self.put(obj)
        await self.settled()

    def put(self, obj: Object) -> None:
        """Create an object, or replace its spec."""
        resource = resource_of_kind(obj["apiVersion"], obj["kind"])
        assert resource
        name = obj["metadata"]["name"]
        if self.kube.store.get(resource, "shop", name) is None:
            self.kube.registry.create(resource, "shop", obj)
        else:
            self.kube.registry.modify(resource, ("shop", name), lambda old: old | {"spec": obj["spec"]})

    async def delete_route(self) -> None:
        self.kube.registry.delete(VIRTUAL_SERVICE, ("shop", "checkout"))
        await self.settled()

    async def settled(self) -> None:
        """Wait until Envoy has dealt with all that was written so far."""
        written = dict(self._written)
        await until(
            lambda: all(
                int(self.controller.pushed.get(key, 0)) >= revision for key, revision in written.items()
            )
        )

    async def routes(self) -> list[Object]:
        """Envoy's routes of checkout, as Envoy tells them."""
        dump = json.loads(await self.envoy.admin("/config_dump?resource=dynamic_route_configs"))
        hosts = [host for each in dump["configs"] for host in each["route_config"].get("virtual_hosts", [])]
        return next((host["routes"] for host in hosts if host["name"] == CHECKOUT.host), [])

    async def send(self, count: int, **headers: str) -> Counter[tuple[int, str]]:
        """Send requests, 40 at a time; how many came back by status and version."""
        found: Counter[tuple[int, str]] = Counter()
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def one_after_another(share: range) -> None:
            for _ in share:
                result = await self.load.send(CHECKOUT, named)
                found[result.status, result.version] += 1

        await asyncio.gather(*(one_after_another(range(start, count, 40)) for start in range(40)))
        return found

    async def metrics(self, prefix: str) -> dict[tuple[str, ...], float]:
        """Scraped samples of one metric by workload (or type) and what else tells them apart."""
        address = f"http://{self.exporter.address}/metrics"
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            text = await answer.text()
        return {
            _key(line): float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith(prefix)
        }

    async def _start_pod(self, pod: Object) -> None:
        await self.fleet.pod_starting(pod)

    def _note(self, change: Change) -> None:
        if change.resource.plural in _WATCHED:
            self._written[change.resource.plural] = change.revision

    def _rolled_out(self, name: str) -> bool:
        """Whether the Deployment has only pods of its newest template, all ready, and no others are left."""
        found = self.kube.registry.get(DEPLOYMENT, "shop", name)
        status, wanted = found.get("status", {}), found["spec"]["replicas"]
        pods = [
            each for each in self.kube.store.documents(POD) if each["metadata"]["labels"]["workload"] == name
        ]
        counts = [*(status.get(each, 0) for each in ("updatedReplicas", "readyReplicas")), len(pods)]
        seen: bool = status.get("observedGeneration") == found["metadata"]["generation"]
        return seen and counts == [wanted] * 3


def _key(line: str) -> tuple[str, ...]:
    labels = dict(each.split("=", 1) for each in line[line.index("{") + 1 : line.rindex("}")].split(","))
    wanted = ("destination_workload", "destination_version", "response_code", "type")
    return tuple(labels[name].strip('"') for name in wanted if name in labels)
