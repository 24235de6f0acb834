"""A whole sandbox with the real bot, and windows on its page. One world a module: tests share it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from sandbox.world import Sandbox
from tests.browser.window import Window
from tests.support.chromium import PATIENCE_MS

Open = Callable[..., Awaitable[Window]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.sandbox)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[Sandbox]:
    async with Sandbox(page_port=0) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def open_window(browser: Browser, world: Sandbox) -> AsyncIterator[Open]:
    """Opens the page as somebody; fails the test on any error of its scripts."""
    assert world.page is not None
    url = world.page.url
    errors: list[str] = []
    context = await browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)

    async def opened(
        person: str = "ana",
        *,
        width: int = 1280,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
    ) -> Window:
        page = await context.new_page()
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=scheme)
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(url)
        window = Window(page)
        await window.become(person)
        return window

    yield opened
    await context.close()
    assert errors == []
