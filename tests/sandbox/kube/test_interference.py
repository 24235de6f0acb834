"""Requests that go wrong on demand."""

import aiohttp
import pytest

from sandbox.kube import Interference, KubeEmulator
from sandbox.kube.clock import ManualClock
from tests.sandbox.kube.wire import MAPS, MERGE, PODS, Wire, config_map, pod


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (409, "Conflict"),
        (429, "TooManyRequests"),
        (500, "InternalError"),
        (503, "ServiceUnavailable"),
        (403, "Forbidden"),
    ],
)
async def test_the_next_fitting_requests_fail(wire: Wire, kube: KubeEmulator, code: int, reason: str) -> None:
    await wire.create(MAPS, config_map("a"))
    kube.interferences.add(Interference(method="PATCH", path="configmaps/a$", times=2, status=code))
    change = {"data": {"a": "2"}}
    answers = [await wire("PATCH", f"{MAPS}/a", change, MERGE) for _ in range(3)]
    assert [(status, body.get("reason")) for status, body in answers] == [
        (code, reason),
        (code, reason),
        (200, None),
    ]
    assert kube.interferences.listed() == []


async def test_too_many_requests_say_when_to_come_back(wire: Wire, kube: KubeEmulator) -> None:
    kube.interferences.add(Interference(status=429, retry_after=2))
    async with wire._session.get(f"{kube.url}{MAPS}") as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
        assert (await answer.json())["details"] == {"retryAfterSeconds": 2}


async def test_a_write_can_be_done_and_reported_as_failed(wire: Wire, kube: KubeEmulator) -> None:
    kube.interferences.add(Interference(method="POST", status=500, applied=True))
    assert (await wire("POST", MAPS, config_map("a")))[0] == 500
    assert (await wire("GET", f"{MAPS}/a"))[0] == 200


async def test_an_answer_can_be_late(wire: Wire, kube: KubeEmulator) -> None:
    kube.interferences.add(Interference(delay=0.01))
    assert (await wire("GET", MAPS))[0] == 200


async def test_the_api_can_be_away_while_the_cluster_goes_on(
    wire: Wire, kube: KubeEmulator, clock: ManualClock
) -> None:
    await wire.create(PODS, pod())
    async with wire.watch(PODS) as lines:
        await lines.brief()
        await kube.unplug()
        while await lines.next():
            pass
    with pytest.raises(aiohttp.ClientConnectorError):
        await wire("GET", f"{PODS}/lone")
    await clock.advance(1)
    await kube.plug()
    assert (await wire("GET", f"{PODS}/lone"))[1]["status"]["containerStatuses"][0]["ready"] is True


async def test_interferences_are_set_and_lifted_by_http_and_never_hit_that_path(wire: Wire) -> None:
    code, answer = await wire("POST", "/sandbox/interferences", {"times": 0, "status": 503})
    assert (code, answer) == (201, {"id": "interference-1"})
    assert [(await wire("GET", MAPS))[0] for _ in range(3)] == [503, 503, 503]
    assert (await wire("GET", "/sandbox/interferences"))[1]["items"][0]["left"] == 0
    assert (await wire("DELETE", "/sandbox/interferences"))[0] == 204
    assert (await wire("GET", MAPS))[0] == 200
