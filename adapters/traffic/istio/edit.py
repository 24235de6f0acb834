"""The http routes of a VirtualService with other weights in them, and with nothing else changed."""

import json
from typing import Any

from adapters.kubernetes import marks
from adapters.kubernetes.marks import ORIGINAL
from adapters.kubernetes.resources import Object
from adapters.traffic.istio.shape import Shape, subset_of
from adapters.traffic.istio.weights import numbers_of
from bot.config.catalogue import Service
from bot.release.model import Split


def with_weights(service: Service, found: Object, shape: Shape, split: Split) -> list[Object]:
    """All http routes, that of the service sharing out its requests so. A route that names no tracks names them then."""
    stable, canary = numbers_of(split)
    tracks = service.traffic.istio.subsets
    destinations = destinations_of(found, shape)
    if shape.weights is None and shape.fault is None:
        destinations = [_to(destinations[0], tracks.stable), _to(destinations[0], tracks.canary)]
    numbers = {tracks.stable: stable, tracks.canary: canary}
    return _with(found, shape, [{**one, "weight": numbers[subset_of(one) or ""]} for one in destinations])


def without_tracks(service: Service, found: Object, shape: Shape) -> list[Object]:
    """All http routes as they were before adoption; adopted through Git, nobody knows more than the host."""
    original = _original(found)
    if original is None:
        stable = service.traffic.istio.subsets.stable
        one = next(one for one in destinations_of(found, shape) if subset_of(one) == stable)
        target = {key: value for key, value in one["destination"].items() if key != "subset"}
        rest = {key: value for key, value in one.items() if key != "weight"}
        original = [{**rest, "destination": target}]
    return _with(found, shape, original)


def destinations_of(found: Object, shape: Shape) -> list[Object]:
    """The destinations of the service's route."""
    destinations: list[Object] = found["spec"]["http"][shape.index]["route"]
    return destinations


def _with(found: Object, shape: Shape, destinations: list[Object]) -> list[Object]:
    routes: list[Object] = list(found["spec"]["http"])
    routes[shape.index] = {**routes[shape.index], "route": destinations}
    return routes


def _to(destination: Object, subset: str) -> Object:
    return {**destination, "destination": {**destination["destination"], "subset": subset}}


def _original(found: Object) -> list[Object] | None:
    """What adoption put aside; None without, or where somebody damaged it."""
    try:
        kept: Any = json.loads(marks.annotations(found).get(ORIGINAL, "null"))
    except ValueError:
        return None
    return kept if isinstance(kept, list) and kept else None
