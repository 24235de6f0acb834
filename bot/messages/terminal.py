"""Renders a message as plain text, for the command line and for scripts."""

import re
from collections.abc import Iterator
from datetime import UTC
from enum import StrEnum
from itertools import pairwise
from typing import Final, assert_never
from unicodedata import category, east_asian_width

from bot.messages.model import (
    Block,
    Bold,
    Button,
    Buttons,
    Code,
    Heading,
    Mention,
    Message,
    Note,
    Paragraph,
    Place,
    Rule,
    Span,
    Spans,
    Style,
    Table,
    Text,
    When,
)

_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\].*?(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]", re.DOTALL)
_UNPRINTABLE: Final = {"Cc", "Cf", "Co", "Cs"}
_BREAK: Final = {"Zl", "Zp"}


class Ink(StrEnum):
    """How a terminal shows a stretch of text: the parameter of its escape code."""

    BOLD = "1"
    DIM = "2"
    RED = "31"
    GREEN = "32"
    CYAN = "36"


_BUTTON: Final = {Style.PLAIN: None, Style.PRIMARY: Ink.GREEN, Style.DANGER: Ink.RED}


def render(message: Message, *, width: int = 100, colour: bool = False) -> str:
    """Write a message as lines without a final newline.

    Running text is broken at `width` columns, between words alone; tables stand as given. `colour` adds escape codes; those that come
    with the message's values, and every other control character, are taken out. A message without blocks is its summary.
    """
    if not message.blocks:
        return _one_line(message.summary)
    pen = _Pen(width, colour=colour)
    lines = [pen.block(message.blocks[0])]
    for before, block in pairwise(message.blocks):
        apart = isinstance(before, Paragraph) and isinstance(block, Paragraph)
        lines.append("\n" + pen.block(block) if apart else pen.block(block))
    return "\n".join(lines)


class _Pen:
    """Knows how wide the terminal is and whether it shows colours."""

    def __init__(self, width: int, *, colour: bool) -> None:
        self._width = width
        self._colour = colour

    def block(self, block: Block) -> str:
        """One block, of one line or more."""
        match block:
            case Heading():
                return self._in(Ink.BOLD, _one_line(block.text))
            case Paragraph():
                return self._running(block.spans)
            case Table():
                return "\n".join(_one_line(line) for line in block.lines)
            case Note():
                return self._in(Ink.DIM, self._running(block.spans))
            case Rule():
                return "─" * self._width
            case Buttons():
                return " ".join(self._button(button) for button in block.buttons)
            case _:
                assert_never(block)

    def _running(self, spans: Spans) -> str:
        text = "".join(self._span(span) for span in spans)
        return "\n".join(line for part in text.split("\n") for line in _broken(part, self._width))

    def _span(self, span: Span) -> str:
        match span:
            case Text():
                return _clean(span.text)
            case Bold():
                return self._in(Ink.BOLD, _clean(span.text))
            case Code():
                return self._in(Ink.CYAN, f"`{_clean(span.text)}`")
            case Mention():
                return f"@{_one_line(span.name)}"
            case When():
                return span.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
            case Place():
                return _one_line(span.channel)
            case _:
                assert_never(span)

    def _button(self, button: Button) -> str:
        return self._in(_BUTTON[button.style], f"[{_one_line(button.label)}]")

    def _in(self, ink: Ink | None, text: str) -> str:
        return f"\x1b[{ink}m{text}\x1b[0m" if ink and self._colour else text


def _clean(text: str) -> str:
    """Take out whatever could move the cursor, colour the screen or turn the direction of writing."""
    plain = _SEQUENCE.sub("", text).replace("\t", " ")
    return "".join(_shown(character) for character in plain)


def _shown(character: str) -> str:
    kind = category(character)
    if character == "\n" or kind in _BREAK:
        return "\n"
    return "" if kind in _UNPRINTABLE else character


def _one_line(text: str) -> str:
    return _clean(text).replace("\n", " ")


def _broken(text: str, width: int) -> Iterator[str]:
    """Break one line between words; a longer word stands alone and whole, so that it can be copied."""
    line, *words = text.split(" ")
    for word in words:
        if _columns(line) + 1 + _columns(word) <= width:
            line += " " + word
        else:
            yield line
            line = word
    yield line


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(character) in {"W", "F"} else 1 for character in _SEQUENCE.sub("", text))
