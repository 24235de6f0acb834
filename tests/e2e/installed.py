"""The chart installed by Helm on the real API server, and the core of the bot with the rights of its ServiceAccount alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import helm_python

from adapters.clock import SystemClock
from adapters.cluster import Cluster
from bot.config.catalogue import Catalogue, Service
from bot.config.load import parse_catalogue
from bot.ports.workloads import Track
from bot.release.model import ALL_STABLE
from bot.release.phases import Phase
from sandbox.kube import demo
from sandbox.kube.document import Document
from tests.e2e.cluster.api import Api
from tests.e2e.cluster.plane import ADMIN, Plane
from tests.scenarios.theatre import CHANNEL, Theatre
from tests.support.chart import CHART, REQUIRED, Object, rendered
from tests.support.rbac import Ask, Roles
from tests.support.until import until

ACCOUNT = "lockmaster"
"""The name of the installation, and so of its ServiceAccount, Role and ConfigMap."""
_NUMBERS = count(1)


@dataclass(frozen=True)
class Installed:
    """`home` is the namespace of the bot, `shop` that of the service checkout; `people` may do everything there."""

    home: str
    shop: str
    people: Api
    kubeconfig: Path
    catalogue: Catalogue
    granted: Roles

    @property
    def checkout(self) -> Service:
        """What can be released."""
        return self.catalogue.services["checkout"]

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Cluster]:
        """The adapters as the ServiceAccount, as a pod would have them."""
        async with Cluster.connect(self.kubeconfig, self.catalogue, SystemClock()) as cluster:
            yield cluster

    async def grant(self, roles: Roles) -> None:
        """Let the Role say this from now on, and wait until the server goes by it."""
        await self.people.merge("roles", ACCOUNT, {"rules": roles.rules[self.shop]}, self.shop)

        async def in_force() -> bool:
            asked = sorted(self.granted.granted())
            answers = await asyncio.gather(*(self._may(ask) for ask in asked))
            return answers == [roles.allow(ask) for ask in asked]

        await until(in_force)

    async def _may(self, ask: Ask) -> bool:
        about = {"verb": ask.verb, "group": ask.group, "resource": ask.resource}
        place = {"namespace": ask.namespace, "name": ask.name}
        user = f"system:serviceaccount:{self.home}:{ACCOUNT}"
        review = {"spec": {"user": user, "resourceAttributes": about | place}}
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        return bool((await self.people.request("POST", path, review))["status"]["allowed"])


@asynccontextmanager
async def installed(plane: Plane, directory: Path) -> AsyncIterator[Installed]:
    """The chart in a namespace of its own, and a service beside it that nobody has released yet; all of it goes at the end."""
    number = next(_NUMBERS)
    home, shop = f"tools-{number}", f"shop-{number}"
    values = REQUIRED | {"catalogue": _catalogue(shop)}
    admin = plane.kubeconfig(directory / "admin", ADMIN, namespace=home)
    async with plane.api() as people:
        for document in (*_namespaces(home, shop), *_service(shop)):
            await people.create(document)
        with helm_python.Config(kubeconfig_path=admin, namespace=home) as helm:
            # It waits until every object is in good order: the Deployment's pods ready, too.
            await asyncio.to_thread(helm.install, CHART, ACCOUNT, values, wait="watcher", timeout=60)
            kubeconfig = await _kubeconfig(plane, people, home, directory / "kubeconfig")
            text = (await people.get("configmaps", ACCOUNT, home))["data"]["services.yaml"]
            catalogue = parse_catalogue(text, "services.yaml")
            granted = Roles.of(rendered(values, namespace=home))
            yield Installed(home, shop, people, kubeconfig, catalogue, granted)
            await asyncio.to_thread(helm.uninstall, ACCOUNT)
        for namespace in (home, shop):
            await people.delete("namespaces", namespace)


async def _kubeconfig(plane: Plane, people: Api, home: str, path: Path) -> Path:
    """That of the ServiceAccount, by a token as a kubelet would ask for."""
    asked = f"/api/v1/namespaces/{home}/serviceaccounts/{ACCOUNT}/token"
    token = (await people.request("POST", asked, {"spec": {}}))["status"]["token"]
    return replace(plane, tokens={ACCOUNT: token}).kubeconfig(path, ACCOUNT)


def _catalogue(shop: str) -> Object:
    checkout = {
        "namespace": shop,
        "image": demo.image("checkout").partition(":")[0],
        "channel": CHANNEL,
        "ready_within": "1h",
        "patience": "1h",
        "rules": {"errors": {"hard": "5%"}},
        "traffic": {"istio": {"virtual_service": "checkout", "destination_rule": "checkout"}},
    }
    return {"services": {"checkout": checkout}}


def _namespaces(*names: str) -> list[Document]:
    return [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names]


def _service(shop: str) -> list[Document]:
    """The demo's checkout, and an autoscaler for it."""
    of_demo = [one for one in demo.manifests() if one["metadata"]["name"] == "checkout"]
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"}
    scaler: Document = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "checkout"},
        "spec": {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 9},
    }
    for one in (*of_demo, scaler):
        one["metadata"]["namespace"] = shop
    return [*of_demo, scaler]


class RealTheatre(Theatre):
    """The core on fakes, but for the cluster. Requests follow the real route's weights."""

    def __init__(self, catalogue: Catalogue, cluster: Cluster) -> None:
        super().__init__(catalogue, adopted=False)
        self.clock._start = datetime.now(UTC)
        real: Any = cluster  # passes the contracts that the fakes pass
        self.traffic, self.workloads, self.autoscalers = real.traffic, real.workloads, real.autoscalers
        self.directory.add("U1ANA", "ana", CHANNEL)
        self.restart()

    async def tick(self) -> None:
        for service in self.catalogue.services.values():
            split = (await self.traffic.read(service)).weights or ALL_STABLE
            await self._measure(service, Track.STABLE, self.rates[service.name] * split.stable.share)
            await self._measure(service, Track.CANARY, self.rates[service.name] * split.canary.share)
        await super().tick()

    async def _measure(self, service: Service, track: Track, rate: float) -> None:
        name = service.deployment if track is Track.STABLE else service.canary
        if await self.workloads.read(service, track) is None:
            self.metrics.forget(service.namespace, name)
        else:
            self.metrics.serve(service.namespace, name, rate=rate, failing=0.0, p95=100.0)

    def _serve(self) -> None:
        """Nothing: `tick` has asked the cluster."""

    async def until(self, phase: Phase, release: str = "R-1001", within: int = 60) -> None:
        """Let time go by until the release stands there; pods take a while that no clock can shorten."""

        async def stands() -> bool:
            await self.pass_(1)
            return (await self.release(release)).phase is phase

        await until(stands, within=within)
