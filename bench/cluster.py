"""A process of its own: the Kubernetes emulator with the bench's services, a Prometheus stub, and what both saw, with one clock."""

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from bench.ledger import Ledger, application
from bench.services import NAMESPACE, manifests, names
from bench.stub import Traffic
from sandbox.kube import KubeEmulator
from sandbox.kube.resources import POD, VIRTUAL_SERVICE
from sandbox.kube.store import Change
from sandbox.serving import LoopbackServer


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

    def state(self) -> dict[str, Any]:
        """How many requests there were, and how many pods are ready."""
        ready = sum(_is_ready(pod) for pod in self.store.documents(POD, NAMESPACE))
        return {"requests": self.counted.by_method.total(), "ready_pods": ready}


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions", ())
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


async def main(port: int, stub_port: int, count: int, kubeconfig: Path) -> None:
    """Serve until killed."""
    ledger = Ledger(Traffic())

    def saw(change: Change) -> None:
        """Take note within the write itself."""
        if change.resource == VIRTUAL_SERVICE:
            ledger.saw(change.record.document)

    async with CountedKube(port) as kube:
        kube.store.subscribe(saw)
        kube.seed(manifests(names(count)))
        kube.kubeconfig(kubeconfig, namespace=NAMESPACE)
        server = LoopbackServer(application(ledger, kube.state), stub_port)
        await server.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(main(int(given[0]), int(given[1]), int(given[2]), Path(given[3])))
