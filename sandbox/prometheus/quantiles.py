"""`histogram_quantile` over classic buckets, with Prometheus's own interpolation (`bucketQuantile` of its 2.42)."""

import math
from collections import defaultdict
from itertools import accumulate

from sandbox.prometheus.operators import divide
from sandbox.prometheus.store import NAME, Labels
from sandbox.prometheus.vectors import Key, Sample, Vector, key, without

_BUCKET = "le"


def histogram_quantile(quantile: float, buckets: Vector, at: int) -> Vector:
    """One value for each histogram among the buckets; elements without a readable `le` are left out."""
    histograms: defaultdict[Key, defaultdict[float, float]] = defaultdict(lambda: defaultdict(float))
    labels: dict[Key, Labels] = {}
    for sample in buckets:
        bound = _bound(sample.labels.get(_BUCKET, ""))
        if bound is not None:
            rest = without(sample.labels, NAME, _BUCKET)
            labels[key(rest)] = rest
            histograms[key(rest)][bound] += sample.value
    return [Sample(labels[each], bucket_quantile(quantile, found), at) for each, found in histograms.items()]


def bucket_quantile(quantile: float, counts: dict[float, float]) -> float:
    """The quantile of one histogram, given cumulative counts by upper bound; NaN when it has no answer."""
    if math.isnan(quantile):
        return math.nan
    if not 0 <= quantile <= 1:
        return math.copysign(math.inf, quantile)
    bounds = sorted(counts)
    cumulative = list(accumulate((counts[bound] for bound in bounds), _never_falling))
    if bounds[-1] != math.inf or len(bounds) == 1 or cumulative[-1] == 0:
        return math.nan
    rank = quantile * cumulative[-1]
    last = len(bounds) - 1
    index = next((each for each in range(last) if cumulative[each] >= rank), last)
    if index == last:
        return bounds[last - 1]
    if index == 0:
        return bounds[0] if bounds[0] <= 0 else bounds[0] * divide(rank, cumulative[0])
    below, start = cumulative[index - 1], bounds[index - 1]
    return start + (bounds[index] - start) * ((rank - below) / (cumulative[index] - below))


def _never_falling(below: float, count: float) -> float:
    """Counts of single buckets may be of slightly different moments; NaN stays NaN."""
    return max(count, below)


def _bound(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
