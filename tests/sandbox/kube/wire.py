"""Bare HTTP to the emulator, and the objects its tests write."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

Json = dict[str, Any]

APPS = "/apis/apps/v1/namespaces/default/deployments"
PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"
ROUTES = "/apis/networking.istio.io/v1/namespaces/default/virtualservices"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


class Wire:
    """A client that adds nothing to what is said."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def __call__(
        self, method: str, path: str, body: object = None, kind: str = "application/json", **headers: str
    ) -> tuple[int, Json]:
        """The status and the JSON of the answer."""
        payload = body if isinstance(body, str) else json.dumps(body) if body is not None else None
        sent = {"Content-Type": kind, **headers} if payload is not None else headers
        async with self._session.request(method, self._url + path, data=payload, headers=sent) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else {}

    async def create(self, path: str, body: Json) -> Json:
        """Create something that must be accepted."""
        code, created = await self("POST", path, body)
        assert code == 201, created
        return created

    async def merge(self, path: str, body: Json) -> Json:
        """A merge patch that must be accepted."""
        code, patched = await self("PATCH", path, body, MERGE)
        assert code == 200, patched
        return patched

    @asynccontextmanager
    async def watch(self, path: str) -> AsyncIterator["Lines"]:
        """An open watch; `path` holds its parameters."""
        separator = "&" if "?" in path else "?"
        async with self._session.get(f"{self._url}{path}{separator}watch=true") as answer:
            assert answer.status == 200
            yield Lines(answer)


class Lines:
    """The events of a watch, one at a time."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self) -> Json:
        """The next event; an empty dict where the stream has ended."""
        line = await asyncio.wait_for(self._answer.content.readline(), 30)
        event: Json = json.loads(line) if line else {}
        return event

    async def brief(self) -> tuple[str, str]:
        """The next event's type and the name in it."""
        event = await self.next()
        return event["type"], event["object"]["metadata"].get("name", "")


def deployment(
    name: str = "web", *, replicas: int = 2, image: str = "registry.example/web:v1", **spec: Any
) -> Json:
    """A Deployment of one container."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": image}]}}
    whole = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template} | spec
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": whole}


def pod(name: str = "lone", *, image: str = "registry.example/web:v1", **meta: Any) -> Json:
    """A pod of one container."""
    spec = {"containers": [{"name": "web", "image": image}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name} | meta, "spec": spec}


def config_map(name: str, /, **meta: Any) -> Json:
    """A ConfigMap with one entry."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name} | meta, "data": {"a": "1"}}


def virtual_service(name: str = "web", weights: tuple[Any, Any] = (95, 5)) -> Json:
    """A VirtualService of one route with two weighted subsets."""
    route = [
        {"destination": {"host": name, "subset": subset}, "weight": weight}
        for subset, weight in zip(("stable", "canary"), weights, strict=True)
    ]
    spec = {"hosts": [name], "http": [{"name": "primary", "route": route}]}
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": name},
        "spec": spec,
    }
