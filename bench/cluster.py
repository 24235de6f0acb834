"""A process of its own: the Kubernetes emulator with the bench's services, a Prometheus stub, and what both saw, with one clock."""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.services import NAMESPACE, manifests, names
from bench.stub import Traffic
from sandbox.kube import KubeEmulator
from sandbox.kube.resources import POD, VIRTUAL_SERVICE
from sandbox.kube.store import Change
from sandbox.serving import LoopbackServer

_STATE = "lockmaster.dev/state"


class Counted:
    """ASGI middleware that counts requests by method; the bot's watches count once each time they are opened."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.by_method: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count and pass on."""
        self.by_method[scope["method"]] += 1
        await self._app(scope, receive, send)


class CountedKube(KubeEmulator):
    """The emulator behind a counter."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.counted = Counted(self.interferences)
        self._server = LoopbackServer(self.counted, port)


class Ledger:
    """What happened to each service's route, as the API server saw it."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self.phases: dict[str, str] = {}
        self.withdrawn: dict[str, float] = {}

    def saw(self, change: Change) -> None:
        """Note phase and weights; called within the write itself."""
        if change.resource != VIRTUAL_SERVICE:
            return
        route = change.record.document
        name = route["metadata"]["name"]
        share = route["spec"]["http"][0]["route"][1]["weight"] / 100
        if share == 0 < self._traffic.share.get(name, 0.0):
            self.withdrawn[name] = time.monotonic()
            self._traffic.failing.pop(name, None)
        self._traffic.share[name] = share
        state = route["metadata"].get("annotations", {}).get(_STATE)
        if state:
            self.phases[name] = json.loads(state)["phase"]


def _application(kube: CountedKube, traffic: Traffic, ledger: Ledger) -> Starlette:
    async def query(request: Request) -> Response:
        asked = parse_qs((await request.body()).decode())["query"][0]
        answer = traffic.answer(asked)
        return Response(answer, media_type="application/json", background=BackgroundTask(answered, asked))

    async def answered(asked: str) -> None:
        traffic.answered(asked)

    async def fail(request: Request) -> Response:
        services = await request.json()
        for service in services:
            ledger.withdrawn.pop(service, None)
        traffic.fail(services)
        return JSONResponse({"failing": traffic.failing})

    async def state(_request: Request) -> Response:
        seen: dict[str, Any] = {
            "phases": ledger.phases,
            "shown": traffic.shown,
            "withdrawn": ledger.withdrawn,
            "queries": traffic.queries,
            "requests": kube.counted.by_method.total(),
            "ready_pods": sum(_is_ready(pod) for pod in kube.store.documents(POD, NAMESPACE)),
        }
        return JSONResponse(seen)

    return Starlette(
        routes=[
            Route("/api/v1/query", query, methods=["POST"]),
            Route("/bench/fail", fail, methods=["POST"]),
            Route("/bench/state", state),
        ]
    )


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


async def main(port: int, stub_port: int, count: int, kubeconfig: Path) -> None:
    """Serve until killed."""
    traffic = Traffic()
    ledger = Ledger(traffic)
    async with CountedKube(port) as kube:
        kube.store.subscribe(ledger.saw)
        kube.seed(manifests(names(count)))
        kube.kubeconfig(kubeconfig, namespace=NAMESPACE)
        server = LoopbackServer(_application(kube, traffic, ledger), stub_port)
        await server.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(main(int(given[0]), int(given[1]), int(given[2]), Path(given[3])))
