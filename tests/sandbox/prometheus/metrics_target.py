"""Something to scrape, whose numbers are functions of time, so that two who scrape it see the same rates."""

import time
from typing import Self

from aiohttp import web

from sandbox.prometheus.scrape import Target

_TEXT = """\
# HELP requests_total Falls back to zero every 0.7 s.
# TYPE requests_total counter
requests_total{{code="200",job="mine"}} {saw}
requests_total{{code="500",job="mine"}} {slow}
# TYPE latency histogram
latency_bucket{{version="a",le="5"}} {slow}
latency_bucket{{version="a",le="50"}} {fast}
latency_bucket{{version="a",le="+Inf"}} {fast}
latency_bucket{{version="b",le="5"}} 0
latency_bucket{{version="b",le="50"}} 0
latency_bucket{{version="b",le="+Inf"}} 0
# TYPE temperature gauge
temperature{{room="a \\"quoted\\" one"}} {gauge}
temperature{{room="b"}} -0.000000125
nothing NaN
{leaving}
"""


class MetricsTarget:
    def __init__(self) -> None:
        self.leaving = True
        self.broken = False
        self._started = time.time()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.target = Target("mesh", f"127.0.0.1:{self._runner.addresses[0][1]}")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    async def _metrics(self, _: web.Request) -> web.Response:
        if self.broken:
            return web.Response(text="this is { not a metric\n")
        past = time.time() - self._started
        leaving = "leaving 1" if self.leaving else ""
        text = _TEXT.format(
            saw=past % 0.7 * 1000, slow=past * 10, fast=past * 100, gauge=past - 5, leaving=leaving
        )
        return web.Response(text=text, headers={"content-type": "text/plain; version=0.0.4"})
