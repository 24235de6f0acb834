# ruff: noqa: RUF001  signs that look alike are the point
"""Messages as Block Kit: exact where it matters, within the limits whatever comes, valid in slack_sdk's own models."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as SdkBlock
from slack_sdk.models.views import View

from adapters.slack.blocks import MOST_BLOCKS, MOST_CHARACTERS, payload
from adapters.slack.views import view
from bot.messages.model import (
    Block,
    Bold,
    Button,
    Buttons,
    Code,
    Heading,
    Mention,
    Message,
    Modal,
    Place,
    Rule,
    Span,
    Style,
    Table,
    Text,
    When,
    note,
    paragraph,
)

NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NASTY = st.text(st.sampled_from("ab *_~`<>&@#!|:\n\u202e…é"), max_size=80) | st.text(max_size=40)


def said(*blocks: Block) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = payload(Message(summary="-", blocks=blocks))["blocks"]
    return found


def words(*spans: Span | str) -> str:
    text: str = said(paragraph(*spans))[0]["text"]["text"]
    return text


def total(blocks: Any) -> int:
    if isinstance(blocks, list):
        return sum(total(block) for block in blocks)
    if isinstance(blocks, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else total(v) for k, v in blocks.items())
    return 0


SHOWN_IN_FULL = {
    "text": "checkout is at 5 %",
    "blocks": [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": "checkout v1.2.9 → v1.3.0", "emoji": False},
        },
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": "started by <@U0ANA00001> at "
                "<!date^1793610000^{date_short_pretty} {time}|2026-11-02 09:00 UTC>",
                "verbatim": True,
            },
        },
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": "```errors  0.12 %\np95     182 ms```",
                "verbatim": True,
            },
        },
        {"type": "divider"},
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": "see <#C0RELEASES> or #shop-releases", "verbatim": True}],
        },
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Promote", "emoji": False},
                    "action_id": "promote",
                    "value": "R-1",
                    "style": "primary",
                },
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Details", "emoji": False},
                    "action_id": "details",
                    "value": "R-1",
                },
            ],
        },
    ],
}


def test_a_message_is_shown_in_full() -> None:
    message = Message(
        summary="checkout is at 5 %",
        blocks=(
            Heading(text="checkout v1.2.9 → v1.3.0"),
            paragraph("started by ", Mention(user="U0ANA00001", name="ana"), " at ", When(at=NINE)),
            Table(lines=("errors  0.12 %", "p95     182 ms")),
            Rule(),
            note("see ", Place(channel="C0RELEASES"), " or ", Place(channel="#shop-releases")),
            Buttons(
                buttons=(
                    Button(label="Promote", action="promote", value="R-1", style=Style.PRIMARY),
                    Button(label="Details", action="details", value="R-1"),
                )
            ),
        ),
    )
    assert payload(message) == SHOWN_IN_FULL


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("a *b* _c_ ~d~ `e`", "a ∗b∗ ˍcˍ ∼d∼ ˋeˋ"),
        ("snake_case 5 * 3 ~ 15", "snake_case 5 * 3 ~ 15"),
        ("left\u202eright\x00\x1b", "leftright"),
        (Bold(text="it *is*\nso"), "*it ∗is∗ so*"),
        (Code(text="kubectl `get`\npods <x>"), "`kubectl ˋgetˋ pods &lt;x&gt;`"),
        (Mention(user="ana@host", name="<ana>"), "@&lt;ana&gt;"),
        (Mention(user="U1>", name="x"), "@x"),
        (Place(channel="#a<b"), "#a&lt;b"),
    ],
)
def test_nothing_that_was_written_formats_or_mentions(span: Span | str, shown: str) -> None:
    assert words(span) == shown


def test_backticks_stay_inside_their_table() -> None:
    assert said(Table(lines=("a ``` b", "<c>")))[0]["text"]["text"] == "```a ˋˋˋ b\n&lt;c&gt;```"


def test_what_is_empty_is_left_out() -> None:
    assert said(Heading(text=" "), paragraph(""), note(" "), Table(lines=()), Buttons(buttons=())) == []


def test_long_text_goes_on_in_the_next_section() -> None:
    sections = said(paragraph("word " * 1_000))
    assert [len(section["text"]["text"]) for section in sections] == [3_000, 2_000]


def test_a_heading_that_is_too_long_ends_in_an_ellipsis() -> None:
    assert said(Heading(text="x" * 200))[0]["text"]["text"] == "x" * 149 + "…"


def test_a_message_that_is_too_long_ends_in_an_ellipsis_and_keeps_its_buttons() -> None:
    row = Buttons(buttons=(Button(label="Roll back", action="rollback", value="R-1"),))
    blocks = said(*(paragraph("x" * 300) for _ in range(80)), row)
    assert len(blocks) <= MOST_BLOCKS
    assert total(blocks) <= MOST_CHARACTERS
    assert blocks[-2]["text"]["text"] == "…"
    assert blocks[-1]["type"] == "actions"


def test_repeated_actions_get_ids_of_their_own_and_rows_hold_25() -> None:
    button = Button(label="Roll back", action="rollback", value="R-1")
    rows = said(Buttons(buttons=(button,) * 27))
    assert [len(row["elements"]) for row in rows] == [25, 2]
    ids = [element["action_id"] for row in rows for element in row["elements"]]
    assert ids[:2] + ids[-1:] == ["rollback", "rollback~2", "rollback~27"]


spans = st.one_of(
    st.builds(Text, text=NASTY),
    st.builds(Bold, text=NASTY),
    st.builds(Code, text=NASTY),
    st.builds(Mention, user=NASTY, name=NASTY),
    st.builds(When, at=st.datetimes(timezones=st.just(UTC), min_value=datetime(2020, 1, 1))),  # noqa: DTZ001  hypothesis adds the zone
    st.builds(Place, channel=NASTY),
)
buttons = st.builds(
    Button,
    label=NASTY.map("x{}".format),
    action=st.sampled_from(["promote", "rollback"]),
    value=st.text(min_size=1, max_size=20),
    style=st.sampled_from(Style),
)
blocks = st.one_of(
    st.builds(lambda parts: paragraph(*parts), st.lists(spans, max_size=8)),
    st.builds(lambda parts: note(*parts), st.lists(spans, max_size=8)),
    st.builds(Heading, text=NASTY),
    st.builds(Table, lines=st.lists(NASTY, max_size=60).map(tuple)),
    st.builds(Rule),
    st.builds(Buttons, buttons=st.lists(buttons, max_size=40).map(tuple)),
)


@settings(max_examples=30)
@given(st.builds(Message, summary=NASTY, blocks=st.lists(blocks, max_size=60).map(tuple)))
def test_whatever_is_said_slack_takes_it(message: Message) -> None:
    shown = payload(message)["blocks"]
    assert [block.to_dict() for block in SdkBlock.parse_all(shown)] == shown
    assert len(shown) <= MOST_BLOCKS
    assert total(shown) <= MOST_CHARACTERS
    for block in shown:
        if block["type"] in {"section", "context"}:
            text = block["text"]["text"] if block["type"] == "section" else block["elements"][0]["text"]
            assert len(text) <= 3_000
            assert text.count("```") in {0, 2}
            assert "<!channel" not in text


def test_a_dialog_is_a_view_with_one_required_input() -> None:
    modal = Modal(
        action="go_on",
        title="Go on without any data?",
        body=(),
        label="Reason",
        submit="Go on",
        private="R-1",
    )
    shown = view(modal)
    assert shown == {
        "type": "modal",
        "callback_id": "go_on",
        "title": {"type": "plain_text", "text": "Go on without any data?", "emoji": False},
        "submit": {"type": "plain_text", "text": "Go on", "emoji": False},
        "private_metadata": "R-1",
        "blocks": [
            {
                "type": "input",
                "block_id": "asked",
                "label": {"type": "plain_text", "text": "Reason", "emoji": False},
                "element": {
                    "type": "plain_text_input",
                    "action_id": "text",
                    "multiline": True,
                    "min_length": 1,
                    "max_length": 1_000,
                },
                "optional": False,
            }
        ],
    }
    View(**shown).validate_json()


def test_a_dialog_that_would_lose_its_luggage_is_a_bug() -> None:
    modal = Modal(action="a", title="t", body=(), label="l", submit="s", private="x" * 3_001)
    with pytest.raises(ValueError, match="a dialog carries at most 3000 characters, not 3001"):
        view(modal)
