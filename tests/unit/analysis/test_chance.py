"""What chance explains, and what it does not."""

import random
from itertools import accumulate
from math import inf
from statistics import NormalDist

import pytest

from bot.analysis.chance import slower
from bot.ports.metrics import Histogram

BOUNDS = (25.0, 50.0, 100.0, 250.0, 500.0, inf)
USUAL, LATER = NormalDist(60, 24), NormalDist(120, 24)


def served(requests: int, took: NormalDist, seed: str) -> Histogram:
    """Requests whose times are drawn, counted as Istio's proxies count them."""
    drawn = random.Random(seed)
    times = [drawn.normalvariate(took.mean, took.stdev) for _ in range(requests)]
    return {bound: float(sum(time <= bound for time in times)) for bound in BOUNDS}


def p95(of: Histogram) -> float:
    """As `histogram_quantile` reads it."""
    rank, below, before = 0.95 * of[inf], 0.0, 0.0
    for bound in BOUNDS[:-1]:
        if of[bound] >= rank:
            return below + (bound - below) * (rank - before) / (of[bound] - before)
        below, before = bound, of[bound]
    return below


def test_equal_tracks_break_the_limit_often_and_are_told_apart_hardly_ever() -> None:
    broke = proven = 0
    for number in range(300):
        canary, stable = served(500, USUAL, f"canary {number}"), served(1500, USUAL, f"stable {number}")
        if p95(canary) > 1.2 * p95(stable):
            broke += 1
            proven += slower(canary, stable, than=p95(stable), up_to=p95(canary))
    assert broke > 10
    assert proven == 0


@pytest.mark.parametrize("requests", [60, 500])
def test_a_version_that_is_twice_as_slow_is_found(requests: int) -> None:
    for number in range(50):
        canary, stable = served(requests, LATER, f"canary {number}"), served(1000, USUAL, f"stable {number}")
        assert slower(canary, stable, than=p95(stable), up_to=p95(canary))


def counted(*held: float) -> Histogram:
    return dict(zip(BOUNDS, accumulate(held), strict=False)) | {inf: sum(held)}


@pytest.mark.parametrize(
    ("canary", "stable"),
    [
        ({}, counted(1000)),
        (counted(1000), {}),
        ({inf: 1000.0}, {inf: 1000.0}),
        (counted(0), counted(1000)),
        (counted(1000), counted(0)),
        (counted(1000), counted(1000)),
        (counted(0, 1000), counted(0, 1000)),
    ],
)
def test_what_was_not_counted_or_is_equal_proves_nothing(canary: Histogram, stable: Histogram) -> None:
    assert not slower(canary, stable, than=10, up_to=40)


@pytest.mark.parametrize(("than", "up_to"), [(10, 40), (40, 20_000), (9_000, 20_000)])
def test_bounds_at_either_end_are_asked_for(than: float, up_to: float) -> None:
    canary, stable = counted(0, 0, 0, 0, 0, 1000), counted(1000)
    assert slower(canary, stable, than=than, up_to=up_to)
