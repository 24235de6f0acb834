"""List and watch one kind of object over plain HTTP, as any Kubernetes client does."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from typing import Any

import aiohttp

from sandbox.mesh.objects import Object, ServiceName, name_of

_log = logging.getLogger(__name__)
_PAUSE_S = 0.2
_WATCH_S = 300
# Room for an object of a megabyte in one line of the stream.
READ_BUFFER = 2**21


class _ListAgainError(Exception):
    """The server no longer knows the version that was watched."""


class Watcher:
    """Keeps all objects of one kind, in all namespaces, and calls `changed` after each change of them.

    While the server is away the objects stay as they were. `listed` is set once they were read.
    `version` is the newest resource version read.
    `objections` to a changed object hold it back: its older form stays. `held_back` tells why.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        path: str,
        changed: Callable[[], None],
        objections: Callable[[Object], list[str]],
    ) -> None:
        self._session = session
        self._path = path
        self._changed = changed
        self._objections = objections
        self.held_back: dict[ServiceName, list[str]] = {}
        self._objects: dict[ServiceName, Object] = {}
        self.version = ""
        self.listed = asyncio.Event()

    @property
    def objects(self) -> tuple[Object, ...]:
        """The objects as last told."""
        return tuple(self._objects.values())

    async def run(self) -> None:
        """List and watch until cancelled."""
        while True:
            with contextlib.suppress(
                aiohttp.ClientError, TimeoutError, json.JSONDecodeError, _ListAgainError
            ):
                await self._list()
                while True:
                    await self._watch()
            await asyncio.sleep(_PAUSE_S)

    async def _list(self) -> None:
        async with self._session.get(self._path) as response:
            response.raise_for_status()
            found = await response.json()
        self.version = found["metadata"]["resourceVersion"]
        names = {name_of(each) for each in found["items"]}
        for name in {*self._objects, *self.held_back} - names:
            self._forget(name)
        for each in found["items"]:
            self._keep(each)
        self.listed.set()
        self._changed()

    async def _watch(self) -> None:
        """Follow one watch until the server ends it."""
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_S),
            "resourceVersion": self.version,
        }
        timeout = aiohttp.ClientTimeout(total=None, sock_read=_WATCH_S + 10)
        async with self._session.get(self._path, params=query, timeout=timeout) as response:
            response.raise_for_status()
            heard = False
            async for line in response.content:
                self._event(json.loads(line))
                heard = True
        if not heard:
            # A server that ends each watch at once must not be asked a thousand times a second.
            await asyncio.sleep(_PAUSE_S)

    def _event(self, event: dict[str, Any]) -> None:
        kind, obj = event["type"], event["object"]
        if kind == "ERROR":
            raise _ListAgainError
        self.version = obj["metadata"]["resourceVersion"]
        if kind == "BOOKMARK":
            return
        if kind == "DELETED":
            self._forget(name_of(obj))
        else:
            self._keep(obj)
        self._changed()

    def _keep(self, obj: Object) -> None:
        name = name_of(obj)
        self.held_back.pop(name, None)
        if objections := self._objections(obj):
            self.held_back[name] = objections
            _log.warning("%s %s is not applied: %s", self._path, name, "; ".join(objections))
        else:
            self._objects[name] = obj

    def _forget(self, name: ServiceName) -> None:
        self._objects.pop(name, None)
        self.held_back.pop(name, None)
