"""List and watch, for ever: the vendor has no asynchronous informer, and its watch knows no pause between connections."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from random import uniform
from typing import Final

from adapters.kubernetes import failures
from adapters.kubernetes.api import Api, Call
from adapters.kubernetes.cache import Cache, Keep
from adapters.kubernetes.failures import VersionGone
from adapters.kubernetes.resources import Object, Ref, Resource
from adapters.kubernetes.urgency import Urgency
from bot.errors import Conflict, Refused, TargetGone, Unavailable
from bot.ports.clock import Clock

WATCH_SECONDS: Final = 24
"""A watch is begun anew so often, so that silence longer than 30 s means trouble and not an idle namespace."""

PAGE: Final = 500
SHORTEST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 15.0
LONGEST_SILENCE: Final = 30.0
"""Seconds without a sign of the server after which nothing known is believed, and everything is listed anew."""
LONG_ENOUGH: Final = 5.0
"""Seconds a watch must have lived for the next to begin at once."""

Listener = Callable[[Resource, Object], None]


class Informer:
    """Keeps the cache of one kind in one namespace, and tells the listener of each change."""

    def __init__(
        self,
        api: Api,
        clock: Clock,
        resource: Resource,
        namespace: str,
        listener: Listener,
        keep: Keep,
    ) -> None:
        self.resource = resource
        self.namespace = namespace
        self.listed = asyncio.Event()
        self._api = api
        self._clock = clock
        self._listener = listener
        self._keep = keep
        self._cache = Cache(keep)
        self._version = ""
        self._highest = 0
        self._contact: float | None = None
        self.rounds = 0

    def age(self) -> float:
        """Seconds since the server was last heard on this watch; infinite before the first list."""
        return float("inf") if self._contact is None else self._clock.monotonic() - self._contact

    @property
    def objects(self) -> Cache:
        """What is known."""
        return self._cache

    def put(self, found: Object) -> None:
        """Take in a newer form, from the watch or from our own request, which need not wait for the watch."""
        if self._cache.put(found):
            self._listener(self.resource, found)

    def remove(self, found: Object) -> None:
        """Forget a deleted object."""
        if self._cache.remove(found):
            self._listener(self.resource, found)

    async def run(self) -> None:
        """List and watch until cancelled. No failure but a bug ends it; pauses between tries grow, with jitter."""
        quick = 0
        while True:
            self.rounds += 1
            began = self._clock.monotonic()
            try:
                if not self._version:
                    await self._list()
                await self._watch()
            except VersionGone:
                self._version = ""
            except (Unavailable, Refused, TargetGone, Conflict, json.JSONDecodeError):
                # `age` grows, readers ask the server themselves and see the same error. Whoever could not go on for long begins anew.
                self._version = self._version if self.age() <= LONGEST_SILENCE else ""
            lived = self._clock.monotonic() - began >= LONG_ENOUGH
            quick = 0 if lived else quick + 1
            pause = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** min(quick, 10)) if quick else 0.0
            await self._clock.sleep(pause * uniform(0.5, 1.0))  # noqa: S311 - jitter

    async def _list(self) -> None:
        found: list[Object] = []
        more = ""
        while True:
            query = (("limit", str(PAGE)), *((("continue", more),) if more else ()))
            page = await self._api.request(self._call("list", query))
            found += page["items"]
            more = page["metadata"].get("continue", "")
            if not more:
                break
        version = page["metadata"]["resourceVersion"]
        if int(version) < self._highest:
            # The server was brought back from a copy: what we know is of a time that never was, however high its versions.
            self._cache = Cache(self._keep)
            self._highest = 0
        self._touch(version)
        for changed in self._cache.replace(found):
            self._listener(self.resource, changed)
        self.listed.set()

    async def _watch(self) -> None:
        query = (
            ("watch", "1"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", self._version),
            ("timeoutSeconds", str(WATCH_SECONDS)),
        )
        async with aclosing(self._api.watch(self._call("watch", query), WATCH_SECONDS)) as events:
            async for event in events:
                self._take_in(event)

    def _take_in(self, event: Object) -> None:
        kind, found = event.get("type", ""), event.get("object", {})
        if kind == "ERROR":
            ref = Ref(self.resource, self.namespace, "")
            raise failures.failure_of(int(found.get("code", 500)), found, "watch", ref)
        version = found.get("metadata", {}).get("resourceVersion", self._version)
        if int(version) < self._highest:
            raise VersionGone(f"{version} follows {self._highest}")
        self._touch(version)
        if kind == "DELETED":
            self.remove(found)
        elif kind in {"ADDED", "MODIFIED"}:
            self.put(found)

    def _touch(self, version: str) -> None:
        self._version, self._highest = version, int(version)
        self._contact = self._clock.monotonic()

    def _call(self, verb: str, query: tuple[tuple[str, str], ...]) -> Call:
        return Call(verb, Ref(self.resource, self.namespace, ""), Urgency.WATCH, query)
