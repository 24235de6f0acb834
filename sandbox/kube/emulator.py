"""The whole cluster: store, API server, controllers and kubelet, started and stopped as one."""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml

from sandbox.kube.clock import Clock, LoopClock
from sandbox.kube.control import control_routes
from sandbox.kube.controllers.autoscalers import Autoscalers
from sandbox.kube.controllers.deployments import Deployments
from sandbox.kube.controllers.endpoints import EndpointSlices
from sandbox.kube.controllers.garbage import GarbageCollector, Namespaces
from sandbox.kube.controllers.gate import PodGate
from sandbox.kube.controllers.kubelet import Kubelet
from sandbox.kube.controllers.loop import ControllerLoop
from sandbox.kube.controllers.recorder import Recorder
from sandbox.kube.controllers.replicasets import ReplicaSets
from sandbox.kube.document import Document
from sandbox.kube.faults import FaultBook
from sandbox.kube.http.api import Api, api_application
from sandbox.kube.http.watching import Watches
from sandbox.kube.interference import Interferences
from sandbox.kube.registry import Registry
from sandbox.kube.resources import NAMESPACE, resource_of_kind
from sandbox.kube.store import HISTORY, Store
from sandbox.kube.timing import Timing
from sandbox.serving import LoopbackServer

_NAMESPACES = ("default", "kube-system")


class KubeEmulator:
    """`async with KubeEmulator() as kube:` gives a cluster at `kube.url`.

    `port` 0 takes a free one. `tokens` maps bearer tokens to user names; without any, everybody may do everything.
    `history` is the number of changes a watch can go back. In-process: `store` (read, subscribe), `registry` (write),
    `faults` (of pods), `interferences` (of requests), `gate` (holds pods back from ready), `watches` (drop them).
    """

    def __init__(
        self,
        port: int = 0,
        *,
        timing: Timing | None = None,
        clock: Clock | None = None,
        tokens: Mapping[str, str] | None = None,
        history: int = HISTORY,
    ) -> None:
        clock, timing = clock or LoopClock(), timing or Timing()
        self.store = Store(history=history)
        self.registry = Registry(self.store, clock)
        self.faults = FaultBook()
        recorder = Recorder(self.registry)
        self._kubelet = Kubelet(self.registry, recorder, self.faults, timing)
        self._loop = ControllerLoop(
            (
                self._kubelet,
                ReplicaSets(self.registry, recorder),
                Deployments(self.registry, recorder),
                Autoscalers(self.registry),
                EndpointSlices(self.registry),
                GarbageCollector(self.registry),
                Namespaces(self.registry),
            ),
            clock,
        )
        self._api = Api(self.registry, tokens or {}, timing.bookmark)
        application = api_application(self._api, control_routes(self.faults, lambda: self.interferences))
        self.interferences = Interferences(application)
        self._server = LoopbackServer(self.interferences, port)
        self._running: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the API answers: `http://127.0.0.1:PORT`."""
        return self._server.url

    @property
    def gate(self) -> PodGate:
        """Set its `before_ready` and `after_end` to follow pods."""
        return self._kubelet.gate

    @property
    def watches(self) -> Watches:
        """The watches open now."""
        return self._api.watches

    @property
    def failures(self) -> list[Exception]:
        """What controllers raised; anything in it is a bug of the emulator."""
        return self._loop.failures

    async def __aenter__(self) -> Self:
        self.store.subscribe(self._loop.tell)
        self.faults.on_change = self._look_at_pods
        self.gate.on_admitted = self._look_at_pod
        for name in _NAMESPACES:
            self.registry.create(NAMESPACE, "", {"metadata": {"name": name}})
        self._running = asyncio.create_task(self._loop.run())
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.unplug()
        await self.gate.close()
        if self._running:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    async def unplug(self) -> None:
        """Close the API's port, and every connection to it; the cluster itself goes on."""
        self.watches.drop()
        await self._server.stop()

    async def plug(self) -> None:
        """Open the API's port again, after `unplug`."""
        await self._server.start()

    def seed(self, manifests: Iterable[Document]) -> None:
        """Create objects, in the order given; each names its own namespace, `default` where it is silent."""
        for manifest in manifests:
            resource = resource_of_kind(manifest["apiVersion"], manifest["kind"])
            if resource is None:
                raise LookupError(f"{manifest['apiVersion']} {manifest['kind']} is not served here")
            namespace = manifest["metadata"].get("namespace", "default") if resource.namespaced else ""
            self.registry.create(resource, namespace, manifest)

    def kubeconfig(self, path: Path, *, token: str = "", namespace: str = "default") -> Path:
        """Write a kubeconfig for this cluster to `path`, and return that."""
        user = {"token": token} if token else {}
        context = {"cluster": "sandbox", "user": "sandbox", "namespace": namespace}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "sandbox",
            "clusters": [{"name": "sandbox", "cluster": {"server": self.url}}],
            "users": [{"name": "sandbox", "user": user}],
            "contexts": [{"name": "sandbox", "context": context}],
        }
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        path.chmod(0o600)
        return path

    def _look_at_pods(self) -> None:
        for key in self._kubelet.every_pod():
            self._loop.enqueue(self._kubelet, key)

    def _look_at_pod(self, pod: Document) -> None:
        self._loop.enqueue(self._kubelet, (pod["metadata"]["namespace"], pod["metadata"]["name"]))
