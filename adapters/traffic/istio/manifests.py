"""Adoption written down for Git: what the three objects have to say, in the order in which they have to say it."""

from adapters.kubernetes.door import Door
from adapters.kubernetes.marks import TRACK
from adapters.kubernetes.resources import DEPLOYMENT, DESTINATION_RULE, VIRTUAL_SERVICE, Object, Ref, Resource
from adapters.traffic.istio import edit, subsets
from adapters.traffic.istio.shape import Shape, shape_of
from bot.config.catalogue import Service
from bot.errors import Refused
from bot.ports.workloads import Track
from bot.release.model import ALL_STABLE


async def manifests(door: Door, service: Service) -> tuple[Object, ...]:
    """Merge patches of the Deployment, the DestinationRule and the VirtualService; nothing is written.

    Raises `TargetGone` for one that is missing, `Refused` for a route that cannot be adopted.
    """
    istio = service.traffic.istio
    rule = await door.read(Ref(DESTINATION_RULE, service.namespace, istio.destination_rule))
    route = await door.read(Ref(VIRTUAL_SERVICE, service.namespace, istio.virtual_service))
    if faults := subsets.faults_of(service, rule):
        raise Refused(faults[0])
    shape = shape_of(service, route)
    if not isinstance(shape, Shape):
        raise Refused(shape)
    labels = {"metadata": {"labels": {TRACK: Track.STABLE.value}}}
    wanted, _ = subsets.with_tracks(service, rule)
    routes = edit.with_weights(service, route, shape, shape.weights or ALL_STABLE)
    return (
        _patch(DEPLOYMENT, service, service.deployment, {"template": labels}),
        _patch(DESTINATION_RULE, service, istio.destination_rule, {"subsets": wanted}),
        _patch(VIRTUAL_SERVICE, service, istio.virtual_service, {"http": routes}),
    )


def _patch(resource: Resource, service: Service, name: str, spec: Object) -> Object:
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name, "namespace": service.namespace},
        "spec": spec,
    }
