"""The theatre with a real cluster in it: the adapters on the API emulator, and a wire between them that can fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from adapters.cluster import Cluster
from bench.services import NAMESPACE, manifests
from bot.config.catalogue import Catalogue
from bot.config.load import parse_catalogue
from sandbox.kube import KubeEmulator, Timing
from sandbox.kube.resources import DEPLOYMENT, VIRTUAL_SERVICE
from sandbox.kube.store import Change
from tests.fakes.clock import FakeClock, settle
from tests.faults.wire import Wire, wired
from tests.scenarios.theatre import CHANNEL, Bot, Theatre
from tests.support.until import until, work

SERVICES = """
defaults:
  namespace: shop
  channel: "#shop-releases"
  strategy: {canary: {weights: [50, 100], bake: 1s, gate: auto}}
  rules: {errors: {limit: 0.5%, over: 2m, hard: 5%}, p95: {worse_than_stable: 20%, hard: 100%}}
services:
  checkout:
    image: registry.example/shop/checkout
    traffic: {istio: {virtual_service: checkout, destination_rule: checkout}}
"""
TIMING = Timing(ready=0.0, termination=0.0, bookmark=0.05)
LONGEST = 60.0
LAG = 0.02
"""Seconds that the emulator's controllers get in each second of the theatre."""


class Shop(Theatre):
    """`routes` holds each form of checkout's route: its revision and the canary's weight. `made`: Deployments that came and went."""

    def __init__(self, catalogue: Catalogue, kube: KubeEmulator, wire: Wire) -> None:
        super().__init__(catalogue)
        self.kube = kube
        self.wire = wire
        self.routes: list[tuple[int, int]] = []
        self.made: list[str] = []
        kube.store.subscribe(self._saw)

    def connect(self, cluster: Cluster) -> None:
        """Put the real adapters in place of the fakes, and a bot on them."""
        self.traffic = cluster.traffic  # type: ignore[assignment]
        self.workloads = cluster.workloads  # type: ignore[assignment]
        self.autoscalers = cluster.autoscalers  # type: ignore[assignment]
        self.bot = Bot(self)
        self.directory.add("U1ANA", "ana", CHANNEL)

    async def tick(self) -> None:
        """A second: the cluster's own parts run in real time, so they get some."""
        await work(LAG)
        await super().tick()
        await settle()

    @property
    def canary(self) -> int:
        """The canary's weight, in percent."""
        return self.routes[-1][1]

    def _saw(self, change: Change) -> None:
        if change.resource == DEPLOYMENT and change.type != "MODIFIED":
            self.made.append(f"{change.type} {change.document['metadata']['name']}")
        if change.resource != VIRTUAL_SERVICE:
            return
        meta = change.document["metadata"]
        revision = int(meta.get("annotations", {}).get("lockmaster.dev/revision", "0"))
        tracks = change.document["spec"]["http"][0]["route"]
        self.routes.append((revision, next((one.get("weight", 0) for one in tracks[1:]), 0)))

    def _serve(self) -> None:
        """Requests follow the weights, wherever they stand."""
        for deployment, share in (("checkout", 100 - self.canary), ("checkout-canary", self.canary)):
            self.metrics.serve(NAMESPACE, deployment, rate=float(share))


class Hurried(FakeClock):
    """The theatre's time for the adapters, whose sleeps are short: a read is tried again while a test waits for its end."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await work(seconds / 100)


@asynccontextmanager
async def shop(folder: Path, **kinds: Any) -> AsyncIterator[Shop]:
    """Everything up, the services adopted and their pods ready. `kinds` goes to the emulator."""
    async with (
        asyncio.timeout(LONGEST),
        KubeEmulator(timing=TIMING, **kinds) as kube,
        wired(kube.url) as wire,
    ):
        theatre = Shop(parse_catalogue(SERVICES, "services.yaml"), kube, wire)
        kube.seed(manifests(("checkout",)))
        kubeconfig = written(folder, wire.url)
        async with Cluster.connect(kubeconfig, theatre.catalogue, Hurried(theatre.clock)) as cluster:
            theatre.connect(cluster)
            await until(lambda: is_ready(kube))
            theatre.made.clear()
            yield theatre


def written(folder: Path, url: str, **user: str) -> Path:
    """A kubeconfig for that address."""
    config = {
        "current-context": "shop",
        "clusters": [{"name": "shop", "cluster": {"server": url}}],
        "users": [{"name": "ana", "user": user or {"token": "first"}}],
        "contexts": [{"name": "shop", "context": {"cluster": "shop", "user": "ana"}}],
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def is_ready(kube: KubeEmulator) -> bool:
    """Whether every Deployment has its pods, so that nobody writes any more."""
    return all(found.get("status", {}).get("readyReplicas") for found in kube.store.documents(DEPLOYMENT))
