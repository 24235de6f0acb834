"""Fixtures that every test may ask for."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.chromium", "tests.support.plane", "tests.support.valkey"]

# How fast values are made says something of the machine and nothing of the code: no test asserts a time.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
