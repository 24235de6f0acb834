"""How a service was routed when its release first moved traffic: kept on the route, to see what others change and to undo that."""

import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, Final

from adapters.kubernetes import marks
from adapters.kubernetes.marks import BASELINE
from adapters.kubernetes.resources import Object
from adapters.traffic.istio import subsets
from adapters.traffic.istio.shape import hosts_of
from bot.config.catalogue import Service

MISSING: Final = object()
MOST: Final = 4
WIDEST: Final = 60


def taken(service: Service, spec: Object, rule: Object | None) -> Object:
    """All that decides traffic: the VirtualService without the weights a release moves, the host and the subsets of the tracks."""
    return {
        "spec": _unweighted(service, spec),
        "host": rule["spec"].get("host") if rule is not None else None,
        "subsets": subsets.tracks_in(service, rule),
    }


def of(found: Object) -> Object | None:
    """The baseline kept on a route; None without, or where somebody damaged it."""
    try:
        kept: Any = json.loads(marks.annotations(found).get(BASELINE, "null"))
    except ValueError:
        return None
    return kept if isinstance(kept, dict) and kept.keys() >= {"spec", "host", "subsets"} else None


def changed(service: Service, found: Object, rule: Object | None) -> tuple[str, ...]:
    """What differs from the baseline, each in a few words; empty without a baseline."""
    kept = of(found)
    if kept is None:
        return ()
    told = list(_differences("", kept, taken(service, found["spec"], rule)))
    return (*told[:MOST], f"and {len(told) - MOST} more") if len(told) > MOST else tuple(told)


def merge_of(now: Object, wanted: Object) -> Object:
    """The merge patch that makes one spec of another; lists are replaced whole."""
    return {**dict.fromkeys(now.keys() - wanted.keys()), **wanted}


def _unweighted(service: Service, spec: Object) -> Object:
    hosts = hosts_of(service)

    def destination(one: Object) -> Object:
        ours = one["destination"]["host"] in hosts
        return {key: value for key, value in one.items() if key != "weight"} if ours else one

    routes = [
        {**route, "route": [destination(one) for one in route["route"]]} if "route" in route else route
        for route in spec.get("http") or ()
    ]
    return {**spec, "http": routes}


def _differences(path: str, was: object, now: object) -> Iterator[str]:
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted(was.keys() | now.keys()):
            inner = f"{path}.{key}" if path else key
            yield from _differences(inner, was.get(key, MISSING), now.get(key, MISSING))
    elif isinstance(was, list) and isinstance(now, list):
        yield from _in_list(path, was, now)
    elif was is MISSING:
        yield f"{path} is {_short(now)}, was not there"
    elif now is MISSING:
        yield f"{path} is not there, was {_short(was)}"
    else:
        yield f"{path} is {_short(now)}, was {_short(was)}"


def _in_list(path: str, was: list[object], now: list[object]) -> Iterator[str]:
    """Entry by entry where there are as many; else what came and what went."""
    if len(was) == len(now):
        for index, pair in enumerate(zip_longest(was, now)):
            yield from _differences(f"{path}[{index}]", *pair)
        return
    yield from (f"{path} has {_short(one)} more" for one in now if one not in was)
    yield from (f"{path} no longer has {_short(one)}" for one in was if one not in now)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
