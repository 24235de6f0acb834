"""Every kind of block is drawn, and what is picked or fails is told."""

import pytest
from playwright.async_api import expect

from tests.sandbox.page.conftest import Open, Stage
from tests.sandbox.page.release_bot import RELEASES, mark, words
from tests.sandbox.slack.fake_bot import Json

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90400000000002c00000000010001000002024401003b"
)


def option(text: str) -> Json:
    return {"text": words(text), "value": text.lower()}


def rich(kind: str, *elements: Json, **more: str) -> Json:
    return {"type": f"rich_text_{kind}", "elements": list(elements), **more}


def leaf(text: str, **style: bool) -> Json:
    return {"type": "text", "text": text, "style": style}


BLOCKS: list[Json] = [
    {
        "type": "section",
        "text": mark("Pace"),
        "accessory": {
            "type": "static_select",
            "action_id": "pace",
            "placeholder": words("Pick a pace"),
            "options": [option("Slow"), option("Fast")],
        },
    },
    {
        "type": "rich_text",
        "elements": [
            rich("section", leaf("bold", bold=True), {"type": "user", "user_id": "U0BO000001"}),
            rich("list", rich("section", leaf("first")), style="bullet"),
            rich("quote", leaf("said")),
            rich("preformatted", leaf("a  b")),
        ],
    },
    {
        "type": "actions",
        "block_id": "more",
        "elements": [
            {"type": "overflow", "action_id": "menu", "options": [option("Copy")]},
            {"type": "checkboxes", "action_id": "boxes", "options": [option("Page"), option("Hold")]},
            {"type": "button", "action_id": "go", "text": words("Go")},
        ],
    },
]


async def test_elements_send_what_is_picked_and_show_when_the_app_is_gone(
    open_tab: Open, stage: Stage
) -> None:
    tab = await open_tab()
    await stage.bot.web.chat_postMessage(channel=RELEASES, text="sink", blocks=BLOCKS)
    drawn = tab.locator(".rich")
    await expect(drawn).to_be_visible()
    assert await drawn.inner_html() == (
        '<p><strong>bold</strong><span class="mention">@bo</span></p><ul><li><p>first</p></li></ul>'
        "<blockquote>said</blockquote><pre>a  b</pre>"
    )
    await tab.get_by_label("Pick a pace").select_option("fast")
    await tab.get_by_label("Hold").check()
    await tab.get_by_label("menu").select_option("copy")
    await tab.get_by_role("button", name="Go", exact=True).click()
    await expect(tab.get_by_role("button", name="Go", exact=True)).not_to_have_attribute("aria-busy", "true")
    actions = [payload["actions"][0] for payload in stage.bot.payloads]
    assert [action["action_id"] for action in actions] == ["pace", "boxes", "menu", "go"]
    assert actions[0]["selected_option"]["value"] == "fast"
    assert [chosen["value"] for chosen in actions[1]["selected_options"]] == ["hold"]
    await stage.bot.stop()
    await tab.get_by_role("button", name="Go", exact=True).click()
    await expect(tab.get_by_text("The app did not answer: dispatch_failed")).to_be_visible()


async def test_an_uploaded_chart_is_seen_in_the_channel(open_tab: Open, stage: Stage) -> None:
    tab = await open_tab()
    await stage.bot.web.files_upload_v2(channel=RELEASES, filename="p95.gif", content=PIXEL, title="p95")
    chart = tab.get_by_role("img", name="p95", exact=True)
    await expect(chart).to_be_visible()
    assert await chart.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
