"""What clients saw of each version, over the last seconds and second by second, for people to look at."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from sandbox.mesh.load import Result
from sandbox.mesh.objects import ServiceName

HISTORY_S = 120
WINDOW_S = 5


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of one service. `version` is empty where the mesh itself answered, or nobody did.

    `share` is of the service's requests, `error_rate` of the version's own, both 0 to 1. Latencies are in ms, None
    without requests.
    """

    service: str
    namespace: str
    version: str
    requests_per_s: float
    share: float
    error_rate: float
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Second:
    """All versions of all services in one whole second, which began at `at` (seconds since 1970)."""

    at: int
    versions: list[VersionView]


@dataclass
class _Bin:
    """Results of one second."""

    latencies: defaultdict[tuple[ServiceName, str], list[float]] = field(
        default_factory=lambda: defaultdict(list)
    )
    errors: defaultdict[tuple[ServiceName, str], int] = field(default_factory=lambda: defaultdict(int))

    @cached_property
    def closed(self) -> list[VersionView]:
        """The view of this second, worked out once and only after its end."""
        return _views([self])


class Telemetry:
    """Takes results as they come, with `observe`, and keeps two minutes of them."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._bins: deque[tuple[int, _Bin]] = deque(maxlen=HISTORY_S + 1)

    def observe(self, result: Result) -> None:
        """Count one result in the second in which it ended."""
        second = int(result.at)
        if not self._bins or self._bins[-1][0] < second:
            self._bins.append((second, _Bin()))
        found = self._bins[-1][1]
        key = (result.service, result.version)
        found.latencies[key].append(result.latency_ms)
        found.errors[key] += result.failed

    def now(self) -> list[VersionView]:
        """Every version seen in the last 5 whole seconds, over those seconds."""
        end = int(self._clock())
        return _views([each for second, each in self._bins if end - WINDOW_S <= second < end], WINDOW_S)

    def history(self) -> list[Second]:
        """The last 2 minutes, oldest first; seconds without any request are missing."""
        end = int(self._clock())
        return [Second(at, each.closed) for at, each in self._bins if end - HISTORY_S <= at < end]


def _views(bins: Iterable[_Bin], seconds: int = 1) -> list[VersionView]:
    latencies: defaultdict[tuple[ServiceName, str], list[float]] = defaultdict(list)
    errors: defaultdict[tuple[ServiceName, str], int] = defaultdict(int)
    totals: defaultdict[ServiceName, int] = defaultdict(int)
    for each in bins:
        for key, found in each.latencies.items():
            latencies[key] += found
            errors[key] += each.errors[key]
            totals[key[0]] += len(found)
    return [
        VersionView(
            service=service.name,
            namespace=service.namespace,
            version=version,
            requests_per_s=len(found) / seconds,
            share=len(found) / totals[service],
            error_rate=errors[service, version] / len(found),
            p50_ms=_quantile(0.50, found),
            p95_ms=_quantile(0.95, found),
        )
        for (service, version), found in sorted(latencies.items())
    ]


def _quantile(quantile: float, values: list[float]) -> float | None:
    """Nearest rank."""
    if not values:
        return None
    return sorted(values)[math.ceil(quantile * len(values)) - 1]
