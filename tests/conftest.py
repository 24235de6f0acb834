"""Fixtures that every test may ask for."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.chromium", "tests.support.plane", "tests.support.valkey"]

# How fast values are made says something of the machine and nothing of the code: no test asserts a time.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

HERE = Path(__file__).parent
TRACED = ("faults", "properties", "scenarios", "unit")
"""Where the tests of the core stand. Tracing what others run would double their time and tell nothing new."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only the tests of the core count for its coverage."""
    for item in items:
        if item.path.relative_to(HERE).parts[0] not in TRACED:
            item.add_marker("no_cover")
