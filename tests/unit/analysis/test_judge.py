"""From samples to a verdict: a table of what may come back from Prometheus."""

import math
from datetime import timedelta
from inspect import cleandoc as block
from math import inf
from typing import Any

from bot.analysis.judge import judge
from bot.analysis.latency import rests_on_a_comparison
from bot.analysis.samples import NOTHING, Pair, Samples
from bot.messages.wording import MARKS
from bot.ports.metrics import Reading
from bot.release.rules import ErrorRule, LatencyRule, Rules
from bot.release.verdict import Judgement
from tests.support.values import MORNING

TWO_MINUTES, TEN_SECONDS = timedelta(minutes=2), timedelta(seconds=10)
ERRORS = Rules(errors=ErrorRule(limit=0.5, hard=5))
LATENCY = Rules(p95=LatencyRule(worse_than_stable=20, limit=timedelta(milliseconds=300), hard=100))


def reading(requests: float | None = 1000, errors: float | None = 0, p95: float | None = 100.0) -> Reading:
    return Reading(requests, errors, p95, MORNING)


WELL = reading()


def samples(canary: Reading = WELL, stable: Reading = WELL, **changes: Any) -> Samples:
    """The same readings in every window, all of which have passed."""
    whole = Samples(
        hard=Pair(canary, stable, TEN_SECONDS),
        errors=Pair(canary, stable, TWO_MINUTES),
        p95=Pair(canary, stable, TWO_MINUTES),
        whole_errors=True,
        whole_p95=True,
        same_time=True,
        baseline_p95=None,
        now=MORNING,
    )
    return whole._replace(**changes)


def told(judgement: Judgement) -> str:
    """A mark for each rule, the verdict, and what the worst rule says."""
    worst = judgement.worst
    marks = "".join(MARKS[one.verdict] for one in judgement.findings)
    return f"{marks} {judgement.verdict}: {worst.text if worst else '-'}"


def table(rules: Rules, cases: dict[str, Samples]) -> str:
    width = max(len(name) for name in cases)
    return "\n".join(f"{name:<{width}}  {told(judge(rules, one))}" for name, one in cases.items())


def test_errors_are_judged_by_their_share() -> None:
    bad, worse = reading(errors=20), reading(errors=900)
    cases = {
        "none": samples(),
        "at the limit": samples(reading(errors=5)),
        "over the limit": samples(bad),
        "over the limit, so far": samples(bad, whole_errors=False),
        "over the hard limit": samples(worse),
        "over the hard limit, so far": samples(worse, whole_errors=False),
        "stable is as bad": samples(bad, reading(errors=16)),
        "stable is nearly as bad": samples(bad, reading(errors=15)),
        "stable is as bad, few requests": samples(bad, reading(requests=30, errors=3)),
        "stable has no requests": samples(bad, reading(requests=0)),
        "stable has no series": samples(bad, NOTHING),
        "more errors than requests": samples(reading(requests=100, errors=300)),
    }
    assert table(ERRORS, cases) == block("""
        none                            ✓✓ pass: errors 0.00 % in 10 s, limit 5.00 %
        at the limit                    ✓✓ pass: errors 0.50 % in 10 s, limit 5.00 %
        over the limit                  ✓✗ fail: errors 2.00 % in 2 min, limit 0.50 %
        over the limit, so far          ✓… inconclusive: errors 2.00 % in 2 min, limit 0.50 %, so far
        over the hard limit             ✗✗ fail: errors 90.00 % in 10 s, limit 5.00 %
        over the hard limit, so far     ✗… fail: errors 90.00 % in 10 s, limit 5.00 %
        stable is as bad                ✓… inconclusive: errors 2.00 % in 2 min, but stable has 1.60 % too: the cause lies elsewhere
        stable is nearly as bad         ✓✗ fail: errors 2.00 % in 2 min, limit 0.50 %
        stable is as bad, few requests  ✓✗ fail: errors 2.00 % in 2 min, limit 0.50 %
        stable has no requests          ✓✗ fail: errors 2.00 % in 2 min, limit 0.50 %
        stable has no series            ✓✗ fail: errors 2.00 % in 2 min, limit 0.50 %
        more errors than requests       ✗✗ fail: errors 100.00 % in 10 s, limit 5.00 %
        """)


def test_what_cannot_be_judged_is_never_healthy() -> None:
    old = WELL._replace(newest=MORNING - timedelta(seconds=91))
    fresh = WELL._replace(newest=MORNING - timedelta(seconds=90))
    cases = {
        "no series": samples(NOTHING),
        "no time": samples(WELL._replace(newest=None)),
        "91 s old": samples(old),
        "90 s old": samples(fresh),
        "partial": samples(WELL._replace(warnings=("2 of 3 shards",))),
        "NaN requests": samples(reading(requests=math.nan)),
        "endless requests": samples(reading(requests=math.inf)),
        "NaN errors": samples(reading(errors=math.nan)),
        "endless errors": samples(reading(errors=math.inf)),
        "no errors known": samples(reading(errors=None)),
        "no requests": samples(reading(requests=0)),
        "49 requests": samples(reading(requests=49)),
        "50 requests": samples(reading(requests=50)),
    }
    assert table(ERRORS, cases) == block("""
        no series         ?? no_data: no data: no series of the canary
        no time           ?? no_data: no data: no series of the canary
        91 s old          ?? no_data: no data: the newest sample is 91 s old
        90 s old          ✓✓ pass: errors 0.00 % in 10 s, limit 5.00 %
        partial           ?? no_data: no data: partial answer (2 of 3 shards)
        NaN requests      ?? no_data: no data: the numbers are not finite
        endless requests  ?? no_data: no data: the numbers are not finite
        NaN errors        ?? no_data: no data: the numbers are not finite
        endless errors    ?? no_data: no data: the numbers are not finite
        no errors known   ?? no_data: no data: the numbers are not finite
        no requests       …… inconclusive: not enough traffic: 0 of 20 requests in 10 s
        49 requests       ✓… inconclusive: not enough traffic: 49 of 50 requests in 2 min
        50 requests       ✓✓ pass: errors 0.00 % in 10 s, limit 5.00 %
        """)
    quiet = samples(hard=Pair(reading(requests=19), WELL, TEN_SECONDS))
    assert told(judge(ERRORS, quiet)) == "…✓ pass: errors 0.00 % in 2 min, limit 0.50 %"


def test_latency_is_compared_with_stable_and_with_a_bound() -> None:
    cases = {
        "equal": samples(),
        "20 % worse": samples(reading(p95=120.0)),
        "21 % worse": samples(reading(p95=121.0)),
        "21 % worse, so far": samples(reading(p95=121.0), whole_p95=False),
        "over the bound": samples(reading(p95=301.0), reading(p95=290.0)),
        "twice as slow": samples(reading(p95=201.0)),
        "twice as slow, early": samples(reading(p95=201.0), same_time=False),
        "over the bound, early": samples(reading(p95=301.0), same_time=False),
        "much worse, within 10 ms": samples(reading(p95=12.0), reading(p95=3.0)),
        "no latency": samples(reading(p95=None)),
        "NaN latency": samples(reading(p95=math.nan)),
        "endless latency": samples(reading(p95=math.inf)),
        "stable has no latency": samples(WELL, reading(p95=None)),
        "stable has endless latency": samples(WELL, reading(p95=math.inf)),
        "stable has NaN": samples(WELL, reading(p95=math.nan)),
        "stable has few requests": samples(WELL, reading(requests=10)),
        "the baseline stands in": samples(WELL, reading(requests=0, p95=math.nan), baseline_p95=90.0),
        "slower than the baseline": samples(reading(p95=150.0), NOTHING, baseline_p95=90.0),
        "too few requests": samples(reading(requests=7)),
    }
    assert table(LATENCY, cases) == block("""
        equal                       ✓✓✓ pass: p95 100 ms in 10 s, stable 100 ms, limit +100 %
        20 % worse                  ✓✓✓ pass: p95 120 ms in 10 s, stable 100 ms, limit +100 %
        21 % worse                  ✓✗✓ fail: p95 121 ms in 2 min, stable 100 ms, limit +20 %
        21 % worse, so far          ✓…✓ inconclusive: p95 121 ms in 2 min, stable 100 ms, limit +20 %, so far
        over the bound              ✓✓✗ fail: p95 301 ms in 2 min, limit 300 ms
        twice as slow               ✗✗✓ fail: p95 201 ms in 10 s, stable 100 ms, limit +100 %
        twice as slow, early        ……✓ inconclusive: p95 201 ms in 10 s, stable 100 ms, limit +100 %, so far
        over the bound, early       ……✗ fail: p95 301 ms in 2 min, limit 300 ms
        much worse, within 10 ms    ✓✓✓ pass: p95 12 ms in 10 s, stable 3 ms, limit +100 %
        no latency                  ……… inconclusive: no latency is measured for the canary
        NaN latency                 ……… inconclusive: no latency is measured for the canary
        endless latency             ……… inconclusive: no latency is measured for the canary
        stable has no latency       ……✓ inconclusive: stable has too few requests to compare the latency with
        stable has endless latency  ……✓ inconclusive: stable has too few requests to compare the latency with
        stable has NaN              ……✓ inconclusive: stable has too few requests to compare the latency with
        stable has few requests     ……✓ inconclusive: stable has too few requests to compare the latency with
        the baseline stands in      ✓✓✓ pass: p95 100 ms in 10 s, stable 90 ms, limit +100 %
        slower than the baseline    ✓✗✓ fail: p95 150 ms in 2 min, stable 90 ms, limit +20 %
        too few requests            ……… inconclusive: not enough traffic: 7 of 60 requests in 10 s
        """)


def test_a_percentile_that_is_worse_counts_where_the_requests_say_the_same() -> None:
    few, many = {100.0: 940.0, 250.0: 1000.0, inf: 1000.0}, {100.0: 880.0, 250.0: 1000.0, inf: 1000.0}
    usual = reading()._replace(durations={100.0: 955.0, 250.0: 1000.0, inf: 1000.0})
    quiet = reading(requests=10)._replace(durations=usual.durations)
    worse, much_worse = reading(p95=125.0), reading(p95=213.0)
    cases = {
        "one in fifty more": samples(worse._replace(durations=few), usual),
        "three times as many": samples(worse._replace(durations=many), usual),
        "the hard bound, by chance": samples(much_worse._replace(durations=few), usual),
        "the hard bound, not by chance": samples(much_worse._replace(durations=many), usual),
        "stable was not counted": samples(worse._replace(durations=few)),
        "slower than the baseline": samples(worse._replace(durations=few), quiet, baseline_p95=100.0),
    }
    assert table(LATENCY, cases) == block("""
        one in fifty more              ✓…✓ inconclusive: p95 125 ms in 2 min, stable 100 ms, limit +20 %, which may be chance
        three times as many            ✓✗✓ fail: p95 125 ms in 2 min, stable 100 ms, limit +20 %
        the hard bound, by chance      ……✓ inconclusive: p95 213 ms in 10 s, stable 100 ms, limit +100 %, which may be chance
        the hard bound, not by chance  ✗✗✓ fail: p95 213 ms in 10 s, stable 100 ms, limit +100 %
        stable was not counted         ✓✗✓ fail: p95 125 ms in 2 min, stable 100 ms, limit +20 %
        slower than the baseline       ✓✗✓ fail: p95 125 ms in 2 min, stable 100 ms, limit +20 %
        """)


def test_a_hard_bound_broken_too_early_lets_nothing_go_forward() -> None:
    hard = Rules(errors=ErrorRule(limit=0.5), p95=LatencyRule(hard=100))
    early = samples(reading(p95=201.0), same_time=False)
    assert (
        told(judge(hard, early)) == "✓… inconclusive: p95 201 ms in 10 s, stable 100 ms, limit +100 %, so far"
    )


def test_what_rests_on_a_comparison_alone_is_to_be_counted() -> None:
    both = Rules(errors=ErrorRule(limit=0.5), p95=LATENCY.p95)
    told = {
        "slow": judge(both, samples(reading(p95=250.0))),
        "slow, with errors": judge(both, samples(reading(errors=900, p95=250.0))),
        "beyond the bound": judge(both, samples(reading(p95=301.0))),
        "fine": judge(both, samples()),
    }
    assert [name for name, one in told.items() if rests_on_a_comparison(one)] == ["slow"]


def test_without_a_rule_nothing_is_shown() -> None:
    assert told(judge(Rules(), samples())) == " no_data: -"


def test_the_worst_counts_and_stable_s_latency_is_kept() -> None:
    both = Rules(errors=ErrorRule(limit=0.5), p95=LatencyRule(worse_than_stable=20))
    found = judge(both, samples(reading(errors=900, p95=150.0), reading(p95=80.0)))
    assert told(found) == "✗✗ fail: errors 90.00 % in 2 min, limit 0.50 %"
    assert (found.requests, found.stable_p95) == (1000, 80.0)
    assert judge(both, samples(WELL, reading(p95=math.nan), baseline_p95=70.0)).stable_p95 == 70.0
    assert judge(both, samples(NOTHING)).requests == 0.0
