"""Samples in memory: series by their labels, a quarter of an hour long."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

Labels = Mapping[str, str]
Wanted = Callable[[Labels], bool]

NAME = "__name__"
RETENTION_MS = 15 * 60 * 1000
LOOKBACK_MS = 5 * 60 * 1000
# Ends a series: known by identity, for a scraped NaN is an ordinary value.
STALE = float("nan")


@dataclass(slots=True)
class Series:
    """One series: times in ms since 1970, rising, and as many values."""

    labels: Labels
    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def latest(self, at: int) -> tuple[int, float] | None:
        """Time and value of the newest sample not after `at` (ms), None when stale or older than 5 minutes."""
        index = bisect_right(self.times, at) - 1
        if index < 0 or self.times[index] <= at - LOOKBACK_MS or self.values[index] is STALE:
            return None
        return self.times[index], self.values[index]

    def between(self, start: int, end: int) -> list[tuple[int, float]]:
        """Samples from `start` to `end` (ms), both included as in Prometheus 2, without staleness markers."""
        window = slice(bisect_left(self.times, start), bisect_right(self.times, end))
        pairs = zip(self.times[window], self.values[window], strict=True)
        return [(time, value) for time, value in pairs if value is not STALE]


class Store:
    """All series."""

    def __init__(self) -> None:
        self._series: dict[frozenset[tuple[str, str]], Series] = {}

    def append(self, labels: Labels, time: int, value: float) -> None:
        """Add a sample at `time` (ms); a sample not newer than the last one is dropped, as Prometheus does."""
        series = self._series.setdefault(frozenset(labels.items()), Series(labels))
        if not series.times or series.times[-1] < time:
            series.times.append(time)
            series.values.append(value)

    def select(self, wanted: Wanted) -> Iterator[Series]:
        """Yield the series whose labels are wanted."""
        return (series for series in self._series.values() if wanted(series.labels))

    def label_names(self) -> Iterable[str]:
        """Every label name there is, in order."""
        return sorted({name for series in self._series.values() for name in series.labels})

    def forget_before(self, time: int) -> None:
        """Drop samples older than `time` (ms), and series without samples."""
        for key, series in tuple(self._series.items()):
            count = bisect_left(series.times, time)
            del series.times[:count], series.values[:count]
            if not series.times:
                del self._series[key]
