"""The port `Traffic`. From adoption to its end, a release changes nothing in the route but weights and our own metadata."""

from dataclasses import dataclass
from typing import Protocol

import structlog

from adapters.kubernetes import marks
from adapters.kubernetes.attempts import insist
from adapters.kubernetes.door import Door
from adapters.kubernetes.marks import ADDED, BASELINE, MANAGED, ORIGINAL, RELEASE, REVISION, STATE
from adapters.kubernetes.resources import DESTINATION_RULE, VIRTUAL_SERVICE, Object, Ref
from adapters.kubernetes.urgency import Urgency
from adapters.traffic.istio import baseline, edit, orders, subsets
from adapters.traffic.istio.examination import examine_mesh
from adapters.traffic.istio.shape import Shape, names_tracks, shape_of
from adapters.traffic.istio.writers import writer_of
from bot.config.catalogue import Catalogue, Service
from bot.errors import Conflict, Reason, ReasonCode, Refused, TargetGone, refuse
from bot.ports.traffic import Route, RouteWrite
from bot.release.baseline import Baseline
from bot.release.grant import Grant

log = structlog.get_logger()


class Examine(Protocol):
    """What is wrong with a service; `fresh` asks the server."""

    async def __call__(self, service: Service, *, fresh: bool) -> tuple[Reason, ...]:
        """Everything at once, each with how to mend it."""


@dataclass(frozen=True, slots=True)
class Last:
    """What a route was read from, and what it read."""

    found: Object
    rule: Object | None
    route: Route


class IstioTraffic:
    """`examine_rest` tells what is wrong beside the mesh's own objects."""

    def __init__(self, door: Door, catalogue: Catalogue, examine_rest: Examine) -> None:
        self._door = door
        self._services = {
            (one.namespace, one.traffic.istio.virtual_service): one for one in catalogue.services.values()
        }
        self._namespaces = sorted({namespace for namespace, _ in self._services})
        self._last: dict[tuple[str, str], Last] = {}
        self._hidden: set[str] = set()
        self._examine_rest = examine_rest

    async def read(self, service: Service, *, fresh: bool = False) -> Route:
        """See the port."""
        found = await self._door.read(_route_ref(service), fresh=fresh)
        return await self._remembered(service, found)

    async def write(self, grant: Grant, service: Service, seen: Route, change: RouteWrite) -> Route:
        """See the port."""
        found = await self._at(grant, service, seen)
        if change.revision < marks.revision(found):
            raise Conflict(f"revision {marks.revision(found)} of {seen.name} is newer than {change.revision}")
        ref, rule = _route_ref(service), await self._rule(service)
        patch = orders.patch_of(service, found, rule, change)
        patch["metadata"]["resourceVersion"] = seen.version
        # The record of a transition alone may go at once: it costs the mesh nothing, and a rollback may wait for it.
        if change.baseline is Baseline.RESTORE:
            await self._restore_subsets(grant, service, found)
        urgency = await self._permit(service, found, change) if "spec" in patch else Urgency.ROLLBACK
        written = await self._door.merge(ref, patch, urgency)
        if reason := orders.altered(service, ref, change, written):
            raise Refused(reason)
        return await self._seen(service, written)

    async def examine(self, service: Service, *, fresh: bool = True) -> tuple[Reason, ...]:
        """See the port."""
        route, rule = _route_ref(service), _rule_ref(service)
        in_mesh = await examine_mesh(self._door, service, route, rule, fresh=fresh)
        rest = await self._examine_rest(service, fresh=fresh)
        return (*in_mesh, *rest)

    async def add_tracks(self, grant: Grant, service: Service) -> None:
        """See the port. The user's own subsets stay; one with a track's name that selects something else is refused."""
        ref = _rule_ref(service)

        async def add(*, fresh: bool) -> None:
            found = await self._door.read(ref, fresh=fresh)
            marks.check(found, grant, ref)
            if faults := subsets.faults_of(service, found):
                raise Refused(faults[0])
            wanted, added = subsets.with_tracks(service, found)
            if not subsets.has_tracks(service, found):
                stamp = marks.stamp(grant) | {ADDED: ",".join(added)}
                await self._door.merge(ref, _fenced(found, stamp, {"subsets": wanted}))

        await insist(add)

    async def unadopt(self, grant: Grant, service: Service, seen: Route) -> None:
        """See the port. Our annotations and the label go too; done already, nothing happens."""
        found = await self._at(grant, service, seen)
        shape = shape_of(service, found)
        if isinstance(shape, Reason):
            raise Refused(shape)
        ours = dict.fromkeys((RELEASE, REVISION, STATE, ORIGINAL, BASELINE))
        labels = found["metadata"].get("labels") or {}
        if shape.weights is None and MANAGED not in labels and not ours.keys() & marks.annotations(found):
            return
        routes = edit.without_tracks(service, found, shape) if shape.weights else found["spec"]["http"]
        patch = _fenced(found, ours, {"http": routes})
        patch["metadata"]["labels"] = {MANAGED: None}
        await self._door.merge(_route_ref(service), patch)

    async def drop_tracks(self, grant: Grant, service: Service) -> None:
        """See the port. Refused while the route names them: requests would fail. Nothing happens without a DestinationRule."""
        route = await self._door.read(_route_ref(service), fresh=True)
        if names_tracks(service, route):
            raise refuse(
                ReasonCode.NOT_READY,
                f"the route of {service.name} still names the tracks",
                f"/release unadopt {service.name}",
            )
        ref = _rule_ref(service)

        async def drop(*, fresh: bool) -> None:
            try:
                found = await self._door.read(ref, fresh=fresh)
            except TargetGone:
                return
            marks.check(found, grant, ref)
            ours = dict.fromkeys((RELEASE, REVISION, ADDED))
            if ours.keys() & marks.annotations(found):
                left = subsets.without_tracks(found)
                await self._door.merge(ref, _fenced(found, ours, {"subsets": left or None}))

        await insist(drop)

    async def managed(self) -> tuple[Route, ...]:
        """See the port. Looks at the namespaces and routes of the catalogue."""
        routes: list[Route] = []
        for namespace in self._namespaces:
            try:
                routes += await self._managed_in(namespace)
            except (Refused, TargetGone) as error:
                # What is live in the others goes on; the passes of its own releases tell people what is not allowed.
                if namespace not in self._hidden:
                    log.warning("a namespace cannot be looked at", namespace=namespace, why=str(error))
                self._hidden.add(namespace)
            else:
                self._hidden.discard(namespace)
        return tuple(routes)

    async def _managed_in(self, namespace: str) -> list[Route]:
        found = await self._door.labelled(VIRTUAL_SERVICE, namespace, MANAGED, "true")
        named = ((self._services.get((namespace, one["metadata"]["name"])), one) for one in found)
        return [await self._remembered(service, one) for service, one in named if service is not None]

    async def _remembered(self, service: Service, found: Object) -> Route:
        """A route object and its rule, read once for as long as the watches hold the same two."""
        key = service.namespace, found["metadata"]["name"]
        rule, last = await self._rule(service), self._last.get(key)
        if last is None or last.found is not found or last.rule is not rule:
            route = await self._seen(service, found)
            last = self._last[key] = Last(found, rule, route)
        return last.route

    async def _at(self, grant: Grant, service: Service, seen: Route) -> Object:
        """The object at the version the caller saw; `Conflict` where there is another by now, or one of a newer revision."""
        ref = _route_ref(service)
        found = await self._door.read(ref)
        if found["metadata"]["resourceVersion"] != seen.version:
            found = await self._door.read(ref, fresh=True)
        marks.check(found, grant, ref)
        if found["metadata"]["resourceVersion"] != seen.version:
            raise Conflict(f"{ref} changed since version {seen.version}")
        return found

    async def _permit(self, service: Service, found: Object, change: RouteWrite) -> Urgency:
        """Let a rollback go first. Tracks must exist before they are named."""
        shape = shape_of(service, found)
        now = shape.weights if isinstance(shape, Shape) else None
        if now is not None and change.weights is not None and change.weights.canary < now.canary:
            return Urgency.ROLLBACK
        if now is None and not await self._has_tracks(service):
            raise refuse(
                ReasonCode.NOT_ADOPTED,
                f"{service.name} has no tracks yet",
                f"/release adopt {service.name}",
            )
        return Urgency.WRITE

    async def _restore_subsets(self, grant: Grant, service: Service, found: Object) -> None:
        """Put the tracks' subsets back as the baseline has them; the user's others stay."""
        kept, ref = baseline.of(found), _rule_ref(service)
        if kept is None:
            return
        rule = await self._door.read(ref, fresh=True)
        marks.check(rule, grant, ref)
        wanted = {"host": kept["host"], "subsets": subsets.with_subsets(rule, kept["subsets"])}
        if {**rule["spec"], **wanted} != rule["spec"]:
            await self._door.merge(ref, _fenced(rule, marks.stamp(grant), wanted))

    async def _has_tracks(self, service: Service) -> bool:
        rule = await self._rule(service)
        return rule is not None and subsets.has_tracks(service, rule)

    async def _rule(self, service: Service) -> Object | None:
        try:
            return await self._door.read(_rule_ref(service))
        except TargetGone:
            return None

    async def _seen(self, service: Service, found: Object) -> Route:
        shape, rule = shape_of(service, found), await self._rule(service)
        weights = shape.weights if isinstance(shape, Shape) else None
        return Route(
            name=found["metadata"]["name"],
            version=found["metadata"]["resourceVersion"],
            weights=weights,
            subsets=rule is not None and subsets.has_tracks(service, rule),
            revision=marks.revision(found),
            release=marks.owner(found),
            state=marks.annotations(found).get(STATE),
            fault=shape.fault if isinstance(shape, Shape) else shape,
            writable=isinstance(shape, Shape),
            changed=baseline.changed(service, found, rule),
            lost=subsets.lost(service, rule) if weights is not None else (),
            writer=writer_of(found),
            where=f"/spec/http/{shape.index}/route" if isinstance(shape, Shape) else "",
        )


def _route_ref(service: Service) -> Ref:
    return Ref(VIRTUAL_SERVICE, service.namespace, service.traffic.istio.virtual_service)


def _rule_ref(service: Service) -> Ref:
    return Ref(DESTINATION_RULE, service.namespace, service.traffic.istio.destination_rule)


def _fenced(found: Object, annotations: dict[str, str] | dict[str, None], spec: Object) -> Object:
    meta = {"resourceVersion": found["metadata"]["resourceVersion"], "annotations": annotations}
    return {"metadata": meta, "spec": spec}
