"""What the metrics say of workloads, all of them in one question."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from bot.release.observed import MeshSeen


class WorkloadKey(NamedTuple):
    """A Deployment by namespace and name."""

    namespace: str
    name: str


Histogram = Mapping[float, float]
"""How many requests took at most so many milliseconds; all of them under infinity."""


class Reading(NamedTuple):
    """Over one window. `requests` and `errors` are counts (errors: answers 5xx); `p95` in milliseconds.

    None means the source has no series; `p95` is NaN when there are series but no request in the window. `newest` is the time of
    the newest sample behind it. `warnings` is what the source itself says is partial. `durations` is there where it was asked for.
    """

    requests: float | None
    errors: float | None
    p95: float | None
    newest: datetime | None
    warnings: tuple[str, ...] = ()
    durations: Histogram | None = None


class Metrics(Protocol):
    """Asks in batches: a question costs the same for one workload or a thousand."""

    async def read(
        self, workloads: Collection[WorkloadKey], window: timedelta
    ) -> Mapping[WorkloadKey, Reading]:
        """Readings over the window that ends now; a workload without any series has a Reading of Nones."""
        ...

    async def failures(
        self, workloads: Collection[WorkloadKey], window: timedelta
    ) -> Mapping[WorkloadKey, Reading]:
        """Requests and errors alone, sooner and for half of the questions; for none where `read` asks at the same time."""
        ...

    async def durations(
        self, workloads: Collection[WorkloadKey], window: timedelta
    ) -> Mapping[WorkloadKey, Histogram]:
        """How long requests took in the window that ends now, some twenty numbers a workload; one without series is left out."""
        ...

    async def mesh(self) -> MeshSeen | None:
        """What the mesh's control plane says of itself; None where it never said anything."""
        ...
