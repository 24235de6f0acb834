"""Metrics that a test sets by hand. Passes the contract suite of the real adapter."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.errors import Unavailable
from bot.ports.metrics import Histogram, Reading, WorkloadKey
from bot.release.observed import MeshSeen

BOUNDS = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10000.0, math.inf)
NOTHING = Reading(requests=None, errors=None, p95=None, newest=None)


@dataclass(frozen=True, slots=True)
class Load:
    """Requests a second, the share that fails (0 to 1), p95 in milliseconds, age of the newest sample."""

    rate: float
    failing: float
    p95: float
    age: timedelta = timedelta(0)


def _durations(load: Load, window: timedelta) -> Histogram:
    requests = load.rate * window.total_seconds()
    return {bound: requests * min(1.0, 0.95 * bound / load.p95) for bound in BOUNDS}


@dataclass(slots=True)
class FakeMetrics:
    """`now` is the clock's. A workload without a load has no series. `away` says why nothing can be asked."""

    now: Callable[[], datetime]
    loads: dict[WorkloadKey, Load] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    away: str | None = None
    questions: int = 0
    failure_questions: int = 0
    control_plane: MeshSeen | Unavailable | None = None

    def serve(
        self, namespace: str, name: str, *, rate: float, failing: float = 0.0, p95: float = 100.0
    ) -> None:
        """From now on the workload serves `rate` requests a second, the share `failing` answered 5xx.

        Rate 0 is a workload with series but without a request: p95 is then NaN.
        """
        self.loads[WorkloadKey(namespace, name)] = Load(rate, failing, p95)

    def age(self, namespace: str, name: str, age: timedelta) -> None:
        """The workload's newest sample is that old, for as long as nothing else is set."""
        key = WorkloadKey(namespace, name)
        self.loads[key] = replace(self.loads[key], age=age)

    def forget(self, namespace: str, name: str) -> None:
        """The workload has no series any more."""
        self.loads.pop(WorkloadKey(namespace, name), None)

    async def read(
        self, workloads: Collection[WorkloadKey], window: timedelta
    ) -> Mapping[WorkloadKey, Reading]:
        """Readings as if the load had been the same over the whole window."""
        self.questions += 1
        self._reach()
        return {key: self._reading(key, window) for key in workloads}

    async def failures(
        self, workloads: Collection[WorkloadKey], window: timedelta
    ) -> Mapping[WorkloadKey, Reading]:
        """As `read` has them; counted apart, as it may cost nothing beside `read`."""
        self.failure_questions += 1
        self._reach()
        return {key: self._reading(key, window)._replace(p95=None, newest=None) for key in workloads}

    async def durations(
        self, workloads: Collection[WorkloadKey], window: timedelta
    ) -> Mapping[WorkloadKey, Histogram]:
        """As many in each stretch of time, so that p95 is what was set; Istio's bounds."""
        self.questions += 1
        self._reach()
        return {key: _durations(self.loads[key], window) for key in workloads if key in self.loads}

    async def mesh(self) -> MeshSeen | None:
        """What a test says that the control plane says."""
        self.questions += 1
        self._reach()
        if isinstance(self.control_plane, Unavailable):
            raise self.control_plane
        return self.control_plane

    def _reach(self) -> None:
        if self.away is not None:
            raise Unavailable("prometheus", self.away)

    def _reading(self, key: WorkloadKey, window: timedelta) -> Reading:
        load = self.loads.get(key)
        if load is None:
            return NOTHING._replace(warnings=self.warnings)
        requests = load.rate * window.total_seconds()
        return Reading(
            requests=requests,
            errors=requests * load.failing,
            p95=load.p95 if requests else math.nan,
            newest=self.now() - load.age,
            warnings=self.warnings,
        )
