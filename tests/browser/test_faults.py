"""Parts fail while a release is live; people see what happens, and every way out stands on the page."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")

START = "/release {} v1.3.0 canary 25% 50% every 1s ask"
ASKED = ("Promote to 50 %", "Pause", "Roll back", "Details")
GO_ON = "Prometheus moves to another node, the logs are clean"


async def asks(window: Window, service: str) -> None:
    """Start a release, and wait until its first stage has been shown healthy."""
    await window.look_at(service)
    await window.cluster.get_by_label("Load, requests/s").fill("200")
    await window.control("Set load")
    await window.say(START.format(service))
    await window.sees(service, "needs you", "healthy")
    await window.offers(service, *ASKED)


async def test_a_release_outlives_its_bot_and_its_metrics_until_an_alert_ends_it(open_window: Open) -> None:
    window, late = await open_window("ana"), await open_window("bo")
    await asks(window, "payments")
    await late.offers("payments", *ASKED)
    await late.falls_behind()
    await the_bot_is_killed(window)
    await metrics_are_away(window)
    await window.cluster.get_by_label("Version").select_option("v1.3.0")
    await window.control("Fire alert")
    await expect(window.cluster.get_by_text("The bot answered the alert:")).to_be_visible()
    await window.sees("payments", "rolled back · took", "ErrorRateHigh")
    await late.press("payments", "Promote to 50 %")
    await late.catches_up()
    answer = late.told("It has ended; nothing was done.")
    await expect(answer).to_contain_text("Only visible to you")


async def the_bot_is_killed(window: Window) -> None:
    await window.control("Kill -9 Bot")
    await expect(window.cluster.get_by_role("button", name="Start Bot")).to_be_visible()
    await window.press("payments", "Details")
    await window.sees("payments", "The app did not answer: dispatch_failed")
    await expect(window.cluster.get_by_role("button", name="Kill -9 Bot")).to_be_visible()
    await window.press("payments", "Pause")
    await window.sees("payments", "Paused by @ana.")
    await window.press("payments", "Resume")
    await window.offers("payments", *ASKED)


async def metrics_are_away(window: Window) -> None:
    await window.control("Stop Prometheus")
    await window.sees("payments", "no data")
    await window.offers("payments", "Wait longer", "Go on anyway", "Pause", "Roll back", "Details")
    await window.press("payments", "Go on anyway")
    await expect(window.told("You may not promote payments")).to_contain_text("@shop-leads")
    await window.become("bo")
    await window.press("payments", "Go on anyway")
    await window.dialog.get_by_role("button", name="Go on").click()
    await expect(window.dialog).to_contain_text("Please complete this required field.")
    await window.dialog.get_by_label("Why is it safe?").fill(GO_ON)
    await window.dialog.get_by_role("button", name="Go on").click()
    await window.sees("payments", "approved by @bo", "ordered 50 %")
    await window.control("Start Prometheus")


async def test_a_route_edited_by_hand_and_a_store_that_is_away_leave_every_way_back(
    open_window: Open,
) -> None:
    window = await open_window("dee")
    await asks(window, "checkout")
    await somebody_edits_the_route(window)
    await window.control("Stop Redis")
    await window.sees("checkout", "The store cannot be reached: nothing moves forward; Roll back works.")
    await window.say("/release payments v1.4.0")
    refusal = window.told("Redis cannot be reached (no connection), so this cannot be done now.")
    await expect(refusal).to_contain_text("A rollback works all the same.")
    await window.press("checkout", "Roll back")
    await expect(window.cluster.get_by_role("img", name="stable 100 %")).to_be_visible()
    await window.control("Start Redis")
    await window.sees("checkout", "rolled back · took", "(@bo)")


async def somebody_edits_the_route(window: Window) -> None:
    await window.cluster.get_by_label("Stable weight").fill("30")
    await window.cluster.get_by_label("Canary weight").fill("70")
    await window.control("Edit VirtualService")
    await window.sees("checkout", "the route says 70 % to the canary, not 25 %")
    await window.offers("checkout", "Apply again", "Adopt theirs", "Roll back", "Details")
    await window.press("checkout", "Apply again")
    await expect(window.told("You may not promote checkout")).to_contain_text("@shop-leads")
    await window.become("bo")
    await window.press("checkout", "Apply again")
    await expect(window.cluster.get_by_role("img", name="stable 75 %, canary 25 %")).to_be_visible()
    await window.offers("checkout", *ASKED)
