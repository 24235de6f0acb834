"""The routes of the fake cluster, behind the port."""

from bot.config.catalogue import Service
from bot.errors import Conflict, Reason, ReasonCode, TargetGone, refuse
from bot.ports.traffic import Route, RouteWrite
from bot.ports.workloads import Track
from bot.release.grant import Grant
from tests.fakes.cluster import FakeCluster
from tests.fakes.objects import Routed


class FakeTraffic:
    """Keeps nothing but `wrong`: what `examine` finds beside missing objects, by service name."""

    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster
        self.wrong: dict[str, tuple[Reason, ...]] = {}

    async def read(self, service: Service, *, fresh: bool = False) -> Route:
        self._cluster.ask(service)
        return _seen(self._cluster.route(service))

    async def write(self, grant: Grant, service: Service, seen: Route, change: RouteWrite) -> Route:
        found = self._permitted(grant, service, seen)
        if change.revision < found.revision:
            raise Conflict(f"{found.name} belongs to revision {found.revision}, not to {change.revision}")
        if change.weights is not None and not found.subsets:
            raise refuse(ReasonCode.NOT_ADOPTED, f"{service.name} has no tracks yet")
        if change.weights is not None:
            found.weights, found.writer = change.weights, None
        found.revision, found.release, found.state = change.revision, change.release, change.state
        found.managed = True
        self._cluster.touch(found)
        self._cluster.wrote("write", "route", found)
        return _seen(found)

    async def examine(self, service: Service, *, fresh: bool = True) -> tuple[Reason, ...]:
        self._cluster.ask(service)
        missing = []
        try:
            self._cluster.deployed(service, Track.STABLE)
        except TargetGone as gone:
            missing.append(Reason(ReasonCode.NOT_READY, str(gone), "Deploy the service once."))
        try:
            self._cluster.route(service)
        except TargetGone as gone:
            missing.append(Reason(ReasonCode.NOT_READY, str(gone), "Create it."))
        return (*missing, *self.wrong.get(service.name, ()))

    async def add_tracks(self, grant: Grant, service: Service) -> None:
        self._cluster.ask(service)
        found = self._cluster.route(service)
        self._cluster.permit(service, grant, found)
        if not found.subsets:
            found.subsets = found.made = True
            self._cluster.wrote("add_tracks", "route", found)

    async def unadopt(self, grant: Grant, service: Service, seen: Route) -> None:
        found = self._permitted(grant, service, seen)
        found.weights = found.release = found.state = None
        found.revision, found.managed = 0, False
        self._cluster.touch(found)
        self._cluster.wrote("unadopt", "route", found)

    async def drop_tracks(self, grant: Grant, service: Service) -> None:
        self._cluster.ask(service)
        found = self._cluster.route(service)
        self._cluster.permit(service, grant, found)
        if found.weights is not None:
            raise refuse(ReasonCode.NOT_READY, f"the route of {service.name} still names the tracks")
        if found.made:
            found.subsets = found.made = False
            self._cluster.wrote("drop_tracks", "route", found)

    async def managed(self) -> tuple[Route, ...]:
        return tuple(_seen(route) for route in self._cluster.routes.values() if route.managed)

    def _permitted(self, grant: Grant, service: Service, seen: Route) -> Routed:
        self._cluster.ask(service)
        found = self._cluster.route(service)
        self._cluster.permit(service, grant, found)
        if seen.version != str(found.version):
            raise Conflict(f"{found.name} changed since version {seen.version}")
        return found


def _seen(route: Routed) -> Route:
    return Route(
        name=route.name,
        version=str(route.version),
        weights=route.weights,
        subsets=route.subsets,
        revision=route.revision,
        release=route.release,
        state=route.state,
        writable=True,
        writer=route.writer,
        where="/spec/http/0/route",
    )
