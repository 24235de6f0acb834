import asyncio
import time
from collections import Counter

import uvloop

from sandbox.mesh.load_http import NO_ANSWER, Answer, ConnectionPool
from sandbox.mesh.upstream import UpstreamFleet
from sandbox.mesh.upstream_http import Behaviour
from tests.sandbox.mesh.manifests import pod

_REQUEST = b"GET / HTTP/1.1\r\nhost: checkout\r\n\r\n"
_OLD = pod("old-0", "checkout", "v1.2.9")
_NEW = pod("new-0", "checkout-canary", "v1.3.0")


async def test_each_pod_has_a_port_of_its_own_and_keeps_it() -> None:
    async with UpstreamFleet() as fleet:
        ports = [await fleet.pod_starting(each) for each in (_OLD, _NEW, _OLD)]
        assert ports[0] == ports[2] != ports[1]
        assert fleet.port_of(_OLD) == ports[0]


async def test_a_pod_of_another_place_is_found_by_its_annotation() -> None:
    annotated = {
        **_OLD,
        "metadata": {**_OLD["metadata"], "annotations": {"sandbox.lockmaster.dev/port": "8081"}},
    }
    async with UpstreamFleet() as fleet:
        assert fleet.port_of(annotated) == 8081
        assert fleet.port_of(_OLD) is None


async def test_errors_come_at_the_rate_of_their_version_alone() -> None:
    async with UpstreamFleet() as fleet:
        pools = [ConnectionPool("127.0.0.1", await fleet.pod_starting(each)) for each in (_OLD, _NEW)]
        await fleet.behave("checkout", "v1.2.9", Behaviour(latency_ms=0, jitter_ms=0))
        await fleet.behave("checkout", "v1.3.0", Behaviour(error_rate=0.5, latency_ms=0, jitter_ms=0))
        found = Counter([await pool.send(_REQUEST) for pool in pools for _ in range(200)])
        assert set(found) == {Answer(200, "v1.2.9"), Answer(200, "v1.3.0"), Answer(500, "v1.3.0")}
        assert found[Answer(200, "v1.2.9")] == 200
        assert 50 < found[Answer(500, "v1.3.0")] < 150


async def test_a_slow_version_answers_no_sooner_than_told() -> None:
    async with UpstreamFleet() as fleet:
        pool = ConnectionPool("127.0.0.1", await fleet.pod_starting(_NEW))
        await fleet.behave("checkout", "v1.3.0", Behaviour(latency_ms=60, jitter_ms=10))
        started = time.perf_counter()
        assert await pool.send(_REQUEST) == Answer(200, "v1.3.0")
        assert time.perf_counter() - started > 0.049


async def test_a_crashed_version_gives_no_answer_until_it_is_well_again() -> None:
    async with UpstreamFleet() as fleet:
        pool = ConnectionPool("127.0.0.1", await fleet.pod_starting(_NEW))
        assert await pool.send(_REQUEST) == Answer(200, "v1.3.0")
        await fleet.behave("checkout", "v1.3.0", Behaviour(latency_ms=5000))
        under_way = asyncio.create_task(pool.send(_REQUEST))
        await asyncio.sleep(0)
        await fleet.behave("checkout", "v1.3.0", Behaviour(crash=True))
        assert await under_way == NO_ANSWER
        assert await pool.send(_REQUEST) == NO_ANSWER
        await fleet.behave("checkout", "v1.3.0", Behaviour())
        assert await pool.send(_REQUEST) == Answer(200, "v1.3.0")


async def test_a_stopping_pod_answers_what_is_under_way_and_then_closes() -> None:
    async with UpstreamFleet(grace_s=0.03) as fleet:
        port = await fleet.pod_starting(_NEW)
        pool = ConnectionPool("127.0.0.1", port)
        await fleet.behave("checkout", "v1.3.0", Behaviour(latency_ms=90, jitter_ms=0))
        assert await pool.send(_REQUEST) == Answer(200, "v1.3.0")
        under_way = asyncio.create_task(pool.send(_REQUEST))
        await fleet.pod_stopping(_NEW)
        assert await under_way == Answer(200, "v1.3.0")
        assert await ConnectionPool("127.0.0.1", port).send(_REQUEST) == NO_ANSWER
        assert fleet.port_of(_NEW) is None


async def test_a_pod_without_a_version_label_is_told_by_its_images_tag() -> None:
    labels = {"app": "checkout"}
    plain = {**_NEW, "metadata": {**_NEW["metadata"], "labels": labels}}
    async with UpstreamFleet() as fleet:
        pool = ConnectionPool("127.0.0.1", await fleet.pod_starting(plain))
        assert await pool.send(_REQUEST) == Answer(200, "v1.3.0")


def test_servers_and_clients_run_on_uvloop_too() -> None:
    async def answer() -> Answer:
        async with UpstreamFleet() as fleet:
            return await ConnectionPool("127.0.0.1", await fleet.pod_starting(_NEW)).send(_REQUEST)

    assert uvloop.run(answer()) == Answer(200, "v1.3.0")
