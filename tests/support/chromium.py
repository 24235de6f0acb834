"""A real Chromium for the tests that look at the page."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 20_000  # generous: it costs nothing unless the machine is busy

expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str | None:
    """The browser's path, where one is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None and not os.environ.get("CI"):
        pytest.skip("no Chromium is installed")
    # Where CI has none, that is an error and not a reason to skip.
    assert path is not None
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        await launched.close()
