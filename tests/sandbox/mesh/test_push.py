import json
from collections.abc import AsyncIterator

import pytest

from sandbox.mesh.directory import Destination
from sandbox.mesh.envoy import Envoy
from sandbox.mesh.objects import ServiceName
from sandbox.mesh.push import LINGER_S, Pusher

_ONE = Destination(ServiceName("shop", "checkout"), "stable", "checkout", "v1.2.9")
_TWO = Destination(ServiceName("shop", "checkout"), "canary", "checkout-canary", "v1.3.0")


@pytest.fixture
async def envoy() -> AsyncIterator[Envoy]:
    async with Envoy() as running:
        yield running


def _routes(weight: int) -> dict[str, object]:
    clusters = {"clusters": [{"name": _ONE.cluster, "weight": weight}]}
    route = {"match": {"prefix": "/"}, "route": {"weighted_clusters": clusters}}
    return {"name": "mesh", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]}


async def _hosts(envoy: Envoy) -> dict[str, int]:
    """Endpoints by cluster, as Envoy tells them."""
    found = json.loads(await envoy.admin("/clusters?format=json"))["cluster_statuses"]
    return {each["name"]: len(each.get("host_statuses", [])) for each in found}


async def test_a_cluster_without_pods_lingers_for_its_last_counts_and_then_goes(envoy: Envoy) -> None:
    now = [0.0]
    pusher = Pusher(envoy, clock=lambda: now[0])
    await pusher.push({_ONE: (1, 2), _TWO: (3,)}, _routes(1))
    assert await _hosts(envoy) == {_ONE.cluster: 2, _TWO.cluster: 1}
    assert pusher.next_removal_s() is None
    await pusher.push({_ONE: (1,)}, _routes(1))
    assert await _hosts(envoy) == {_ONE.cluster: 1, _TWO.cluster: 0}
    assert pusher.next_removal_s() == LINGER_S
    now[0] = LINGER_S
    await pusher.push({_ONE: (1,)}, _routes(1))
    assert await _hosts(envoy) == {_ONE.cluster: 1}
    assert pusher.next_removal_s() is None


async def test_a_cluster_whose_pods_come_back_in_time_stays(envoy: Envoy) -> None:
    now = [0.0]
    pusher = Pusher(envoy, clock=lambda: now[0])
    await pusher.push({_ONE: (1,)}, _routes(1))
    await pusher.push({}, _routes(1))
    now[0] += LINGER_S / 2
    await pusher.push({_ONE: (2,)}, _routes(1))
    now[0] += LINGER_S
    await pusher.push({_ONE: (2,)}, _routes(1))
    assert await _hosts(envoy) == {_ONE.cluster: 1}


async def test_routes_that_cannot_even_be_read_are_refused_as_well(envoy: Envoy) -> None:
    pusher = Pusher(envoy)
    await pusher.push({_ONE: (1,)}, _routes(1))
    await pusher.push({_ONE: (1,)}, _routes(-1))
    assert envoy.refused == {"cds": 0, "rds": 1}
    await pusher.push({_ONE: (1,)}, _routes(2))
    assert envoy.refused == {"cds": 0, "rds": 1}
