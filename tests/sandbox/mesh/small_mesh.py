"""The mesh's parts wired up as the sandbox wires them, with short cuts for what tests say often."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Self

import aiohttp

from sandbox.mesh.controller import Mesh
from sandbox.mesh.envoy import Envoy
from sandbox.mesh.load import LoadGenerator
from sandbox.mesh.metrics import MetricsExporter
from sandbox.mesh.objects import ServiceName
from sandbox.mesh.upstream import UpstreamFleet
from sandbox.mesh.upstream_http import Behaviour
from tests.sandbox.mesh.small_kube import Object, SmallKube, destination_rule, pod, service, virtual_service

CHECKOUT = ServiceName("shop", "checkout")
_PROMPT = Behaviour(latency_ms=0, jitter_ms=0)
_SETTLE_S = 5.0
_KINDS = {
    "Pod": "pods",
    "Service": "services",
    "VirtualService": "virtual_services",
    "DestinationRule": "destination_rules",
}


class SmallMesh:
    def __init__(self) -> None:
        self.kube = SmallKube()
        self.envoy = Envoy()
        self.fleet = UpstreamFleet(grace_s=0.2)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        await enter(self.kube)
        await enter(self.envoy)
        await enter(self.fleet)
        self.controller = await enter(Mesh(self.kube.url, self.envoy, self.fleet.port_of))
        self.exporter = await enter(MetricsExporter(self.envoy))
        self.load = await enter(LoadGenerator(self.envoy.port))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def run_pod(self, name: str, workload: str, version: str, track: str = "") -> None:
        """Start a pod's server, then report it ready, as the kubelet would."""
        obj = pod(name, workload, version, track=track)
        await self.fleet.behave("checkout", version, _PROMPT)
        await self.fleet.pod_starting(obj)
        await self.write(obj)

    async def stop_pod(self, name: str) -> None:
        """Let a pod terminate, and return when it is gone."""
        obj = self.kube.get("Pod", name)
        ending = {**obj, "metadata": {**obj["metadata"], "deletionTimestamp": datetime.now(UTC).isoformat()}}
        await self.write(ending)
        await self.fleet.pod_stopping(ending)
        self.kube.delete("Pod", name)

    async def adopted(self, *http: Object) -> None:
        """Two tracks of one pod each, and these routes in effect."""
        await self.run_pod("stable-0", "checkout", "v1.2.9", "stable")
        await self.run_pod("canary-0", "checkout-canary", "v1.3.0", "canary")
        await self.write(service())
        await self.write(destination_rule("stable", "canary"))
        await self.route(*http)

    async def route(self, *http: Object) -> None:
        """Write the VirtualService, and return when Envoy has dealt with it."""
        await self.write(virtual_service(*http))

    async def write(self, obj: Object) -> None:
        """Write an object, and return when Envoy has dealt with it."""
        version, kind = self.kube.put(obj), _KINDS[obj["kind"]]
        await self.until(lambda: int(self.controller.pushed[kind]) >= version)

    async def routes(self) -> list[Object]:
        """Envoy's routes of checkout, as Envoy tells them."""
        dump = json.loads(await self.envoy.admin("/config_dump?resource=dynamic_route_configs"))
        hosts = [host for each in dump["configs"] for host in each["route_config"].get("virtual_hosts", [])]
        return next((host["routes"] for host in hosts if host["name"] == CHECKOUT.host), [])

    async def until(self, wanted: Callable[[], bool]) -> None:
        """Wait for something to be as wanted."""
        async with asyncio.timeout(_SETTLE_S):
            while True:
                if wanted():
                    return
                await asyncio.sleep(0.001)

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
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{self.exporter.address}/metrics") as answer,
        ):
            text = await answer.text()
        return {
            _key(line): float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith(prefix)
        }


def _key(line: str) -> tuple[str, ...]:
    labels = dict(each.split("=", 1) for each in line[line.index("{") + 1 : line.rindex("}")].split(","))
    wanted = ("destination_workload", "destination_version", "response_code", "type")
    return tuple(labels[name].strip('"') for name in wanted if name in labels)
