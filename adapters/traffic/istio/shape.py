"""What a VirtualService says about one service. Adoption is recognised by the shape alone: the route names both tracks."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.kubernetes.resources import Object
from adapters.traffic.istio.weights import split_of
from bot.config.catalogue import Service
from bot.errors import Reason, ReasonCode
from bot.release.model import Split


@dataclass(frozen=True, slots=True)
class Shape:
    """`index` is that of the one http route to the service; `weights` None while it names no tracks.

    With a `fault` it names them, and a write of weights mends it.
    """

    index: int
    weights: Split | None
    fault: Reason | None = None


def hosts_of(service: Service) -> frozenset[str]:
    """The forms in which a host can name the service, from within its namespace."""
    name, namespace = service.service, service.namespace
    return frozenset(
        {name, f"{name}.{namespace}", f"{name}.{namespace}.svc", f"{name}.{namespace}.svc.cluster.local"}
    )


def shape_of(service: Service, found: Object) -> Shape | Reason:
    """Find the route of a service; the reason why it cannot be released by it, where that is so."""
    hosts = hosts_of(service)
    routes: list[Object] = found["spec"].get("http") or []
    ours = [index for index, route in enumerate(routes) if hosts & {host for host, _ in _targets(route)}]
    name = _name(found)
    if not ours:
        return _no_route(service, found)
    if len(ours) > 1:
        numbers = ", ".join(_label(index, routes[index]) for index in ours)
        return _wrong(
            f"{name} has {len(ours)} http routes to {service.service} ({numbers}); it is not clear which one to move",
            "Leave one http route with that destination, or give the others a VirtualService of their own.",
        )
    return _shape_of_route(service, name, ours[0], routes[ours[0]])


def subset_of(destination: Object) -> str | None:
    """The subset a destination of a route names."""
    subset: str | None = destination["destination"].get("subset")
    return subset


def names_tracks(service: Service, found: Object) -> bool:
    """Whether any http, tcp or tls route or mirror of the object names one of the two subsets."""
    wanted = {service.traffic.istio.subsets.stable, service.traffic.istio.subsets.canary}
    hosts = hosts_of(service)
    return any(
        host in hosts and subset in wanted
        for kind in ("http", "tcp", "tls")
        for route in found["spec"].get(kind) or ()
        for host, subset in (*_targets(route), *_mirrors(route))
    )


def _shape_of_route(service: Service, name: str, index: int, route: Object) -> Shape | Reason:
    destinations: list[Object] = route["route"]
    if hosts_of(service) & {host for host, _ in _mirrors(route)}:
        return _wrong(
            f"the http route of {name} to {service.service} mirrors its requests to {service.service} itself, "
            "which would count beside those that are shared out",
            "Take the mirror out of that route, or let it mirror to another host.",
        )
    strangers = sorted({host for host, _ in _targets(route)} - hosts_of(service))
    if strangers:
        return _wrong(
            f"the http route of {name} to {service.service} also sends to {', '.join(strangers)}",
            "Let that route send to one host alone.",
        )
    named = [subset_of(one) for one in destinations]
    if named == [None]:
        return Shape(index, None)
    tracks = service.traffic.istio.subsets
    if sorted(filter(None, named)) != sorted((tracks.stable, tracks.canary)) or len(named) != 2:  # noqa: PLR2004 - two tracks
        return _wrong(
            f"the http route of {name} to {service.service} already sends to {_subsets(named)}",
            f"Let it send to the host without a subset, or to the subsets {tracks.stable} and {tracks.canary}.",
        )
    numbers = {subset_of(one): int(one.get("weight", 0)) for one in destinations}
    weights = split_of(numbers[tracks.stable], numbers[tracks.canary])
    if weights is None:
        zero = _wrong(
            f"all weights of {name} are 0, which no proxy takes",
            f"Give the subset {tracks.stable} the weight 100.",
        )
        return Shape(index, None, zero)
    return Shape(index, weights)


def _no_route(service: Service, found: Object) -> Reason:
    name, spec = _name(found), found["spec"]
    other = [kind for kind in ("tls", "tcp") if spec.get(kind)]
    if other and not spec.get("http"):
        return _wrong(
            f"{name} has {' and '.join(other)} routes only, whose connections cannot be shared out by request",
            "Only services with an http route can be released by weights.",
        )
    hosts = sorted({host for route in spec.get("http") or () for host, _ in _targets(route)})
    where = f"; it sends to {', '.join(hosts)}" if hosts else ""
    return _wrong(
        f"{name} has no http route to {service.service}{where}",
        f"Add one, or name another in `service:` or `virtual_service:` of {service.name} in the catalogue.",
    )


def _targets(route: Object) -> Iterator[tuple[str, str | None]]:
    for one in route.get("route") or ():
        yield one["destination"]["host"], one["destination"].get("subset")


def _mirrors(route: Object) -> Iterator[tuple[str, str | None]]:
    mirrors = [one["destination"] for one in route.get("mirrors") or ()]
    for one in (*mirrors, *([route["mirror"]] if route.get("mirror") else [])):
        yield one["host"], one.get("subset")


def _subsets(named: list[str | None]) -> str:
    words = [f"the subset {one}" if one else "the host without a subset" for one in named]
    return " and ".join(words)


def _label(index: int, route: Object) -> str:
    return str(route.get("name") or f"number {index + 1}")


def _name(found: Object) -> str:
    return f"VirtualService {found['metadata']['namespace']}/{found['metadata']['name']}"


def _wrong(text: str, next_step: str) -> Reason:
    return Reason(ReasonCode.NOT_READY, text, next_step)
