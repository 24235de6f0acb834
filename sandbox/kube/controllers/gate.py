"""The door others may hold shut: asked before a pod becomes ready, told when one is gone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sandbox.kube.controllers.podstatus import Run
from sandbox.kube.document import Document

_LOG = logging.getLogger(__name__)

PodCallback = Callable[[Document], Awaitable[None]]


class PodGate:
    """`before_ready` holds a pod back until it returns; `after_end` is told of a pod that is gone."""

    def __init__(self) -> None:
        self.before_ready: PodCallback | None = None
        self.after_end: PodCallback | None = None
        self.on_admitted: Callable[[Document], None] = lambda _: None
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._telling: set[asyncio.Task[None]] = set()

    @property
    def asks(self) -> bool:
        """Whether pods have to wait for somebody."""
        return self.before_ready is not None

    def ask(self, pod: Document, run: Run) -> None:
        """Ask once; the pod is looked at again when the answer is there."""
        uid = pod["metadata"]["uid"]
        if uid not in self._asking:
            self._asking[uid] = asyncio.create_task(self._asked(pod, run))

    def forget(self, pod: Document) -> None:
        """The pod is gone: stop asking, and say so."""
        asking = self._asking.pop(pod["metadata"]["uid"], None)
        if asking:
            asking.cancel()
        if self.after_end:
            telling = asyncio.create_task(self._told(self.after_end, pod))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        """Stop asking for good; wait for what is being told."""
        for asking in self._asking.values():
            asking.cancel()
        await asyncio.gather(*self._asking.values(), *self._telling, return_exceptions=True)

    async def _asked(self, pod: Document, run: Run) -> None:
        restarts = run.restarts
        try:
            if self.before_ready:
                await self.before_ready(pod)
            run.admitted = run.restarts == restarts
            self.on_admitted(pod)
        except Exception:  # noqa: BLE001 -- whoever holds the gate may fail; the cluster goes on
            _LOG.exception("the gate failed for pod %s", pod["metadata"]["name"])
        finally:
            self._asking.pop(pod["metadata"]["uid"], None)

    async def _told(self, after_end: PodCallback, pod: Document) -> None:
        try:
            await after_end(pod)
        except Exception:  # noqa: BLE001 -- whoever holds the gate may fail; the cluster goes on
            _LOG.exception("the gate failed for the end of pod %s", pod["metadata"]["name"])
