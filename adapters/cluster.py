"""A Kubernetes cluster with Istio, behind the ports `Workloads`, `Autoscalers`, `Traffic` and `Changes`."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from adapters.kubernetes.cache import Keep
from adapters.kubernetes.door import Door
from adapters.kubernetes.examination import permissions
from adapters.kubernetes.resources import (
    AUTOSCALER,
    DEPLOYMENT,
    DESTINATION_RULE,
    POD,
    SERVICE,
    VIRTUAL_SERVICE,
    Object,
    Ref,
    Resource,
)
from adapters.traffic.istio.manifests import manifests
from adapters.traffic.istio.router import IstioTraffic
from adapters.workloads.autoscalers import HorizontalAutoscalers, scaled_by
from adapters.workloads.deployments import Deployments
from adapters.workloads.examination import examine_workload
from adapters.workloads.pods import deployment_of
from bot.config.catalogue import Catalogue, Service
from bot.errors import Reason
from bot.ports.changes import Change
from bot.ports.clock import Clock

WATCHED = {
    VIRTUAL_SERVICE: Keep(writers=True),
    DESTINATION_RULE: Keep(),
    DEPLOYMENT: Keep(),
    SERVICE: Keep(),
    AUTOSCALER: Keep(index=scaled_by, dropped=frozenset({"status"})),
    POD: Keep(index=deployment_of, dropped=frozenset({"spec"})),
}


class Notices:
    """The port `Changes`, fed by the watches."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._listeners: list[Callable[[Change], None]] = []
        self._routes: dict[tuple[str, str], set[str]] = {}
        for service in catalogue.services.values():
            istio = service.traffic.istio
            self._routes.setdefault((service.namespace, istio.destination_rule), set()).add(
                istio.virtual_service
            )

    def subscribe(self, listener: Callable[[Change], None]) -> None:
        """See the port."""
        self._listeners.append(listener)

    def tell(self, resource: Resource, found: Object) -> None:
        """Pass on what a watch saw. A DestinationRule's change is told as one of the routes beside it.

        A Service's is not told, nor an autoscaler's, whose status changes all the time: what it scales is.
        """
        namespace, name = found["metadata"]["namespace"], found["metadata"]["name"]
        if resource == POD:
            deployment = deployment_of(found)
            self._tell("pod", namespace, [deployment] if deployment else [])
        elif resource == DEPLOYMENT:
            self._tell("deployment", namespace, [name])
        elif resource == VIRTUAL_SERVICE:
            self._tell("route", namespace, [name])
        elif resource == DESTINATION_RULE:
            self._tell("route", namespace, sorted(self._routes.get((namespace, name), ())))

    def _tell(self, kind: str, namespace: str, names: list[str]) -> None:
        for name in names:
            for listener in self._listeners:
                listener(Change(kind, namespace, name))


class Cluster:
    """`workloads`, `autoscalers`, `traffic` and `changes` are the ports. Use `Cluster.connect`."""

    def __init__(self, door: Door, catalogue: Catalogue, watched: Collection[Resource]) -> None:
        self._door = door
        self._watched = watched
        self.workloads = Deployments(door)
        self.autoscalers = HorizontalAutoscalers(door)
        self.traffic = IstioTraffic(door, catalogue, self._examine_rest)
        self.changes = Notices(catalogue)

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, kubeconfig: Path | None, catalogue: Catalogue, clock: Clock, *, watch: bool = True
    ) -> AsyncIterator[Self]:
        """Connect by a kubeconfig, or as the pod's own service account without one.

        Comes up without the API server too: reads are then `Unavailable` until it is back. Without `watch` every read asks the
        server: right for a command in a terminal. Raises `Unavailable` where there are no credentials.
        """
        async with Door.open(kubeconfig, clock) as door:
            cluster = cls(door, catalogue, WATCHED if watch else ())
            namespaces = {service.namespace for service in catalogue.services.values()} if watch else set()
            async with door.watching(WATCHED, namespaces, cluster.changes.tell):
                yield cluster

    async def manifests(self, service: Service) -> tuple[Object, ...]:
        """What adoption would make of the service's objects, as merge patches; nothing is written."""
        return await manifests(self._door, service)

    async def identity(self) -> str | None:
        """The cluster user's name, as the server or else the kubeconfig has it."""
        return await self._door.identity()

    def rounds(self) -> dict[str, int]:
        """How often each watch was begun, by kind and namespace."""
        return self._door.rounds()

    def age(self) -> float:
        """Seconds since the stalest watch was in contact; infinite before the first, 0 without watches."""
        return self._door.age()

    async def _examine_rest(self, service: Service, *, fresh: bool) -> tuple[Reason, ...]:
        """What is missing beside the mesh. A watch that is not allowed is silent, so it is asked for here."""
        watches = [
            (verb, Ref(kind, service.namespace, "")) for kind in self._watched for verb in ("list", "watch")
        ]
        found = await examine_workload(self._door, service, fresh=fresh)
        may = await permissions(self._door, tuple(watches))
        told = {reason.text for reason in found}
        return (*found, *(reason for reason in may if reason.text not in told))
