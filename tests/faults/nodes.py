"""The shop with pods to look at: several of stable, an autoscaler where asked for; one clock for all, and changes wake a release."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from adapters.cluster import Cluster
from bench.services import NAMESPACE, manifests
from bot.config.load import parse_catalogue
from bot.ports.workloads import Track, Workload
from bot.reconciler.registry import Registry
from bot.reconciler.waking import Waker
from sandbox.kube import FaultKind, KubeEmulator, Timing
from sandbox.kube.controllers.replicasets import pod_is_ready
from sandbox.kube.document import Document
from sandbox.kube.resources import AUTOSCALER, DEPLOYMENT, POD
from tests.fakes.clock import START
from tests.faults.shop import Shop, written
from tests.faults.wire import wired
from tests.scenarios.theatre import Person
from tests.support.until import until, work
from tests.support.worlds import autoscaler

SERVICES = """
services:
  checkout:
    namespace: shop
    channel: "#shop-releases"
    ready_within: 30s
    strategy: {canary: {weights: [50, 100], bake: 20s, gate: auto}}
    rules: {errors: {limit: 0.5%, over: 10s, hard: 5%}}
    image: registry.example/shop/checkout
    traffic: {istio: {virtual_service: checkout, destination_rule: checkout}}
"""
TIMING = Timing(
    ready=0.0, termination=0.0, bookmark=0.05, crash_after=0.5, crash_backoff=10.0, pull_retry=1.0
)
STABLE_PODS = 4
LONGEST = 90.0
LOOK = 0.005
DESIRED = "sandbox.lockmaster.dev/desired-replicas"
FAULT = "sandbox.lockmaster.dev/fault"


class OneClock:
    """The cluster's time is the theatre's."""

    def __init__(self) -> None:
        self.now: Callable[[], datetime] = lambda: START

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Look every few milliseconds whether the theatre is there yet."""
        self._call_at(self.now() + timedelta(seconds=seconds), callback)

    def _call_at(self, due: datetime, callback: Callable[[], None]) -> None:
        if self.now() >= due:
            callback()
        else:
            asyncio.get_running_loop().call_later(LOOK, self._call_at, due, callback)


class Nodes(Shop):
    """What happens to pods, by the API or on their nodes."""

    ana: Person

    def deployment(self, name: str = "checkout") -> Document:
        found = self.kube.store.get(DEPLOYMENT, NAMESPACE, name)
        assert found is not None
        return found

    def replicas(self, name: str = "checkout") -> int:
        """How many pods a Deployment asks for; 0 where there is none."""
        found = self.kube.store.get(DEPLOYMENT, NAMESPACE, name)
        return int(found["spec"]["replicas"]) if found else 0

    def pods(self, track: str = "canary") -> list[Document]:
        """Those that stay, by name."""
        found = [pod for pod in self.kube.store.documents(POD, NAMESPACE) if _stays(pod, track)]
        return sorted(found, key=lambda pod: str(pod["metadata"]["name"]))

    def all_ready(self) -> bool:
        return all(pod_is_ready(pod) for pod in self.kube.store.documents(POD, NAMESPACE))

    def mark(self, pod: Document, fault: FaultKind | None) -> None:
        """Let one pod fail, or no more."""
        name = pod["metadata"]["name"]
        self.kube.registry.modify(
            POD, (NAMESPACE, name), lambda old: _annotated(old, FAULT, fault.value if fault else None)
        )

    async def types(self, text: str) -> str:
        """Ana types that. Time goes on meanwhile, for requests that have to be sent again."""
        typing = asyncio.ensure_future(self.ana.types(text))
        while not typing.done():
            await work(LOOK)
            await self.clock.advance(LOOK)
        return typing.result()

    async def sees(self, condition: Callable[[Workload], bool], track: Track = Track.CANARY) -> None:
        """Wait, with the theatre's time standing still, until the bot's watches have told of that."""

        async def seen() -> bool:
            found = await self.workloads.read(self.service(), track)
            return found is not None and condition(found)

        await until(seen)

    async def at_once(self, condition: Callable[[], bool]) -> None:
        """A second passes; what comes then takes requests, but no more of the theatre's time."""
        await self.pass_(1)
        await until(condition)
        await self.tick()

    async def in_time(self, condition: Callable[[], bool]) -> None:
        """Let time go by until that holds."""
        for _ in range(20):
            if condition():
                return
            await self.pass_(1)
        raise AssertionError(f"it did not come to that: {self.thread()}")

    async def crash(self, pod: Document) -> None:
        """Let its container end once; the node starts it again."""
        name, before = pod["metadata"]["name"], _restarts(pod)
        self.mark(pod, FaultKind.CRASH_LOOP)

        def crashed() -> bool:
            found = self.kube.store.get(POD, NAMESPACE, name)
            return found is not None and "terminated" in found["status"]["containerStatuses"][0]["lastState"]

        await until(crashed)
        self.mark(pod, None)
        await until(lambda: _restarts(self.kube.store.get(POD, NAMESPACE, name)) > before)

    async def evict(self, *pods: Document) -> None:
        """Drain them away, by the API that `kubectl drain` uses."""
        async with asyncio.TaskGroup() as group:
            for pod in pods:
                group.create_task(self._evict(pod["metadata"]["name"]))

    async def _evict(self, name: str) -> None:
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
        url = f"{self.kube.url}/api/v1/namespaces/{NAMESPACE}/pods/{name}/eviction"
        async with self.wire.http.post(url, json=body) as answer:
            assert answer.ok, await answer.text()

    @property
    def scaler(self) -> Document:
        found = self.kube.store.get(AUTOSCALER, NAMESPACE, "checkout")
        assert found is not None
        return found

    @property
    def floor(self) -> int:
        return int(self.scaler["spec"]["minReplicas"])

    def set_floor(self, floor: int) -> None:
        """A person's hand."""
        self.kube.registry.modify(
            AUTOSCALER,
            (NAMESPACE, "checkout"),
            lambda old: old | {"spec": old["spec"] | {"minReplicas": floor}},
        )

    def scale(self, name: str, pods: int) -> None:
        """A person's hand, or an autoscaler's, on a Deployment."""
        self.kube.registry.modify(
            DEPLOYMENT, (NAMESPACE, name), lambda old: old | {"spec": old["spec"] | {"replicas": pods}}
        )

    def desire(self, pods: int) -> None:
        """So many pods are what the metrics ask for."""
        self.kube.registry.modify(
            AUTOSCALER, (NAMESPACE, "checkout"), lambda old: _annotated(old, DESIRED, str(pods))
        )


def _restarts(pod: Document | None) -> int:
    return int(pod["status"]["containerStatuses"][0]["restartCount"]) if pod else 0


def _stays(pod: Document, track: str) -> bool:
    meta = pod["metadata"]
    return meta["labels"].get("lockmaster.dev/track") == track and "deletionTimestamp" not in meta


def _annotated(old: Document, key: str, value: str | None) -> Document:
    annotations = {name: text for name, text in old["metadata"].get("annotations", {}).items() if name != key}
    kept = annotations | ({key: value} if value is not None else {})
    return old | {"metadata": old["metadata"] | {"annotations": kept}}


@asynccontextmanager
async def nodes(folder: Path, *, floor: int | None = None) -> AsyncIterator[Nodes]:
    """The service checkout, adopted, on four ready pods. With `floor`, an autoscaler that wants four of them now, ten at most."""
    clock = OneClock()
    async with (
        asyncio.timeout(LONGEST),
        KubeEmulator(timing=TIMING, clock=clock) as kube,
        wired(kube.url) as wire,
    ):
        theatre = Nodes(parse_catalogue(SERVICES, "services.yaml"), kube, wire)
        clock.now = theatre.clock.now
        kube.seed(_manifests(floor))
        kubeconfig = written(folder, wire.url)
        async with Cluster.connect(kubeconfig, theatre.catalogue, theatre.clock) as cluster:
            theatre.connect(cluster)
            theatre.ana = theatre.person("U1ANA", "ana")
            office = theatre.bot.office
            registry = Registry(theatre.catalogue, cluster.traffic)
            waker = Waker(theatre.catalogue, registry, theatre.bot.follower, theatre.clock, office.spawn)
            cluster.changes.subscribe(waker.changed)
            await until(lambda: len(theatre.pods("stable")) == STABLE_PODS and theatre.all_ready())
            yield theatre
        assert kube.failures == []


def _manifests(floor: int | None) -> list[Document]:
    found = manifests(("checkout",))
    for document in found:
        if document["kind"] == "Deployment":
            document["spec"]["replicas"] = STABLE_PODS
    if floor is not None:
        scaler = autoscaler(floor, 10)
        scaler["metadata"]["annotations"] = {DESIRED: str(STABLE_PODS)}
        found.append(scaler)
    return found
