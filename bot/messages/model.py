"""What a message is made of, free of any chat service. Text is plain: escaping is the renderer's business."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from bot.release.frozen import Frozen


class Text(Frozen):
    """Plain words."""

    kind: Literal["text"] = "text"
    text: str


class Bold(Frozen):
    """Words that matter."""

    kind: Literal["bold"] = "bold"
    text: str


class Code(Frozen):
    """Something to type, or verbatim from a machine."""

    kind: Literal["code"] = "code"
    text: str


class Mention(Frozen):
    """A person: `user` is a chat user id; `name` is what a terminal prints."""

    kind: Literal["mention"] = "mention"
    user: str
    name: str


class When(Frozen):
    """A moment, shown in the reader's own time zone."""

    kind: Literal["when"] = "when"
    at: AwareDatetime


class Place(Frozen):
    """A channel, given as `#name` or id."""

    kind: Literal["place"] = "place"
    channel: str


Span = Annotated[Text | Bold | Code | Mention | When | Place, Field(discriminator="kind")]
Spans = tuple[Span, ...]


class Heading(Frozen):
    """The first line: what it is about. At most 150 characters."""

    kind: Literal["heading"] = "heading"
    text: str


class Paragraph(Frozen):
    """One paragraph of running text."""

    kind: Literal["paragraph"] = "paragraph"
    spans: Spans


class Table(Frozen):
    """Lines whose columns stand beneath each other: shown in a fixed-width face, exactly as given."""

    kind: Literal["table"] = "table"
    lines: tuple[str, ...]


class Note(Frozen):
    """Small print."""

    kind: Literal["note"] = "note"
    spans: Spans


class Rule(Frozen):
    """A line across."""

    kind: Literal["rule"] = "rule"


class Style(StrEnum):
    """How a button looks."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


class Button(Frozen):
    """`action` names what it does, `value` what it does it to (a release's token)."""

    label: str
    action: str
    value: str
    style: Style = Style.PLAIN


class Buttons(Frozen):
    """A row of buttons. A terminal shows their labels alone."""

    kind: Literal["buttons"] = "buttons"
    buttons: tuple[Button, ...]


Block = Annotated[Heading | Paragraph | Table | Note | Rule | Buttons, Field(discriminator="kind")]


class Message(Frozen):
    """`summary` is the one line that notifications and screen readers get."""

    summary: str
    blocks: tuple[Block, ...]


class Modal(Frozen):
    """A dialog with one required input. `private` comes back with the submission; `action` names what it is for."""

    action: str
    title: str
    body: tuple[Block, ...]
    label: str
    submit: str
    private: str


def line(*parts: Span | str) -> Spans:
    """Make spans of a mix of strings and spans."""
    return tuple(Text(text=part) if isinstance(part, str) else part for part in parts)


def paragraph(*parts: Span | str) -> Paragraph:
    """A paragraph of a mix of strings and spans."""
    return Paragraph(spans=line(*parts))


def note(*parts: Span | str) -> Note:
    """Small print of a mix of strings and spans."""
    return Note(spans=line(*parts))
