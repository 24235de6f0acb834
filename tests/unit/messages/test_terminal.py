"""A terminal gets the same message as the chat, as plain text that cannot play tricks on it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.messages.model import (
    Block,
    Bold,
    Button,
    Buttons,
    Code,
    Heading,
    Mention,
    Message,
    Place,
    Rule,
    Style,
    Table,
    When,
    note,
    paragraph,
)
from bot.messages.terminal import render

AT = datetime(2026, 11, 21, 15, 3, 59, tzinfo=timezone(timedelta(hours=1)))
BUTTONS = Buttons(
    buttons=(
        Button(label="Promote to 25 %", action="promote", value="R-1:0:3", style=Style.PRIMARY),
        Button(label="Pause", action="pause", value="R-1:0:3"),
        Button(label="Roll back", action="rollback", value="R-1:0:3", style=Style.DANGER),
    )
)


def shown(*blocks: Block, width: int = 100, colour: bool = False) -> str:
    return render(Message(summary="a summary", blocks=blocks), width=width, colour=colour)


def test_a_whole_message_reads_like_a_page() -> None:
    text = shown(
        Heading(text="checkout  v1.2.9 → v1.3.0"),
        Table(lines=("errors    canary 0.12 %   stable 0.11 %", "p95       canary 182 ms   stable 179 ms")),
        Rule(),
        paragraph(
            Mention(user="U1", name="ana"),
            " started it at ",
            When(at=AT),
            " in ",
            Place(channel="#shop"),
            "; type ",
            Code(text="/release rollback checkout"),
            " to go ",
            Bold(text="back"),
            ".",
        ),
        paragraph("It asks for somebody's decision."),
        note("R-1042"),
        BUTTONS,
        width=60,
    )
    assert text == (
        "checkout  v1.2.9 → v1.3.0\n"
        "errors    canary 0.12 %   stable 0.11 %\n"
        "p95       canary 182 ms   stable 179 ms\n"
        "────────────────────────────────────────────────────────────\n"
        "@ana started it at 2026-11-21 14:03 UTC in #shop; type\n"
        "`/release rollback checkout` to go back.\n"
        "\n"
        "It asks for somebody's decision.\n"
        "R-1042\n"
        "[Promote to 25 %] [Pause] [Roll back]"
    )


def test_colours_are_added_on_request_and_do_not_count_as_columns() -> None:
    text = shown(
        Heading(text="checkout"),
        paragraph(Bold(text="one two"), " ", Code(text="three")),
        note("R-1"),
        BUTTONS,
        width=15,
        colour=True,
    )
    assert text == (
        "\x1b[1mcheckout\x1b[0m\n"
        "\x1b[1mone two\x1b[0m \x1b[36m`three`\x1b[0m\n"
        "\x1b[2mR-1\x1b[0m\n"
        "\x1b[32m[Promote to 25 %]\x1b[0m [Pause] \x1b[31m[Roll back]\x1b[0m"
    )


def test_a_message_without_blocks_is_its_summary() -> None:
    assert render(Message(summary="nothing\nto say\x07", blocks=())) == "nothing to say"


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("\x1bcreset", "reset"),
        ("bell\x07 back\x08 c1\x9b31m", "bell back c131m"),
        ("over\rwrite", "overwrite"),
        ("bidi\u202egnp.exe", "bidignp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("lone\ud800", "lone"),
        ("half an escape \x1b", "half an escape "),
    ],
)
def test_nothing_in_a_value_can_steer_the_terminal(value: str, seen: str) -> None:
    assert shown(paragraph(value), colour=True) == seen
    assert shown(paragraph(Mention(user="U1", name=value), Place(channel=value))) == f"@{seen}{seen}"
    assert shown(Table(lines=(value,))) == seen
    assert shown(Heading(text=value)) == seen


def test_lines_of_a_paragraph_stay_and_those_of_a_heading_or_a_table_row_do_not() -> None:
    assert shown(paragraph("one\ntwo\u2028three")) == "one\ntwo\nthree"
    assert shown(Heading(text="one\ntwo"), Table(lines=("a\tb\nc",))) == "one two\na b c"


def test_a_word_that_is_wider_than_the_terminal_stays_whole() -> None:
    assert shown(paragraph("see https://example.org/a/long/address now"), width=10) == (
        "see\nhttps://example.org/a/long/address\nnow"
    )


def test_wide_characters_count_twice() -> None:
    assert shown(paragraph("漢字 漢字 ab"), width=9) == "漢字 漢字\nab"


def test_a_moment_is_given_in_utc_whatever_its_zone() -> None:
    assert shown(paragraph(When(at=datetime(2026, 1, 1, tzinfo=UTC)))) == "2026-01-01 00:00 UTC"
