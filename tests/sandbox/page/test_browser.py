"""People use the page: they type, press, fill in, switch, and see what they should."""

import pytest
from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

from tests.sandbox.page.conftest import Open, Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

START = "/release checkout v1.3.0 canary 5%"
STARTED = "Release R-1042 of checkout has started."


def conversation(tab: Tab) -> Locator:
    return tab.get_by_role("region", name="Conversation")


async def type_line(tab: Tab, line: str) -> None:
    await tab.get_by_label("Message").fill(line)
    await tab.keyboard.press("Enter")


async def test_a_command_is_suggested_sent_promoted_and_seen_by_the_others(
    open_tab: Open, stage: Stage
) -> None:
    tab = await open_tab()
    await tab.get_by_label("Message").press_sequentially("/rel")
    await expect(tab.get_by_role("listbox", name="Example commands").get_by_role("option")).to_have_count(3)
    await tab.keyboard.press("ArrowDown")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_label("Message")).to_have_value(START)
    await tab.keyboard.press("Enter")
    said = conversation(tab).get_by_role("listitem").filter(has_text=STARTED)
    await expect(said).to_contain_text("Only visible to you")
    promote = tab.get_by_role("button", name="Promote to 50 %")
    await promote.click()
    await tab.get_by_role("button", name="Not yet").click()
    await expect(conversation(tab)).to_contain_text("ordered 25 %")
    await promote.click()
    await tab.get_by_role("dialog").get_by_role("button", name="Promote").click()
    await expect(conversation(tab)).to_contain_text("ordered 50 %, observed 49.8 %")
    await expect(conversation(tab)).to_contain_text("(edited)")
    assert [p["actions"][0]["action_id"] for p in stage.bot.payloads] == ["promote"]
    await tab.get_by_role("radio", name="bo, Lead, may approve").check()
    await expect(promote).to_be_visible()
    await expect(said).to_have_count(0)
    await tab.get_by_role("radio", name="cy, Support, no rights").check()
    await expect(tab.get_by_role("navigation", name="Channels").get_by_role("button")).to_have_text(
        ["#general"]
    )
    await tab.get_by_label("Message").press("ArrowUp")
    await expect(tab.get_by_label("Message")).to_have_value(START)


async def test_a_modal_asks_for_what_is_missing_and_goes_when_it_is_filled_in(open_tab: Open) -> None:
    tab = await open_tab()
    await type_line(tab, START)
    await tab.get_by_role("button", name="Go on anyway").click()
    dialog = tab.get_by_role("dialog", name="Go on anyway")
    await dialog.get_by_role("button", name="Go on").click()
    await expect(dialog).to_contain_text("Please complete this required field.")
    await expect(dialog.get_by_label("Reason")).to_be_focused()
    await dialog.get_by_label("Reason").fill("JIRA-12")
    await dialog.get_by_label("Page the lead").check()
    await dialog.get_by_role("button", name="Go on").click()
    await expect(dialog).to_have_count(0)
    await tab.get_by_role("button", name="2 replies").click()
    await expect(tab.get_by_role("region", name="Replies")).to_contain_text("Went on: JIRA-12")
    await tab.keyboard.press("Escape")
    await tab.get_by_role("button", name="Go on anyway").click()
    await expect(dialog).to_be_visible()
    await tab.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_the_whole_path_is_walked_with_the_keyboard_alone(open_tab: Open) -> None:
    tab = await open_tab()
    await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")
    await tab.keyboard.type("/release chekout")
    await tab.keyboard.press("Enter")
    await expect(conversation(tab)).to_contain_text("I don't know chekout, @ana.")
    await tab.keyboard.press("ArrowUp")
    await expect(tab.get_by_label("Message")).to_have_value("/release chekout")
    await tab.get_by_label("Message").fill("")
    await tab.keyboard.type(START)
    await tab.keyboard.press("Enter")
    await expect(conversation(tab)).to_contain_text(STARTED)
    replies = tab.get_by_role("button", name="1 reply")
    await back_to(tab, replies)
    await tab.keyboard.press("Enter")
    await tab.keyboard.type("looks good")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("region", name="Replies")).to_contain_text("looks good")
    await tab.keyboard.press("Escape")
    await expect(tab.get_by_role("button", name="2 replies")).to_be_focused()
    promote = tab.get_by_role("button", name="Promote to 50 %")
    await back_to(tab, promote)
    await tab.keyboard.press("Enter")
    await tab.keyboard.press("Enter")
    await expect(conversation(tab)).to_contain_text("ordered 50 %")
    await expect(promote).to_be_focused()


async def back_to(tab: Tab, target: Locator) -> None:
    for _ in range(12):
        await tab.keyboard.press("Shift+Tab")
        if await target.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError("the keyboard does not reach it")


async def test_on_a_dark_telephone_nothing_is_wider_than_the_screen(open_tab: Open) -> None:
    tab = await open_tab(width=360, height=740, scheme="dark")
    await type_line(tab, START)
    await expect(conversation(tab)).to_contain_text(STARTED)
    view = tab.get_by_role("navigation", name="View")
    for name in ("Cluster", "Slack"):
        await view.get_by_role("button", name=name).click()
        wide = "[...document.querySelectorAll('main *')].filter((n) => n.getBoundingClientRect().right > innerWidth + 1)"
        assert await tab.evaluate(f"{wide}.map((n) => n.tagName + '.' + n.className)") == []
        assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = await tab.evaluate(ground)
    await tab.get_by_role("button", name="Dark theme", pressed=True).click()
    assert (dark, await tab.evaluate(ground)) == ("rgb(18, 22, 21)", "rgb(244, 242, 238)")


async def test_the_cluster_is_shown_and_broken_by_hand(open_tab: Open, stage: Stage) -> None:
    tab = await open_tab()
    cluster = tab.get_by_role("region", name="The real cluster")
    await expect(cluster.get_by_role("img", name="v1.2.9 75.2 %, v1.3.0 24.8 %")).to_be_visible()
    await expect(cluster.get_by_role("img", name="Error rate: v1.2.9 0.11 %, v1.3.0 8.4 %")).to_be_visible()
    await cluster.get_by_label("Errors, %").fill("12.5")
    await cluster.get_by_label("Added latency, ms").fill("250")
    await cluster.get_by_label("Crash loop").check()
    await cluster.get_by_role("button", name="Break it").click()
    await expect(cluster.get_by_text("CrashLoopBackOff")).to_be_visible()
    await cluster.get_by_role("button", name="Heal").click()
    await cluster.get_by_role("button", name="Fire alert").click()
    await cluster.get_by_role("button", name="Edit VirtualService").click()
    await cluster.get_by_role("button", name="Set load").click()
    for part in ("Kill -9 Bot", "Stop Redis", "Stop Prometheus"):
        await cluster.get_by_role("button", name=part).click()
    for part in ("Start Bot", "Start Redis", "Start Prometheus"):
        await expect(cluster.get_by_role("button", name=part)).to_be_visible()
    assert stage.world.done == [
        ("break_version", "checkout", "v1.3.0", 0.125, 250, True),
        ("heal", "checkout", "v1.3.0"),
        ("fire_alert", "checkout", "v1.3.0"),
        ("edit_route", "checkout", 50, 50),
        ("set_load", "checkout", 80),
    ]
    await cluster.get_by_label("Stable weight").fill("0")
    await cluster.get_by_label("Canary weight").fill("0")
    await cluster.get_by_role("button", name="Edit VirtualService").click()
    await expect(tab.get_by_role("alert")).to_have_text("weights of 0 and 0 would freeze the route")
    await cluster.get_by_role("radio", name="payments").check()
    await expect(cluster.get_by_text("no weights in the route yet")).to_be_visible()
