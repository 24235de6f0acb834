"""What keeps a service's VirtualService and DestinationRule from being released."""

from adapters.kubernetes.door import Door
from adapters.kubernetes.examination import look, permissions
from adapters.kubernetes.resources import Ref
from adapters.traffic.istio.shape import shape_of
from adapters.traffic.istio.subsets import faults_of
from bot.config.catalogue import Service
from bot.errors import Reason


async def examine_mesh(
    door: Door, service: Service, route: Ref, rule: Ref, *, fresh: bool
) -> tuple[Reason, ...]:
    """Everything missing at once, each with how to mend it."""
    found = await look(
        door,
        route,
        f"Create it with one http route to {service.service}, or name another in `traffic.istio.virtual_service` "
        f"of {service.name} in the catalogue.",
        fresh=fresh,
    )
    beside = await look(
        door,
        rule,
        f"Create it for the host {service.service}, or name another in `traffic.istio.destination_rule` "
        f"of {service.name} in the catalogue.",
        fresh=fresh,
    )
    may = await permissions(door, (("patch", route), ("patch", rule)))
    shape = found if isinstance(found, Reason) else shape_of(service, found)
    fault = shape if isinstance(shape, Reason) else shape.fault
    in_route = (fault,) if fault else ()
    in_rule = (beside,) if isinstance(beside, Reason) else faults_of(service, beside)
    return (*in_route, *in_rule, *may)
