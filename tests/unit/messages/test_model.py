"""Messages are values: compared, stored and read back whole."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bot.messages.model import (
    Bold,
    Button,
    Buttons,
    Code,
    Heading,
    Mention,
    Message,
    Modal,
    Note,
    Paragraph,
    Place,
    Rule,
    Style,
    Table,
    Text,
    When,
    line,
    note,
    paragraph,
)

MESSAGE = Message(
    summary="checkout needs you",
    blocks=(
        Heading(text="checkout"),
        paragraph("by ", Mention(user="U1", name="ana"), " at ", When(at=datetime(2026, 11, 21, tzinfo=UTC))),
        Table(lines=("a  b",)),
        note(Place(channel="#shop"), Bold(text="!"), Code(text="x")),
        Rule(),
        Buttons(buttons=(Button(label="Roll back", action="rollback", value="R-1:0:1", style=Style.DANGER),)),
    ),
)


def test_strings_become_text_and_spans_stay() -> None:
    assert line("a", Bold(text="b")) == (Text(text="a"), Bold(text="b"))
    assert paragraph("a") == Paragraph(spans=(Text(text="a"),))
    assert note("a") == Note(spans=(Text(text="a"),))


def test_the_stored_form_reads_back() -> None:
    assert Message.model_validate_json(MESSAGE.model_dump_json()) == MESSAGE


def test_a_modal_reads_back() -> None:
    modal = Modal(
        action="go_on",
        title="Go on anyway",
        body=(paragraph("why?"),),
        label="Reason",
        submit="Go on",
        private="R-1",
    )
    assert Modal.model_validate_json(modal.model_dump_json()) == modal


def test_a_moment_without_a_zone_and_a_block_of_no_kind_are_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        When(at=datetime(2026, 11, 21))  # noqa: DTZ001  that is the point
    with pytest.raises(ValidationError, match="kind"):
        Message.model_validate({"summary": "x", "blocks": [{"text": "x"}]})


def test_a_message_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        MESSAGE.summary = "other"  # type: ignore[misc]  # that is the point
