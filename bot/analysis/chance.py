"""Whether one track answers more slowly than the other, or whether chance alone explains what was seen.

Prometheus reads a percentile between the bounds of two buckets, and those may lie far apart: with 100 and 250 ms, p95 goes from 100
ms to 125 when 6 % of the requests are above 100 ms instead of 5 %. So the requests themselves are counted. Which of them goes to
which track is drawn by the proxies: two shares can be compared also where everything is slow now and then.
"""

from math import inf, sqrt

from bot.ports.metrics import Histogram

SURE = 4.0
"""Standard errors. At one bound two equal tracks are further apart once in 30,000 looks: a release is looked at each second."""


def slower(canary: Histogram, stable: Histogram, *, than: float, up_to: float) -> bool:
    """Whether the canary's share of slow requests is greater, by more than chance, around or between two percentiles (ms)."""
    bounds = sorted(bound for bound in canary.keys() & stable.keys() if bound != inf)
    if not bounds or not (canary.get(inf) and stable.get(inf)):
        return False
    lowest = max((bound for bound in bounds if bound <= than), default=bounds[0])
    highest = min((bound for bound in bounds if bound >= up_to), default=bounds[-1])
    return any(
        _apart(canary[inf] - canary[bound], canary[inf], stable[inf] - stable[bound], stable[inf]) > SURE
        for bound in bounds
        if lowest <= bound <= highest
    )


def _apart(slow: float, of: float, slow_stable: float, of_stable: float) -> float:
    """How many standard errors the first share is above the second: two proportions, pooled, corrected for continuity (Yates)."""
    pooled = (slow + slow_stable) / (of + of_stable)
    error = sqrt(pooled * (1 - pooled) * (1 / of + 1 / of_stable)) if 0 < pooled < 1 else inf
    return (slow / of - slow_stable / of_stable - (1 / of + 1 / of_stable) / 2) / error
