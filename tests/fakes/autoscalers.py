"""The autoscalers of the fake cluster, behind the port."""

from bot.config.catalogue import Service
from bot.ports.autoscalers import Autoscaler
from bot.release.grant import Grant
from tests.fakes.cluster import FakeCluster
from tests.fakes.objects import Scaled


class FakeAutoscalers:
    """Keeps nothing: all of it stands in the cluster."""

    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster

    async def read(self, service: Service) -> Autoscaler | None:
        self._cluster.ask(service)
        if self._cluster.hidden is not None:
            raise self._cluster.hidden
        found = self._find(service)
        if found is None:
            return None
        return Autoscaler(
            name=str(found),
            floor=found.floor,
            ceiling=found.ceiling,
            held=found.held,
            was=found.was,
            owner=found.owner,
            revision=found.revision,
            counts_canary=found.counts_canary,
        )

    async def hold(self, grant: Grant, service: Service, floor: int) -> None:
        found = self._find(service)
        if found is None or (found.held == floor and found.owner == grant.release):
            return
        self._cluster.permit(service, grant, found)
        found.was = found.was if found.held == found.floor and found.was is not None else found.floor
        found.floor = found.held = floor
        self._stamp("hold", grant, found)

    async def give_back(self, grant: Grant, service: Service) -> None:
        if self._cluster.hidden is not None:
            raise self._cluster.hidden
        found = self._find(service)
        if found is None or found.revision > grant.revision:
            return
        stamped = (found.owner, found.revision) == (grant.release, grant.revision)
        if found.held is None and stamped:
            return
        self._cluster.permit(service, grant, found)
        if found.was is not None and found.held == found.floor:
            found.floor = found.was
        found.held = found.was = None
        self._stamp("give_back", grant, found)

    def _find(self, service: Service) -> Scaled | None:
        return self._cluster.autoscalers.get((service.namespace, service.deployment))

    def _stamp(self, verb: str, grant: Grant, found: Scaled) -> None:
        found.owner, found.revision = grant.release, grant.revision
        self._cluster.wrote(verb, "autoscaler", found)
