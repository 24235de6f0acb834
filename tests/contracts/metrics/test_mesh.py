"""What istiod's own counters are taken to say, on the emulator of Prometheus and on the real one where it is installed."""

import shutil
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.prometheus.metrics import PrometheusMetrics
from bot.release.observed import MeshSeen
from sandbox.prometheus.emulator import PrometheusEmulator
from sandbox.prometheus.program import PrometheusBinary
from sandbox.prometheus.scrape import Target
from tests.support.until import until

INTERVAL = 0.2


class Istiod:
    """Says what a test lets it; away, its page answers 503 and its series end."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.away = False

    async def answer(self, _: web.Request) -> web.Response:
        return web.Response(text="\n".join((*self.lines, "")), status=503 if self.away else 200)


@pytest.fixture
def istiod() -> Istiod:
    return Istiod()


@pytest.fixture(params=["emulator", "prometheus"])
async def metrics(request: pytest.FixtureRequest, istiod: Istiod) -> AsyncIterator[PrometheusMetrics]:
    program = shutil.which("prometheus")
    if program is None and request.param == "prometheus":
        pytest.skip("no prometheus is installed")
    app = web.Application()
    app.router.add_get("/metrics", istiod.answer)
    async with TestServer(app) as server:
        targets = [Target("istiod", f"127.0.0.1:{server.port}")]
        source = (
            PrometheusBinary(program, targets, interval_s=INTERVAL)
            if program is not None and request.param == "prometheus"
            else PrometheusEmulator(targets, interval_s=INTERVAL)
        )
        async with source:
            metrics = PrometheusMetrics(source.url)
            yield metrics
            metrics.close()


async def test_the_control_plane_is_unknown_then_well_then_refused_then_away(
    metrics: PrometheusMetrics, istiod: Istiod
) -> None:
    async def says(expected: MeshSeen | None) -> None:
        async def so() -> bool:
            return await metrics.mesh() == expected

        await until(so)

    await says(None)
    istiod.lines.append('pilot_xds_pushes{type="rds"} 12')
    await says(MeshSeen(away=False, refused=0.0))
    istiod.lines.append("pilot_total_xds_rejects 3")
    await says(MeshSeen(away=False, refused=3.0))
    istiod.away = True
    await says(MeshSeen(away=True, refused=0.0))
