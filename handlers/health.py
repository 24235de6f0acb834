"""The admin port: whether the bot lives, whether it takes work, and its metrics. No host and no secret is named."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.ports.desks import Health


class Probes:
    """What kubelet and Prometheus ask."""

    def __init__(self, health: Health, registry: CollectorRegistry) -> None:
        self._health = health
        self._registry = registry
        self._own = CollectorRegistry()
        what = "Seconds that Lockmaster was behind its own cadence, at worst in the last minute"
        self._late = Gauge("lockmaster_late_seconds", what, ["what"], registry=self._own)

    def routes(self) -> list[Route]:
        """Say which path asks what."""
        return [
            Route("/livez", self.live),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def live(self, _request: Request) -> Response:
        """Answer as long as the event loop turns, so that silence is an answer as well; 503 where another loop does not turn."""
        stuck = self._health.stuck()
        if stuck:
            return PlainTextResponse(f"stuck: {', '.join(stuck)}\n", 503)
        return PlainTextResponse("alive\n")

    async def ready(self, _request: Request) -> Response:
        """200 once started and until told to stop, whatever is away: a bot taken out of the Service could not roll back."""
        if self._health.stopping:
            return JSONResponse({"status": "stopping"}, 503)
        if not self._health.started:
            return JSONResponse({"status": "starting"}, 503)
        parts = dict(await self._health.parts())
        status = "ready" if all(word == "ok" for word in parts.values()) else "degraded"
        return JSONResponse({"status": status, "parts": parts})

    async def metrics(self, _request: Request) -> Response:
        """Everything the registry holds, and how late the bot is, in Prometheus' text format."""
        for what, seconds in self._health.late().items():
            self._late.labels(what).set(seconds)
        text = generate_latest(self._registry) + generate_latest(self._own)
        return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})
