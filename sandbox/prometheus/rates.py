"""Functions over a range of samples, with Prometheus's own extrapolation (`extrapolatedRate` of its 2.42)."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

from sandbox.prometheus.vectors import Sample, Vector, Window, distinct, nameless

_Points = list[tuple[int, float]]
_OfSeries = Callable[[_Points, Window], float | None]
# Samples are thought to go on to the edge of the range when it is nearer than 1.1 intervals.
_EDGE = 1.1


def over_range(function: str, window: Window, at: int) -> Vector:
    """Apply `rate`, `increase`, `delta` or `irate` to each series that has enough samples."""
    of_series = RANGE_FUNCTIONS[function]
    found = [
        (series, of_series(series.between(window.start, window.end), window)) for series in window.series
    ]
    return distinct(
        [Sample(nameless(series.labels), value, at) for series, value in found if value is not None]
    )


def _extrapolated(points: _Points, window: Window, *, counter: bool, per_second: bool) -> float | None:
    if len(points) < 2:  # noqa: PLR2004  a change needs two
        return None
    (first_time, first), (last_time, last) = points[0], points[-1]
    change = last - first
    if counter:
        change += sum(before for (_, before), (_, after) in pairwise(points) if after < before)
    sampled = (last_time - first_time) / 1000
    interval = sampled / (len(points) - 1)
    to_start = (first_time - window.start) / 1000
    to_end = (window.end - last_time) / 1000
    if counter and change > 0 and first >= 0:
        # A counter does not start below zero.
        to_start = min(to_start, sampled * (first / change))
    covered = sampled + sum(edge if edge < interval * _EDGE else interval / 2 for edge in (to_start, to_end))
    factor = covered / sampled
    if per_second:
        factor /= (window.end - window.start) / 1000
    return change * factor


def _instant_rate(points: _Points, _: Window) -> float | None:
    if len(points) < 2:  # noqa: PLR2004  a change needs two
        return None
    (before_time, before), (time, value) = points[-2:]
    return (value if value < before else value - before) / ((time - before_time) / 1000)


RANGE_FUNCTIONS: dict[str, _OfSeries] = {
    "rate": partial(_extrapolated, counter=True, per_second=True),
    "increase": partial(_extrapolated, counter=True, per_second=False),
    "delta": partial(_extrapolated, counter=False, per_second=False),
    "irate": _instant_rate,
}
