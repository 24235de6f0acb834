"""Blocks beyond Slack's limits are refused with the place of each fault."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models import blocks as sdk
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.blockkit import block_complaints, is_too_long, view_complaints


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Go"}, **more}


def section(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


LONG_FIELD = {"type": "mrkdwn", "text": "x" * 2001}
CASES: dict[str, list[Any]] = {
    "no more than 50 items allowed [json-pointer:/blocks]": [{"type": "divider"}] * 51,
    "must be less than 3001 characters [json-pointer:/blocks/0/text/text]": [section("x" * 3001)],
    "must be more than 0 characters [json-pointer:/blocks/0/text/text]": [section("")],
    "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]": [
        section(fields=[LONG_FIELD])
    ],
    "no more than 10 items allowed [json-pointer:/blocks/0/fields]": [
        section(fields=[{"type": "mrkdwn", "text": "x"}] * 11)
    ],
    "must be less than 151 characters [json-pointer:/blocks/0/text/text]": [
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    ],
    "no more than 25 items allowed [json-pointer:/blocks/0/elements]": [
        actions(*(button(action_id=f"a{n}") for n in range(26)))
    ],
    "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]": [
        actions(button(text={"type": "plain_text", "text": "x" * 76}))
    ],
    "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]": [
        actions(button(value="x" * 2001))
    ],
    "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]": [
        actions(button(action_id="x" * 256))
    ],
    "must be less than 256 characters [json-pointer:/blocks/0/block_id]": [section(block_id="x" * 256)],
    '`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]': [
        actions(button(), button())
    ],
    '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]': [
        section(block_id="b"),
        section(block_id="b"),
    ],
    "unsupported type: table_of_things [json-pointer:/blocks/0/type]": [{"type": "table_of_things"}],
    "missing required field: type [json-pointer:/blocks/0]": [{}],
    "missing required field: text [json-pointer:/blocks/0]": [{"type": "section"}],
    "invalid additional property: disabled [json-pointer:/blocks/0/elements/0]": [
        actions(button(disabled=True))
    ],
    "must be one of the following: primary, danger [json-pointer:/blocks/0/elements/0/style]": [
        actions(button(style="loud"))
    ],
    "must provide an object [json-pointer:/blocks/0]": ["section"],
    "must provide an array [json-pointer:/blocks/0/elements]": [{"type": "context", "elements": {}}],
    "must provide a string [json-pointer:/blocks/0/text/text]": [
        {"type": "section", "text": {"type": "mrkdwn", "text": 5}}
    ],
    "must define either `slack_file` or `image_url` [json-pointer:/blocks/0]": [
        {"type": "image", "alt_text": "x"}
    ],
}


@pytest.mark.parametrize(("complaint", "blocks"), CASES.items(), ids=list(CASES))
def test_a_block_beyond_the_limits_is_named_by_its_path(complaint: str, blocks: list[Any]) -> None:
    assert block_complaints(blocks) == [complaint]


def test_blocks_of_slacks_own_models_pass() -> None:
    confirm = sdk.ConfirmObject(title="Sure?", text="It goes live.", confirm="Yes", deny="No", style="danger")
    built = [
        sdk.HeaderBlock(text="checkout"),
        sdk.SectionBlock(
            text="*healthy*", fields=["a", "b"], accessory=sdk.ButtonElement(text="x", action_id="x")
        ),
        sdk.ContextBlock(elements=[sdk.MarkdownTextObject(text="by <@U1>")]),
        sdk.DividerBlock(),
        sdk.ActionsBlock(
            elements=[
                sdk.ButtonElement(text="Go", action_id="a", value="1", style="primary", confirm=confirm),
                sdk.StaticSelectElement(
                    action_id="s", placeholder="p", options=[sdk.Option(value="1", text="1")]
                ),
            ]
        ),
        sdk.ImageBlock(image_url="https://shop.example/a.png", alt_text="chart"),
    ]
    assert block_complaints([block.to_dict() for block in built]) == []


def test_all_texts_of_a_message_together_have_a_limit() -> None:
    assert not is_too_long([section("x" * 3000)] * 4)
    assert is_too_long([section("x" * 3000)] * 5)


def test_a_view_has_limits_of_its_own() -> None:
    title = {"type": "plain_text", "text": "x" * 25}
    field = {
        "type": "input",
        "label": {"type": "plain_text", "text": "x"},
        "element": {"type": "plain_text_input"},
    }
    assert view_complaints({"type": "modal", "title": title, "blocks": []}) == [
        "must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    assert view_complaints({"type": "modal", "title": {**title, "text": "x"}, "blocks": [field]}) == [
        "missing required field: submit [json-pointer:/view]"
    ]
    assert view_complaints({"type": "home", "blocks": [section("")]}) == [
        "must be more than 0 characters [json-pointer:/view/blocks/0/text/text]"
    ]


async def test_refused_blocks_come_back_with_their_paths(web: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        await web.chat_postMessage(channel="C0RELEASES", text="x", blocks=[section("")])
    complaint = "must be more than 0 characters [json-pointer:/blocks/0/text/text]"
    assert refused.value.response.data == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [complaint],
        "response_metadata": {"messages": [f"[ERROR] {complaint}"]},
    }


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ("no json", "invalid_blocks_format"),
        ("{}", "invalid_blocks_format"),
        ([section("x" * 3000)] * 5, "msg_blocks_too_long"),
    ],
)
async def test_blocks_that_are_no_list_or_too_long_have_errors_of_their_own(
    web: AsyncWebClient, blocks: Any, error: str
) -> None:
    with pytest.raises(SlackApiError, match=error):
        await web.chat_postMessage(channel="C0RELEASES", text="x", blocks=blocks)
