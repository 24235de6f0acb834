"""Watches: the changes of one kind as a stream of lines, from now or from a past version."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping

from sandbox.kube.clock import Clock
from sandbox.kube.document import Document
from sandbox.kube.errors import ApiError
from sandbox.kube.http import views
from sandbox.kube.http.paths import Target
from sandbox.kube.http.queries import flag, number, selection
from sandbox.kube.store import Change, Record, Store, encode

_BACKLOG = 20_000  # changes a slow reader may fall behind before its watch ends
_LONGEST = 3600.0
_INITIAL_END = {"k8s.io/initial-events-end": "true"}


class Watch:
    """One open watch. `close` ends the stream after what was already queued."""

    def __init__(self, store: Store, target: Target, query: Mapping[str, str], view: views.View) -> None:
        self._store = store
        self._target = target
        self._view = view
        self._matches = selection(query, target)
        self._bookmarks = flag(query, "allowWatchBookmarks")
        self._timeout = float(number(query, "timeoutSeconds") or _LONGEST)
        self._start = number(query, "resourceVersion") or 0
        self._initial_list = flag(query, "sendInitialEvents")
        self._queue: deque[Change] = deque()
        self._wake = asyncio.Event()
        self._closed = False

    def close(self) -> None:
        """End the stream."""
        self._closed = True
        self._wake.set()

    def tell(self, change: Change) -> None:
        """A write anywhere in the store."""
        target = self._target
        if change.resource is not target.resource:
            return
        if target.namespace and change.document["metadata"].get("namespace") != target.namespace:
            return
        self._queue.append(change)
        if len(self._queue) > _BACKLOG:
            self.close()
        self._wake.set()

    async def lines(self, clock: Clock, bookmark_every: float) -> AsyncIterator[bytes]:
        """The stream: the present state where none was named, then each change, and bookmarks between."""
        unsubscribe = self._store.subscribe(self.tell)
        try:
            yield b"".join(self._first_lines(clock))
            async for line in self._follow(clock, bookmark_every):
                yield line
        except ApiError as error:
            yield views.event("ERROR", encode(error.status()))
        finally:
            unsubscribe()

    def _first_lines(self, clock: Clock) -> list[bytes]:
        if self._start and not self._initial_list:
            lines = [
                self._line(change, clock)
                for change in self._store.since(self._start)
                if self._concerns(change)
            ]
            return [line for line in lines if line]
        records = self._store.records(self._target.resource, self._target.namespace, self._matches)
        lines = [self._event("ADDED", record, clock) for record in records]
        if self._initial_list and self._bookmarks:
            lines.append(self._bookmark(_INITIAL_END))
        return lines

    def _concerns(self, change: Change) -> bool:
        namespace = change.document["metadata"].get("namespace")
        return change.resource is self._target.resource and self._target.namespace in (None, "", namespace)

    async def _follow(self, clock: Clock, bookmark_every: float) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._timeout
        while not self._closed:
            left = end - loop.time()
            if left <= 0:
                break
            woken = await self._woken(min(left, bookmark_every))
            # What was told in the very moment in which the wait ended goes before a bookmark too.
            if woken or self._queue:
                lines = [self._line(change, clock) for change in self._drained()]
                if any(lines):
                    yield b"".join(lines)
            elif self._bookmarks:
                yield self._bookmark({})

    async def _woken(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return False
        self._wake.clear()
        return True

    def _drained(self) -> list[Change]:
        changes = list(self._queue)
        self._queue.clear()
        return changes

    def _line(self, change: Change, clock: Clock) -> bytes:
        """The change as this watch sees it: an object that leaves the selection is deleted, one that enters is added."""
        before = change.previous is not None and self._matches(change.previous.document)
        after = change.type != "DELETED" and self._matches(change.document)
        if not before and not after:
            return b""
        kind = "MODIFIED" if before and after else "ADDED" if after else "DELETED"
        return self._event(kind, change.record, clock)

    def _event(self, kind: str, record: Record, clock: Clock) -> bytes:
        return views.event(kind, views.one(record, self._target, self._view, clock.now()))

    def _bookmark(self, annotations: dict[str, str]) -> bytes:
        meta: Document = {"resourceVersion": str(self._store.revision), "creationTimestamp": None}
        if annotations:
            meta["annotations"] = annotations
        body: Document = {
            "kind": self._target.resource.kind,
            "apiVersion": self._target.api_version,
            "metadata": meta,
        }
        return views.event("BOOKMARK", encode(body))


class Watches:
    """The open watches, so that a stopping server, or a test, can end them."""

    def __init__(self) -> None:
        self._open: set[Watch] = set()

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def drop(self) -> None:
        """End all open watches, as a restarted API server does."""
        for watch in tuple(self._open):
            watch.close()

    async def stream(self, watch: Watch, lines: Callable[[], AsyncIterator[bytes]]) -> AsyncIterator[bytes]:
        """The watch's lines, while it is counted as open."""
        self._open.add(watch)
        try:
            async for line in lines():
                yield line
        finally:
            self._open.discard(watch)
