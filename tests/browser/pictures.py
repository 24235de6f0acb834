"""Takes the pictures of the documentation: `.venv/bin/python -m tests.browser.pictures` writes docs/pictures/.

A release is typed, promoted and broken on the real parts; nothing in the pictures is made up.
"""

import asyncio
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from sandbox.world import Sandbox
from tests.browser.window import Window
from tests.support.chromium import FLAGS, chromium

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
START = "/release checkout v1.3.0 canary 5% 25% 50% 100% every 10s ask"


async def take() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    async with Sandbox(page_port=0) as sandbox, async_playwright() as playwright:
        assert sandbox.page is not None
        launched = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        await _play(launched, sandbox.page.url)
        await launched.close()


async def _play(browser: Browser, url: str) -> None:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 860}, color_scheme="light", reduced_motion="reduce"
    )
    context.set_default_timeout(60_000)
    page = await context.new_page()
    await page.goto(url)
    window = Window(page)
    await window.become("ana")
    await window.say(START)
    await window.become("bo")
    for weight in ("25", "50"):
        await _asked(window, weight)
        await window.press("checkout", f"Promote to {weight} %")
    await _asked(window, "100")
    await page.screenshot(path=FOLDER / "page.png")
    await window.cluster.get_by_label("Errors, %").fill("30")
    await window.control("Break it")
    await window.conversation.get_by_text("Trigger: the metrics").wait_for()
    await window.cluster.get_by_text("Ordered").scroll_into_view_if_needed()
    await page.emulate_media(color_scheme="dark")
    await page.screenshot(path=FOLDER / "rolled-back.png")


async def _asked(window: Window, weight: str) -> None:
    """Wait until the stage has been watched to its end and somebody is asked to go on."""
    card = window.card("checkout").filter(has_text="needs you")
    await card.get_by_role("button", name=f"Promote to {weight} %", exact=True).wait_for()


if __name__ == "__main__":
    asyncio.run(take())
