"""The page with an emulator, a small bot and a made-up world, in a real Chromium."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import pytest_asyncio
from playwright.async_api import Browser
from playwright.async_api import Page as Tab
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.page import Page
from sandbox.slack import SlackEmulator
from tests.sandbox.page.fake_world import FakeWorld
from tests.sandbox.page.release_bot import ReleaseBot
from tests.support.chromium import PATIENCE_MS

SUGGESTIONS = ("/release checkout v1.3.0 canary 5%", "/release status", "/release rollback checkout")
Open = Callable[..., Awaitable[Tab]]


@dataclass
class Stage:
    """Everything behind one page."""

    slack: SlackEmulator
    bot: ReleaseBot
    world: FakeWorld
    url: str


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    async with SlackEmulator() as slack, ReleaseBot(time.time) as bot:
        slack.link.url = bot.url
        bot.web = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        world = FakeWorld()
        async with Page(slack, world, SUGGESTIONS) as page:
            yield Stage(slack, bot, world, page.url)


@pytest_asyncio.fixture(loop_scope="session")
async def open_tab(stage: Stage, browser: Browser) -> AsyncIterator[Open]:
    """Opens the page in a window of so many pixels; fails the test on any error of its scripts."""
    errors: list[str] = []
    context = await browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)

    async def open_page(
        width: int = 1280, height: int = 860, scheme: Literal["light", "dark"] = "light"
    ) -> Tab:
        tab = await context.new_page()
        await tab.set_viewport_size({"width": width, "height": height})
        await tab.emulate_media(color_scheme=scheme)
        tab.on("pageerror", lambda error: errors.append(str(error)))
        await tab.goto(stage.url)
        await tab.get_by_role("heading", name="# shop-releases").first.wait_for()
        return tab

    yield open_page
    await context.close()
    assert errors == []
