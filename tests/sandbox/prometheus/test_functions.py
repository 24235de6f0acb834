import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.prometheus.quantiles import bucket_quantile
from tests.sandbox.prometheus.samples import ask, store

_COUNTERS = store(
    {"c{v=a}": "0 10 20 30 40 50", "c{v=b}": "0 10 20 5 15 25", "c{v=c}": "_ _ _ _ _ 7", "g": "5 4 3 2 1 0"}
)


@pytest.mark.parametrize(
    ("query", "second", "result"),
    [
        # Six samples over the whole range: nothing is extrapolated.
        ("rate(c[5s])", 5, {"{v=a}": "10", "{v=b}": "9"}),
        ("increase(c[5s])", 5, {"{v=a}": "50", "{v=b}": "45"}),
        # The range ends half a second after the last sample, and begins half a second after the first.
        ('increase(c{v="a"}[5s])', 5.5, {"{v=a}": "50"}),
        # A counter does not start below zero: nothing is added before the 0 at second 0.
        ('increase(c{v="a"}[10s])', 5, {"{v=a}": "50"}),
        # Less than 1.1 intervals to the end of the range are covered, more count as half an interval.
        ('increase(c{v="a"}[2s])', 6, {"{v=a}": "20"}),
        ('increase(c{v="a"}[4s])', 7, {"{v=a}": "25"}),
        ('rate(c{v="a"}[4s] offset 2s)', 7, {"{v=a}": "10"}),
        ("delta(g[5s])", 5, {"{}": "-5"}),
        ("irate(c[5s])", 5, {"{v=a}": "10", "{v=b}": "10"}),
        ("irate(c[3s])", 3, {"{v=a}": "10", "{v=b}": "5"}),
        ("rate(c[5s])", 400, {}),
        ("time()", 5.25, "1000005.25"),
        ("timestamp(c offset 1s)", 5.5, {"{v=a}": "1000004", "{v=b}": "1000004"}),
        ("timestamp(c + 0)", 5.5, {"{v=a}": "1000005.5", "{v=b}": "1000005.5", "{v=c}": "1000005.5"}),
        ("clamp_min(g, 3)", 5, {"{}": "3"}),
        ("clamp_max(g, 3)", 0, {"{}": "3"}),
        ("vector(1.5)", 0, {"{}": "1.5"}),
        ("-g", 0, {"{}": "-5"}),
        ("-(2)", 0, "-2"),
    ],
)
def test_functions(query: str, second: float, result: object) -> None:
    assert ask(_COUNTERS, query, second) == result


@pytest.mark.parametrize(
    ("quantile", "counts", "result"),
    [
        (0.5, {10: 50, 100: 100, math.inf: 100}, 10),
        (0.25, {10: 50, 100: 100, math.inf: 100}, 5),
        (0.95, {10: 50, 100: 100, math.inf: 100}, 91),
        # Beyond the last finite bound nothing is known.
        (0.99, {10: 50, 100: 90, math.inf: 100}, 100),
        (0.5, {-10: 60, 10: 100, math.inf: 100}, -10),
        # A count below an earlier one is raised to it.
        (0.9, {10: 50, 20: 40, 100: 100, math.inf: 100}, 84),
        (0, {10: 0, math.inf: 5}, math.nan),
        (0.5, {10: 0, 20: 0, math.inf: 0}, math.nan),
        (0.5, {10: 50, 100: 100}, math.nan),
        (0.5, {math.inf: 100}, math.nan),
        (-0.1, {10: 50, math.inf: 100}, -math.inf),
        (1.1, {10: 50, math.inf: 100}, math.inf),
        (math.nan, {10: 50, math.inf: 100}, math.nan),
        (0.5, {10: 50, 100: 60, math.inf: math.nan}, 100),
    ],
)
def test_quantiles_of_buckets(quantile: float, counts: dict[float, float], result: float) -> None:
    assert bucket_quantile(quantile, counts) == pytest.approx(result, nan_ok=True)


@given(
    st.lists(st.integers(0, 1000), min_size=3, max_size=12).filter(any),
    st.floats(0.001, 1),
    st.floats(0, 1),
)
def test_a_quantile_grows_with_its_rank_and_stays_within_the_bounds(
    counts: list[int], quantile: float, part: float
) -> None:
    bounds = [*(float(2**index) for index in range(len(counts) - 1)), math.inf]
    total = 0
    cumulative = {bound: float(total := total + count) for bound, count in zip(bounds, counts, strict=True)}
    found = bucket_quantile(quantile, cumulative)
    assert 0 <= found <= bounds[-2]
    lower = bucket_quantile(max(quantile * part, 0.0001), cumulative)
    assert lower <= found


def test_histogram_quantile_groups_by_all_but_le_and_leaves_out_what_is_no_bucket() -> None:
    filled = store(
        {
            "h_bucket{v=a,le=10}": "50",
            "h_bucket{v=a,le=100}": "100",
            "h_bucket{v=a,le=+Inf}": "100",
            "h_bucket{v=b,le=10}": "0",
            "h_bucket{v=b,le=+Inf}": "0",
            "h_bucket{v=c,le=x}": "1",
            "h_bucket{v=d}": "1",
        }
    )
    assert ask(filled, "histogram_quantile(0.95, h_bucket)", 0) == {"{v=a}": "91", "{v=b}": "NaN"}
    assert ask(filled, "histogram_quantile(0.95, sum by (le) (h_bucket))", 0) == {"{}": "91"}
