"""Fixtures that every test may ask for."""

pytest_plugins = ["tests.support.chromium", "tests.support.plane", "tests.support.valkey"]
