"""Fixtures that every test may ask for."""

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.support.chromium",
    "tests.support.hung",
    "tests.support.plane",
    "tests.support.valkey",
]

# How fast values are made says something of the machine and nothing of the code: no test asserts a time.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

HERE = Path(__file__).parent
UNTRACED = {
    *("architecture", "browser", "contracts", "e2e", "properties", "sandbox"),
    *("unit/adapters", "unit/bench", "unit/docs", "unit/helm"),
}
"""Where no test of the core's lines stands. Tracing what is run there would double its time and tell nothing new."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only the tests of the core count for its coverage."""
    for item in items:
        first, second, *_ = item.path.relative_to(HERE).parts
        if {first, f"{first}/{second}"} & UNTRACED:
            item.add_marker("no_cover")


def pytest_collection_finish() -> None:
    """What stands by now stays: looking through all of it for garbage stops a test for up to a second, and its time-outs run out."""
    gc.collect()
    gc.freeze()
