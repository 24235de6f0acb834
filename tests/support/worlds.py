"""A cluster to run the contract suites on: the fakes, or the real adapters on an API server.

A world does to the cluster what people and failures do, behind the adapters' backs. Which ones there are stands in `clusters`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import pytest

from adapters.clock import SystemClock
from adapters.cluster import Cluster
from bot.config.catalogue import Catalogue, Istio, Router, Service
from bot.ports.autoscalers import Autoscalers
from bot.ports.changes import Change, Changes
from bot.ports.traffic import Traffic
from bot.ports.workloads import Track, Workload, Workloads
from bot.release.model import Split
from sandbox.kube import Fault, FaultKind, Interference, KubeEmulator, Timing, demo
from tests.fakes.autoscalers import FakeAutoscalers
from tests.fakes.changes import FakeChanges
from tests.fakes.cluster import FakeCluster
from tests.fakes.traffic import FakeTraffic
from tests.fakes.workloads import FakeWorkloads

PATIENCE = 60.0
"""Seconds until a condition that does not come true fails its test. A real namespace is left alone for 5 s before its content goes."""

CHECKOUT = Service(
    name="checkout",
    namespace=demo.NAMESPACE,
    deployment="checkout",
    service="checkout",
    image="registry.example/shop/checkout",
    traffic=Router(istio=Istio(virtual_service="checkout", destination_rule="checkout")),
    channel="#shop-releases",
)
CATALOGUE = Catalogue(services={"checkout": CHECKOUT})


class World(Protocol):
    """`workloads`, `autoscalers`, `traffic` and `changes` are the ports under test; the service checkout runs, not adopted."""

    workloads: Workloads
    autoscalers: Autoscalers
    traffic: Traffic
    changes: Changes

    async def edit_weights(self, weights: Split) -> None:
        """A person changes the weights of an adopted route."""

    async def delete_route(self) -> None:
        """A person deletes the route object."""

    async def delete_deployment(self, track: Track) -> None:
        """A person deletes a Deployment."""

    async def delete_namespace(self) -> None:
        """A person deletes the namespace."""

    async def autoscale(self, floor: int, ceiling: int) -> None:
        """A person puts an autoscaler on stable."""

    async def set_floor(self, floor: int) -> None:
        """A person, or a GitOps tool, sets that autoscaler's floor."""

    async def break_image(self, image: str) -> None:
        """The image cannot be pulled from now on."""

    async def lose_next_answer(self) -> None:
        """The next write takes effect, and its answer says that the server failed."""

    async def deny_next_write(self) -> None:
        """An admission webhook denies the next write."""


async def until(world: World, condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition is true, looking again at each change."""
    changed = asyncio.Event()
    world.changes.subscribe(lambda _: changed.set())
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await changed.wait()
            changed.clear()


async def settled(world: World, track: Track) -> Workload:
    """The workload once it is rolled out; pods are left out, their names are chance."""

    async def is_settled() -> bool:
        found = await world.workloads.read(CHECKOUT, track)
        if found is None or not found.settled:
            return False
        ready = [pod.ready for pod in found.pods if not pod.terminating]
        return all(ready) and len(ready) == found.replicas  # pods have a watch of their own

    await until(world, is_settled)
    found = await world.workloads.read(CHECKOUT, track)
    assert found is not None
    return replace(found, pods=())


class FakeWorld:
    """The fakes."""

    def __init__(self) -> None:
        self.cluster = FakeCluster()
        self.cluster.add(CHECKOUT)
        self.workloads: Workloads = FakeWorkloads(self.cluster)
        self.autoscalers: Autoscalers = FakeAutoscalers(self.cluster)
        self.traffic: Traffic = FakeTraffic(self.cluster)
        self.changes: Changes = FakeChanges(self.cluster)

    async def edit_weights(self, weights: Split) -> None:
        self.cluster.edit_route(CHECKOUT, weights)

    async def delete_route(self) -> None:
        self.cluster.delete_route(CHECKOUT)

    async def delete_deployment(self, track: Track) -> None:
        self.cluster.delete_deployment(CHECKOUT, track)

    async def delete_namespace(self) -> None:
        self.cluster.delete_namespace(CHECKOUT.namespace)

    async def autoscale(self, floor: int, ceiling: int) -> None:
        self.cluster.autoscale(CHECKOUT, floor, ceiling)

    async def set_floor(self, floor: int) -> None:
        self.cluster.autoscalers[CHECKOUT.namespace, CHECKOUT.deployment].floor = floor

    async def break_image(self, image: str) -> None:
        self.cluster.break_image(image, "ImagePullBackOff", f'Back-off pulling image "{image}"')

    async def lose_next_answer(self) -> None:
        self.cluster.lose_next_answer()

    async def deny_next_write(self) -> None:
        self.cluster.deny_next_write("the request was denied")


class ServerWorld:
    """The real adapters, on an API server spoken to by HTTP alone."""

    def __init__(self, url: str, http: aiohttp.ClientSession, cluster: Cluster) -> None:
        self.cluster = cluster
        self.workloads: Workloads = cluster.workloads
        self.autoscalers: Autoscalers = cluster.autoscalers
        self.traffic: Traffic = cluster.traffic
        self.changes: Changes = cluster.changes
        self._url = url
        self._http = http

    async def get(self, group: str, plural: str, name: str) -> dict[str, Any]:
        """An object as it is stored."""
        return await self.send("GET", group, plural, name)

    async def merge(self, group: str, plural: str, name: str, patch: object) -> dict[str, Any]:
        """Patch an object as a person would, without any fence."""
        return await self.send("PATCH", group, plural, name, patch)

    async def send(
        self, method: str, group: str, plural: str, name: str, body: object = None
    ) -> dict[str, Any]:
        """Any request about an object of the namespace."""
        path = f"{self._url}/{group}/namespaces/{CHECKOUT.namespace}/{plural}/{name}"
        merging = {"Content-Type": "application/merge-patch+json"}
        headers = merging if method == "PATCH" else {}
        async with self._http.request(method, path.rstrip("/"), json=body, headers=headers) as answer:
            found: dict[str, Any] = await answer.json()
            assert answer.ok, found
            return found

    async def edit_weights(self, weights: Split) -> None:
        found = await self.get(ISTIO, "virtualservices", "checkout")
        numbers = (weights.stable.basis_points, weights.canary.basis_points)
        for one, number in zip(found["spec"]["http"][0]["route"], numbers, strict=True):
            one["weight"] = number
        await self.merge(ISTIO, "virtualservices", "checkout", {"spec": found["spec"]})

    async def delete_route(self) -> None:
        await self.send("DELETE", ISTIO, "virtualservices", "checkout")

    async def delete_deployment(self, track: Track) -> None:
        name = CHECKOUT.deployment if track is Track.STABLE else CHECKOUT.canary
        await self.send("DELETE", APPS, "deployments", name)

    async def autoscale(self, floor: int, ceiling: int) -> None:
        await self.send("POST", AUTOSCALING, "horizontalpodautoscalers", "", autoscaler(floor, ceiling))

    async def set_floor(self, floor: int) -> None:
        patch = {"spec": {"minReplicas": floor}}
        await self.merge(AUTOSCALING, "horizontalpodautoscalers", "checkout", patch)

    async def delete_namespace(self) -> None:
        async with self._http.delete(f"{self._url}/api/v1/namespaces/{CHECKOUT.namespace}") as answer:
            assert answer.ok


ISTIO = "apis/networking.istio.io/v1"
APPS = "apis/apps/v1"
AUTOSCALING = "apis/autoscaling/v2"
WRITES = {"POST", "PATCH", "DELETE"}


def autoscaler(floor: int, ceiling: int, name: str = "checkout") -> dict[str, Any]:
    """A HorizontalPodAutoscaler of stable, as people write it."""
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": CHECKOUT.namespace},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": CHECKOUT.deployment},
            "minReplicas": floor,
            "maxReplicas": ceiling,
        },
    }


class EmulatorWorld(ServerWorld):
    """The real adapters on the API emulator, whose failures are at hand."""

    def __init__(self, kube: KubeEmulator, http: aiohttp.ClientSession, cluster: Cluster) -> None:
        super().__init__(kube.url, http, cluster)
        self.kube = kube

    async def break_image(self, image: str) -> None:
        message = f'Back-off pulling image "{image}"'
        self.kube.faults.set(Fault(FaultKind.IMAGE_PULL, image=image, message=message))

    async def lose_next_answer(self) -> None:
        self._interfere(504, applied=True)

    async def deny_next_write(self) -> None:
        self._interfere(422, applied=False)

    def blind(self, plural: str) -> None:
        """Let the watches of a kind hear nothing more, for less time than makes them too old."""
        self.kube.interferences.add(Interference(method="GET", path=f"/{plural}$", status=500, times=0))
        self.kube.watches.drop()

    def _interfere(self, status: int, *, applied: bool) -> None:
        self.kube.interferences.add(Interference(method="PATCH", status=status, applied=applied))


@asynccontextmanager
async def emulated(directory: Path) -> AsyncIterator[EmulatorWorld]:
    """The demo's cluster, everything in it ready."""
    timing = Timing(ready=0.0, termination=0.0, pull_retry=0.1, crash_after=0.0, crash_backoff=0.1)
    async with KubeEmulator(timing=timing) as kube, aiohttp.ClientSession() as http:
        kube.seed(demo.manifests())
        kubeconfig = kube.kubeconfig(directory / "kubeconfig")
        async with Cluster.connect(kubeconfig, CATALOGUE, SystemClock()) as cluster:
            world = EmulatorWorld(kube, http, cluster)
            await settled(world, Track.STABLE)
            yield world
        assert kube.failures == []


@pytest.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[EmulatorWorld]:
    """The real adapters on the emulator alone: for what the fakes do not model."""
    async with emulated(tmp_path) as real:
        yield real


def told(world: World) -> list[Change]:
    """A list that fills with every change from now on."""
    found: list[Change] = []
    world.changes.subscribe(found.append)
    return found
