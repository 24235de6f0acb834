"""As much of a Kubernetes API as a watcher sees: list and watch of four kinds, and a demo service to put into it."""

import asyncio
import json
from collections import defaultdict
from typing import Any, Self

from aiohttp import web

Object = dict[str, Any]

_ISTIO = "networking.istio.io/v1"
_PATHS = {
    "Pod": "/api/v1/pods",
    "Service": "/api/v1/services",
    "VirtualService": f"/apis/{_ISTIO}/virtualservices",
    "DestinationRule": f"/apis/{_ISTIO}/destinationrules",
}


class SmallKube:
    """Objects by kind and name; every change is told to all who watch."""

    def __init__(self) -> None:
        self._objects: dict[str, dict[str, Object]] = {kind: {} for kind in _PATHS}
        self._watchers: defaultdict[str, set[asyncio.Queue[Object | None]]] = defaultdict(set)
        self._version = 0
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; a second time on the port it had."""
        app = web.Application()
        for kind, path in _PATHS.items():
            app.router.add_get(path, self._endpoint(kind))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        self.drop_watches()
        assert self._runner
        await self._runner.cleanup()

    def put(self, obj: Object) -> int:
        """Create or replace; returns the new resource version."""
        kind, name = obj["kind"], obj["metadata"]["name"]
        event = "MODIFIED" if name in self._objects[kind] else "ADDED"
        self._version += 1
        metadata = {"namespace": "shop", **obj["metadata"], "resourceVersion": str(self._version)}
        stored = {**obj, "metadata": metadata}
        self._objects[kind][name] = stored
        self._tell(kind, {"type": event, "object": stored})
        return self._version

    def delete(self, kind: str, name: str) -> int:
        """Delete; returns the resource version of that."""
        self._version += 1
        gone = self._objects[kind].pop(name)
        metadata = {**gone["metadata"], "resourceVersion": str(self._version)}
        self._tell(kind, {"type": "DELETED", "object": {**gone, "metadata": metadata}})
        return self._version

    def get(self, kind: str, name: str) -> Object:
        return self._objects[kind][name]

    def drop_watches(self) -> None:
        for queues in self._watchers.values():
            for queue in queues:
                queue.put_nowait(None)

    def say_gone(self) -> None:
        """Tell all watchers that their version is too old."""
        for kind in self._watchers:
            self._tell(kind, {"type": "ERROR", "object": {"kind": "Status", "code": 410}})

    def _tell(self, kind: str, event: Object) -> None:
        for queue in self._watchers[kind]:
            queue.put_nowait(event)

    def _endpoint(self, kind: str) -> Any:
        async def endpoint(request: web.Request) -> web.StreamResponse:
            return await self._watch(kind, request) if "watch" in request.query else self._list(kind)

        return endpoint

    def _list(self, kind: str) -> web.Response:
        items = list(self._objects[kind].values())
        return web.json_response({"metadata": {"resourceVersion": str(self._version)}, "items": items})

    async def _watch(self, kind: str, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        queue: asyncio.Queue[Object | None] = asyncio.Queue()
        since = int(request.query["resourceVersion"])
        for obj in self._objects[kind].values():
            if int(obj["metadata"]["resourceVersion"]) > since:
                queue.put_nowait({"type": "MODIFIED", "object": obj})
        self._watchers[kind].add(queue)
        try:
            while event := await queue.get():
                await response.write(json.dumps(event).encode() + b"\n")
        finally:
            self._watchers[kind].discard(queue)
        return response


def service(name: str = "checkout") -> Object:
    spec = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}]}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": spec,
    }


def pod(name: str, workload: str, version: str, *, track: str = "", ready: bool = True) -> Object:
    labels = {"app": "checkout", "version": version, "pod-template-hash": "abc"}
    if track:
        labels["lockmaster.dev/track"] = track
    owner = {"kind": "ReplicaSet", "name": f"{workload}-abc"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": labels, "ownerReferences": [owner]},
        "spec": {"containers": [{"image": f"registry.example/shop/checkout:{version}"}]},
        "status": {"conditions": [{"type": "Ready", "status": "True" if ready else "False"}]},
    }


def destination_rule(*subsets: str) -> Object:
    found = [{"name": each, "labels": {"lockmaster.dev/track": each}} for each in subsets]
    return {
        "apiVersion": _ISTIO,
        "kind": "DestinationRule",
        "metadata": {"name": "checkout", "namespace": "shop"},
        "spec": {"host": "checkout", "subsets": found},
    }


def virtual_service(*http: Object, name: str = "checkout") -> Object:
    return {
        "apiVersion": _ISTIO,
        "kind": "VirtualService",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"hosts": [name], "http": list(http)},
    }


def split(**weights: int) -> Object:
    """A route that splits over subsets of checkout."""
    return {
        "route": [
            {"destination": {"host": "checkout", "subset": subset}, "weight": weight}
            for subset, weight in weights.items()
        ]
    }
