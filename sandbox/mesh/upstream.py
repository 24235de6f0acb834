"""The pods' HTTP servers, and how well or badly each version behaves."""

import asyncio
import contextlib
from typing import Self

from sandbox.mesh.objects import Object, ServiceName, annotated_port, name_of, workload_of
from sandbox.mesh.upstream_http import Behaviour, PodServer

# Envoy leaves a stopping pod alone within some 10 ms, on a busy machine within some 100.
_GRACE_S = 3.0
_USUAL = Behaviour()


class UpstreamFleet:
    """One listening socket on 127.0.0.1 for each running pod.

    `pod_starting` and `pod_stopping` are the gate the Kubernetes emulator asks: before it reports a pod Ready, and
    when it tells one to stop. A pod's service is its label `app`, its version the label `version`, else the tag of
    its first image. `usual` is how a version answers of which nothing else was said.
    """

    def __init__(self, grace_s: float = _GRACE_S, usual: Behaviour = _USUAL) -> None:
        self._grace_s = grace_s
        self._usual = usual
        self._stopped = asyncio.Event()
        self._pods: dict[ServiceName, PodServer] = {}
        self._behaviours: dict[tuple[str, str], Behaviour] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def pod_starting(self, pod: Object) -> int:
        """Listen for this pod and return its port; the same port again when it is asked again."""
        name = name_of(pod)
        server = self._pods.get(name)
        if server is None:
            service, version = _service_of(pod), _version_of(pod)
            server = self._pods[name] = PodServer(
                service, version, name.name, self.behaviour(service, version)
            )
        await self._obey(server)
        return server.port

    async def pod_stopping(self, pod: Object) -> None:
        """Serve on for the grace period, then close; returns when closed. A pod that is not known is fine.

        Returns early when the fleet is stopped.
        """
        server = self._pods.get(name_of(pod))
        if server is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._grace_s):
                await self._stopped.wait()
        if self._pods.get(name_of(pod)) is server:
            del self._pods[name_of(pod)]
        await server.close()

    def port_of(self, pod: Object) -> int | None:
        """The port of a pod, from this fleet or else from its annotation; None when there is none."""
        server = self._pods.get(name_of(pod))
        return server.port if server else annotated_port(pod)

    def behaviour(self, service: str, version: str) -> Behaviour:
        """How pods of a version answer now."""
        return self._behaviours.get((service, version), self._usual)

    async def behave(self, service: str, version: str, behaviour: Behaviour) -> None:
        """Set how pods of a version answer from now on, those running and those to come."""
        self._behaviours[service, version] = behaviour
        for server in tuple(self._pods.values()):
            if (server.service, server.version) == (service, version):
                server.behaviour = behaviour
                await self._obey(server)

    async def stop(self) -> None:
        """Close every socket at once, for good."""
        self._stopped.set()
        for server in self._pods.values():
            server.refuse()
        self._pods.clear()

    async def _obey(self, server: PodServer) -> None:
        if server.port == 0 or not server.behaviour.crash:
            await server.listen()
        if server.behaviour.crash:
            server.refuse()


def _service_of(pod: Object) -> str:
    return str((pod["metadata"].get("labels") or {}).get("app") or workload_of(pod))


def _version_of(pod: Object) -> str:
    """The `version` label, else the image's tag or digest."""
    label = (pod["metadata"].get("labels") or {}).get("version")
    if label:
        return str(label)
    image = str(pod["spec"]["containers"][0]["image"])
    return image.rpartition("/")[2].rpartition(":")[2]
