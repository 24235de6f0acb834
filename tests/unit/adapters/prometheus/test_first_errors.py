"""A counter that has just been born: what it counted is seen at its first sample, but only where that is meant."""

import time
from datetime import timedelta

from adapters.prometheus.metrics import PrometheusMetrics
from bot.ports.metrics import WorkloadKey
from sandbox.prometheus.emulator import PrometheusEmulator
from sandbox.prometheus.store import NAME, Labels

CHECKOUT, CANARY = WorkloadKey("shop", "checkout"), WorkloadKey("shop", "checkout-canary")
WINDOW = timedelta(seconds=10)


def requests(key: WorkloadKey, code: str) -> Labels:
    return {
        NAME: "istio_requests_total",
        "reporter": "destination",
        "destination_workload_namespace": key.namespace,
        "destination_workload": key.name,
        "response_code": code,
    }


async def read(*samples: tuple[Labels, float, float]) -> dict[WorkloadKey, tuple[float | None, float | None]]:
    """Requests and errors of both workloads, after these samples of (series, seconds ago, value)."""
    now = time.time()
    async with PrometheusEmulator([]) as prometheus:
        for series, ago, value in samples:
            prometheus.store.append(series, round((now - ago) * 1000), value)
        metrics = PrometheusMetrics(prometheus.url)
        found = await metrics.read([CHECKOUT, CANARY], WINDOW)
        metrics.close()
    return {key: (rounded(reading.requests), rounded(reading.errors)) for key, reading in found.items()}


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value)


async def test_the_first_errors_of_a_workload_count_at_their_first_sample() -> None:
    steady = [(requests(CANARY, "200"), float(ago), 100.0) for ago in range(20, 0, -1)]
    found = await read(*steady, (requests(CANARY, "500"), 0.1, 6.0))
    assert found[CANARY] == (6, 6)


async def test_a_workload_that_is_new_counts_from_its_first_sample_where_others_were_known() -> None:
    stable = [(requests(CHECKOUT, "200"), float(ago), 1000.0) for ago in range(20, 0, -1)]
    found = await read(*stable, (requests(CANARY, "200"), 0.1, 10.0), (requests(CANARY, "500"), 0.1, 4.0))
    assert found == {CHECKOUT: (0, 0), CANARY: (14, 4)}


async def test_between_scrapes_far_apart_first_errors_are_not_held_against_no_requests() -> None:
    steady = [(requests(CANARY, "200"), ago, 100.0) for ago in (31.0, 16.0, 1.0)]
    found = await read(*steady, (requests(CANARY, "500"), 1.0, 6.0))
    assert found[CANARY] == (None, None)


async def test_after_prometheus_lost_its_samples_nothing_old_is_taken_for_new() -> None:
    found = await read((requests(CHECKOUT, "200"), 0.1, 1000.0), (requests(CANARY, "500"), 0.1, 900.0))
    assert found == {CHECKOUT: (None, None), CANARY: (None, None)}
