"""The Deployments of the fake cluster, behind the port."""

from bot.config.catalogue import Service
from bot.ports.workloads import Track, Workload
from bot.release.grant import Grant
from tests.fakes.cluster import FakeCluster
from tests.fakes.objects import Deployed


class FakeWorkloads:
    """Keeps nothing: all of it stands in the cluster."""

    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster

    async def read(self, service: Service, track: Track, *, fresh: bool = False) -> Workload | None:
        self._cluster.ask(service)
        found = self._find(service, track)
        if found is None:
            return None
        return Workload(
            name=found.name,
            image=found.image,
            version=found.version,
            track=found.track,
            replicas=found.replicas,
            ready=found.ready,
            settled=found.settled,
            owner=found.owner,
            revision=found.revision,
            pods=self._cluster.pods(found),
        )

    async def ensure_canary(
        self, grant: Grant, service: Service, *, image: str, version: str, replicas: int
    ) -> None:
        stable = self._cluster.deployed(service, Track.STABLE)
        found = self._find(service, Track.CANARY)
        self._cluster.permit(service, grant, found)
        wanted = Deployed(
            service.namespace,
            service.canary,
            image,
            version if stable.version else None,
            replicas,
            Track.CANARY,
            ready=found.ready if found and (found.image, found.owner) == (image, grant.release) else 0,
        )
        same = found is not None and (found.image, found.version, found.replicas, found.owner) == (
            wanted.image,
            wanted.version,
            wanted.replicas,
            grant.release,
        )
        if not (found and same and _stamped(found, grant)):
            self._cluster.store("ensure_canary", wanted, grant, rollout=not same)

    async def scale_canary(self, grant: Grant, service: Service, replicas: int) -> None:
        found = self._cluster.deployed(service, Track.CANARY)
        self._cluster.permit(service, grant, found)
        if found.replicas != replicas or not _stamped(found, grant):
            rollout = found.replicas != replicas
            found.replicas = replicas
            self._cluster.store("scale_canary", found, grant, rollout=rollout)

    async def set_stable_image(self, grant: Grant, service: Service, *, image: str, version: str) -> None:
        found = self._cluster.deployed(service, Track.STABLE)
        self._cluster.permit(service, grant, found)
        if found.image != image or not _stamped(found, grant):
            rollout = found.image != image
            found.image, found.version = image, version if found.version else None
            self._cluster.store("set_stable_image", found, grant, rollout=rollout)

    async def remove_canary(self, grant: Grant, service: Service) -> None:
        found = self._find(service, Track.CANARY)
        if found and found.revision <= grant.revision:
            self._cluster.permit(service, grant, found)
            del self._cluster.deployments[found.namespace, found.name]
            self._cluster.wrote("remove_canary", "deployment", found)

    async def mark_stable(self, grant: Grant, service: Service) -> None:
        found = self._cluster.deployed(service, Track.STABLE)
        self._cluster.permit(service, grant, found)
        if found.track is None or not _stamped(found, grant):
            rollout = found.track is None
            found.track = Track.STABLE
            self._cluster.store("mark_stable", found, grant, rollout=rollout)

    async def unmark_stable(self, grant: Grant, service: Service) -> None:
        found = self._cluster.deployed(service, Track.STABLE)
        self._cluster.permit(service, grant, found)
        if found.track is None and found.owner is None:
            return
        rollout = found.track is not None
        found.track = None
        self._cluster.store("unmark_stable", found, None, rollout=rollout)

    def _find(self, service: Service, track: Track) -> Deployed | None:
        name = service.deployment if track is Track.STABLE else service.canary
        return self._cluster.deployments.get((service.namespace, name))


def _stamped(deployed: Deployed, grant: Grant) -> bool:
    return (deployed.owner, deployed.revision) == (grant.release, grant.revision)
