"""List and watch one kind of object over plain HTTP, as any Kubernetes client does."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import aiohttp

from sandbox.mesh.objects import Object, ServiceName, name_of

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
    `admit` may hold a changed object back (False); its older form stays.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        path: str,
        changed: Callable[[], None],
        admit: Callable[[Object], bool],
    ) -> None:
        self._session = session
        self._path = path
        self._changed = changed
        self._admit = admit
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
        self._objects = {name: each for name, each in self._objects.items() if name in names}
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
            self._objects.pop(name_of(obj), None)
        else:
            self._keep(obj)
        self._changed()

    def _keep(self, obj: Object) -> None:
        if self._admit(obj):
            self._objects[name_of(obj)] = obj
