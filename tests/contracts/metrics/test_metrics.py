"""The suite of the port `Metrics`: on the fake, on the emulator of Prometheus, and on the real one where it is installed."""

import asyncio
import math
import shutil
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.clock import SystemClock
from adapters.prometheus.metrics import PrometheusMetrics
from bot.errors import Unavailable
from bot.ports.metrics import Metrics, Reading, WorkloadKey
from sandbox.prometheus.emulator import PrometheusEmulator
from sandbox.prometheus.program import PrometheusBinary
from sandbox.prometheus.scrape import Target
from tests.fakes.metrics import FakeMetrics

pytestmark = pytest.mark.asyncio(loop_scope="module")

INTERVAL = 0.2
WINDOW = timedelta(seconds=2)
RATE, FAILING, P95 = 50.0, 0.1, 195.0
BUSY, IDLE, SOUND, ABSENT = (WorkloadKey("shop", name) for name in ("busy", "idle", "sound", "absent"))
ALL = (BUSY, IDLE, SOUND, ABSENT)


class World(Protocol):
    """Three workloads: one busy and failing a little, one without a request, one without a failure."""

    @property
    def metrics(self) -> Metrics: ...
    async def go_away(self) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self.metrics = FakeMetrics(SystemClock().now)
        self.metrics.serve("shop", "busy", rate=RATE, failing=FAILING, p95=P95)
        self.metrics.serve("shop", "sound", rate=RATE, p95=P95)
        self.metrics.serve("shop", "idle", rate=0)

    async def go_away(self) -> None:
        self.metrics.away = "it cannot be reached"


class OverTheWire:
    def __init__(self, source: PrometheusEmulator | PrometheusBinary) -> None:
        self.metrics = PrometheusMetrics(source.url)
        self._source = source

    async def go_away(self) -> None:
        await self._source.stop()

    async def ready(self) -> None:
        """A window is full when it holds what the load brings."""
        async with asyncio.timeout(20):
            while True:
                found = (await self.metrics.read([BUSY], WINDOW))[BUSY]
                if found.requests is not None and found.requests > 0.85 * RATE * WINDOW.total_seconds():
                    return
                await asyncio.sleep(INTERVAL)


def exposed(elapsed: float) -> str:
    """What a destination's proxy would say after so many seconds: all answers take between 100 and 200 ms."""
    lines: list[str] = []
    for key, rate, failing in ((BUSY, RATE, FAILING), (IDLE, 0.0, 0.0), (SOUND, RATE, 0.0)):
        who = (
            f'reporter="destination",destination_workload_namespace="{key.namespace}",'
            f'destination_workload="{key.name}"'
        )
        count = rate * elapsed
        lines.append(f'istio_requests_total{{{who},response_code="200"}} {count * (1 - failing)}')
        if failing:
            lines.append(f'istio_requests_total{{{who},response_code="503"}} {count * failing}')
        name = "istio_request_duration_milliseconds"
        buckets = (("100", 0.0), ("200", count), ("500", count), ("+Inf", count))
        lines += [f'{name}_bucket{{{who},le="{bound}"}} {held}' for bound, held in buckets]
        # the client's side says the same once more and must not be counted
        client = who.replace("destination", "source", 1)
        lines.append(f'istio_requests_total{{{client},response_code="200"}} {count}')
    return "\n".join((*lines, ""))


def _source(kind: str, target: Target) -> PrometheusEmulator | PrometheusBinary:
    if kind == "emulator":
        return PrometheusEmulator([target], interval_s=INTERVAL)
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("no prometheus is installed")
    return PrometheusBinary(program, [target], interval_s=INTERVAL)


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=["fake", "emulator", "prometheus"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        yield InMemory()
        return
    started = time.monotonic()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=exposed(time.monotonic() - started))

    app = web.Application()
    app.router.add_get("/metrics", answer)
    async with (
        TestServer(app) as proxy,
        _source(request.param, Target("istio", f"127.0.0.1:{proxy.port}")) as source,
    ):
        world = OverTheWire(source)
        await world.ready()
        yield world
        world.metrics.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def readings(world: World) -> dict[WorkloadKey, Reading]:
    return dict(await world.metrics.read(ALL, WINDOW))


async def test_requests_and_failures_are_counted_over_the_window(
    readings: dict[WorkloadKey, Reading],
) -> None:
    busy = readings[BUSY]
    assert busy.requests == pytest.approx(RATE * WINDOW.total_seconds(), rel=0.2)
    assert busy.errors == pytest.approx(FAILING * RATE * WINDOW.total_seconds(), rel=0.2)


async def test_p95_is_in_milliseconds(readings: dict[WorkloadKey, Reading]) -> None:
    assert readings[BUSY].p95 == pytest.approx(P95, abs=1)


async def test_a_workload_that_never_failed_has_no_errors(readings: dict[WorkloadKey, Reading]) -> None:
    assert readings[SOUND].errors == 0.0


async def test_series_without_a_request_are_zero_and_their_p95_is_not_a_number(
    readings: dict[WorkloadKey, Reading],
) -> None:
    idle = readings[IDLE]
    assert (idle.requests, idle.errors) == (0.0, 0.0)
    assert idle.p95 is not None
    assert math.isnan(idle.p95)


async def test_a_workload_without_series_has_a_reading_of_nones(
    readings: dict[WorkloadKey, Reading],
) -> None:
    assert readings[ABSENT] == Reading(requests=None, errors=None, p95=None, newest=None)


async def test_failures_are_requests_and_errors_alone(world: World) -> None:
    whole, failures = await asyncio.gather(
        world.metrics.read(ALL, WINDOW), world.metrics.failures(ALL, WINDOW)
    )
    assert failures == {key: reading._replace(p95=None, newest=None) for key, reading in whole.items()}


async def test_how_long_requests_took_is_counted_by_bound(world: World) -> None:
    found = await world.metrics.durations(ALL, WINDOW)
    assert set(found) == {BUSY, IDLE, SOUND}
    busy, requests = found[BUSY], RATE * WINDOW.total_seconds()
    assert busy[math.inf] == pytest.approx(requests, rel=0.2)
    assert [busy[bound] for bound in sorted(busy)] == sorted(busy.values())
    beneath = max(bound for bound, held in busy.items() if held < 0.95 * busy[math.inf])
    above = min(bound for bound, held in busy.items() if held >= 0.95 * busy[math.inf])
    assert beneath < P95 <= above
    assert set(found[IDLE].values()) == {0.0}


async def test_the_newest_sample_is_told_with_its_time(readings: dict[WorkloadKey, Reading]) -> None:
    newest = readings[BUSY].newest
    assert newest is not None
    assert timedelta(seconds=-1) < datetime.now(UTC) - newest < timedelta(seconds=10)


async def test_a_source_that_is_away_is_unavailable(world: World) -> None:
    await world.go_away()
    with pytest.raises(Unavailable) as away:
        await world.metrics.read(ALL, WINDOW)
    assert away.value.part == "prometheus"
    with pytest.raises(Unavailable):
        await world.metrics.failures(ALL, WINDOW)
    with pytest.raises(Unavailable):
        await world.metrics.durations(ALL, WINDOW)
