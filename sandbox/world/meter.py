"""What Envoy counted while each pair of weights was in effect."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from sandbox.kube.demo import NAMESPACE
from sandbox.kube.resources import VIRTUAL_SERVICE
from sandbox.kube.store import Change
from sandbox.mesh.directory import Destination
from sandbox.mesh.envoy import EnvoyError
from sandbox.mesh.metrics import raw_counters
from sandbox.page.world import Weights
from sandbox.world.cluster import Cluster
from sandbox.world.polling import until
from sandbox.world.weights import CANARY, weights_of

_PATH = r"/stats/prometheus?usedonly&filter=^cluster\.outbound.*\.upstream_rq_\d{3}$"
_COUNTER = "envoy_cluster_upstream_rq"
_EFFECT_S = 5.0
_UNDER_WAY_S = 0.1
Counts = Mapping[Destination, float]
"""Answers of each of Envoy's clusters."""


@dataclass(slots=True)
class Period:
    """One pair of weights of one service. `written` is Unix time; counts are Envoy's at both ends."""

    service: str
    weights: Weights | None
    written: float
    began: Counts | None = None
    ended: Counts | None = None

    def canary_share(self, now: Counts) -> tuple[float, int]:
        """The canary's share of the requests counted since the weights took effect, 0 to 1, and how many those are."""
        until = self.ended or now
        began = self.began or until
        # By cluster: one that is removed meanwhile must not be taken from another that has come.
        counted = {
            destination: max(0.0, count - began.get(destination, 0.0))
            for destination, count in until.items()
            if destination.service.name == self.service
        }
        total = sum(counted.values())
        canary = sum(count for destination, count in counted.items() if destination.subset == CANARY)
        return (canary / total if total else 0.0), int(total)


@dataclass
class Meter:
    """Follows the routes; an async context manager. `on_period` is told of each period that has ended."""

    cluster: Cluster
    on_period: Callable[[Period], None] = lambda _: None
    periods: list[Period] = field(default_factory=list)
    _turning: set[asyncio.Task[None]] = field(default_factory=set)
    _unsubscribe: Callable[[], None] = lambda: None

    async def __aenter__(self) -> Self:
        self._unsubscribe = self.cluster.kube.store.subscribe(self._changed)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._unsubscribe()
        for task in self._turning:
            task.cancel()
        await asyncio.gather(*self._turning, return_exceptions=True)

    def latest(self, service: str) -> Period | None:
        """The newest period of a service."""
        return next((each for each in reversed(self.periods) if each.service == service), None)

    async def counts(self) -> Counts:
        """Envoy's counters now. Raises `EnvoyError`."""
        found: dict[Destination, float] = {}
        for (cluster, metric, _), value in raw_counters(await self.cluster.envoy.admin(_PATH)).items():
            destination = Destination.from_cluster(cluster)
            if metric == _COUNTER and destination.service.namespace == NAMESPACE:
                found[destination] = found.get(destination, 0.0) + value
        return found

    def _changed(self, change: Change) -> None:
        if change.resource is not VIRTUAL_SERVICE or change.type == "DELETED":
            return
        service, weights = change.document["metadata"]["name"], weights_of(change.document)
        last = self.latest(service)
        if weights != (last.weights if last else None):
            period = Period(service, weights, time.time())
            self.periods.append(period)
            task = asyncio.create_task(self._turn(last, period, change.revision))
            self._turning.add(task)
            task.add_done_callback(self._turning.discard)

    async def _turn(self, before: Period | None, period: Period, revision: int) -> None:
        """End the period before at once, and begin this one when Envoy has the new weights."""
        with contextlib.suppress(EnvoyError, TimeoutError):
            if before:
                before.ended = await self.counts()
                self.on_period(before)
            async with asyncio.timeout(_EFFECT_S):
                await until(lambda: self.cluster.pushed("virtualservices") >= revision, look_s=0.005)
            # Envoy counts answers, and some of those to come were asked for under the weights before.
            await asyncio.sleep(_UNDER_WAY_S)
            period.began = await self.counts()
