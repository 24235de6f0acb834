"""A release from the slash command to the rollback, typed and pressed in a real browser, on real parts."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

START = "/release checkout v1.3.0 canary 5%"


async def drive(window: Window, service: str, requests: int) -> None:
    """Enough requests that a few seconds show whether a version is healthy."""
    await window.look_at(service)
    await window.cluster.get_by_label("Load, requests/s").fill(str(requests))
    await window.control("Set load")


async def test_a_release_is_typed_watched_promoted_broken_and_rolls_itself_back(open_window: Open) -> None:
    window = await open_window("ana")
    await drive(window, "checkout", 250)
    await window.line.press_sequentially("/rel")
    await window.page.keyboard.press("ArrowDown")
    await window.page.keyboard.press("Enter")
    await expect(window.line).to_have_value(START)
    await window.page.keyboard.press("Enter")
    answer = window.told("checkout v1.2.9 → v1.3.0 (R-1001) has started.")
    await expect(answer).to_contain_text("Only visible to you")
    await window.sees("checkout", "started by @ana", "ordered 5 %")
    await expect(window.cluster.get_by_role("img", name="stable 95 %, canary 5 %")).to_be_visible()
    await refused_to_others(window)

    await window.become("bo")
    await window.press("checkout", "Promote to 25 %")
    await window.sees("checkout", "approved by @bo", "ordered 25 %")
    await window.offers("checkout", "Promote to 50 %", "Pause", "Roll back", "Details")
    await window.press("checkout", "Details")
    await expect(window.told("Weight ordered: 25 % to the canary (bo)")).to_be_visible()
    await window.card("checkout").get_by_role("button", name=re.compile("replies")).click()
    await expect(window.thread).to_contain_text("Adopted: the route names both tracks, 100 and 0")
    await window.page.keyboard.press("Escape")

    await window.cluster.get_by_label("Version").select_option("v1.3.0")
    await window.cluster.get_by_label("Errors, %").fill("60")
    await window.control("Break it")
    await expect(window.cluster.get_by_text("60 % errors")).to_be_visible()
    await window.sees("checkout", "rolled back · took", "Rolled back: errors", "limit 5.00 % (Lockmaster)")
    await window.offers("checkout", "Details")
    notice = window.conversation.get_by_role("listitem").filter(has_text="Trigger: the metrics: errors")
    await expect(notice).to_contain_text("Restored: v1.2.9; stable serves everything, seen in the traffic")
    await expect(window.cluster.get_by_role("img", name="stable 100 %")).to_be_visible()
    drawn = window.cluster.get_by_role("img", name=re.compile("^Share of requests: v1.2.9 100 %, v1.3.0 0 %"))
    await expect(drawn).to_be_visible()


async def refused_to_others(window: Window) -> None:
    """Whoever may not, or comes second, or mistypes, is told why; nobody else is."""
    await window.become("cy")
    await window.say("/release checkout v1.4.0")
    await expect(window.told("You may not start checkout")).to_contain_text("#shop-releases")
    await window.become("dee")
    await window.say("/release checkout v1.4.0")
    await expect(window.told("checkout is locked: held by ana (R-1001)")).to_be_visible()
    await window.say("/release chekout v1.4.0")
    await expect(window.told("Did you mean checkout?")).to_be_visible()
    await window.say("/release checkout v1.4.0 canary 0%")
    await expect(window.told("Nothing was done.")).to_contain_text("Column")
    await window.become("ana")
    await expect(window.told("Did you mean checkout?")).to_have_count(0)


async def test_the_keyboard_alone_leads_to_a_rollback_while_a_telephone_shows_it_all(
    open_window: Open,
) -> None:
    window, phone = await open_window("dee"), await open_window("bo", width=390, height=844, scheme="dark")
    keyboard = window.page.keyboard
    told = await window.is_told_late()
    await window.page.reload()
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await keyboard.type("/release payments v1.4.0 canary 50%")
    await keyboard.press("Enter")
    told.set()  # whoever types faster than the page starts loses nothing
    await window.sees("payments", "started by @dee", "ordered 50 %")
    await fits(phone)
    roll_back = window.card("payments").get_by_role("button", name="Roll back")
    for _ in range(30):
        await keyboard.press("Shift+Tab")
        if await roll_back.evaluate("node => node === document.activeElement"):
            break
    await keyboard.press("Enter")
    await window.sees("payments", "rolled back · took", "(@dee)")


async def fits(phone: Window) -> None:
    """No view is wider than a telephone, and its buttons are in reach."""
    view = phone.page.get_by_role("navigation", name="View")
    await phone.sees("payments", "verdict")
    for width in (390, 360):
        await phone.page.set_viewport_size({"width": width, "height": 740})
        for name in ("Cluster", "Slack"):
            await view.get_by_role("button", name=name).click()
            assert await phone.overflow() == []
    await phone.card("payments").get_by_role("button", name=re.compile("repl")).click()
    await expect(phone.thread).to_contain_text("Weight ordered: 50 % to the canary")
    assert await phone.overflow() == []
    await phone.page.get_by_role("button", name="Close thread").click()
    await expect(phone.card("payments").get_by_role("button", name="Roll back")).to_be_in_viewport()
