"""What the measuring process saw, with one clock: routes as they were written, and what the stub of Prometheus answered."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.stub import Traffic

_STATE = "lockmaster.dev/state"


class Ledger:
    """What happened to each service's route; traffic follows its weights at once."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self.phases: dict[str, str] = {}
        self.withdrawn: dict[str, float] = {}

    def saw(self, route: Mapping[str, Any]) -> None:
        """Note phase and weights of a VirtualService, the moment it is told of."""
        name = route["metadata"]["name"]
        share = route["spec"]["http"][0]["route"][1]["weight"] / 100
        if share == 0 < self.traffic.share.get(name, 0.0):
            self.withdrawn[name] = time.monotonic()
            self.traffic.failing.pop(name, None)
        self.traffic.share[name] = share
        state = route["metadata"].get("annotations", {}).get(_STATE)
        if state:
            self.phases[name] = json.loads(state)["phase"]

    def fail(self, services: list[str]) -> None:
        """From now on their canaries fail."""
        for service in services:
            self.withdrawn.pop(service, None)
        self.traffic.fail(services)


def application(ledger: Ledger, beside: Callable[[], dict[str, Any]]) -> Starlette:
    """Prometheus' API, and what the bench asks and tells; `beside` is told with the rest of the state."""
    traffic = ledger.traffic

    async def query(request: Request) -> Response:
        asked = parse_qs((await request.body()).decode())["query"][0]
        answer = traffic.answer(asked)
        return Response(answer, media_type="application/json", background=BackgroundTask(answered, asked))

    async def answered(asked: str) -> None:
        traffic.answered(asked)

    async def fail(request: Request) -> Response:
        ledger.fail(await request.json())
        return JSONResponse({"failing": traffic.failing})

    async def state(_request: Request) -> Response:
        seen = {
            "phases": ledger.phases,
            "shown": traffic.shown,
            "withdrawn": ledger.withdrawn,
            "queries": traffic.queries,
        }
        return JSONResponse(seen | beside())

    return Starlette(
        routes=[
            Route("/api/v1/query", query, methods=["POST"]),
            Route("/bench/fail", fail, methods=["POST"]),
            Route("/bench/state", state),
        ]
    )
