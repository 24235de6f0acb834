"""The text before it has meaning: blanks, characters that are refused, quotes."""

import re
import unicodedata
from typing import Final

from bot.commands.errors import Fault

LONGEST_TEXT: Final = (
    1000  # every command that can be parsed renders to less, see LONGEST_REASON and MOST_WEIGHTS
)
LONGEST_REASON: Final = 200
REASON_EXAMPLE: Final = "JIRA-12"

# Zero-width space, word joiner, byte order mark: editors and chats leave them between words.
_ZERO_WIDTH: Final = "\u200b\u2060\ufeff"
# The joiners make an emoji or a Persian word one; like every other character they are no part of a name.
_JOINERS: Final = "\u200c\u200d"
# Control, format (bidirectional overrides among them), half of a surrogate pair.
_REFUSED: Final = ("Cc", "Cf", "Cs")

_DOUBLE_QUOTES: Final = '"“”„‟«»＂'  # noqa: RUF001 - what phones, Macs and European keyboards type
_SINGLE_QUOTES: Final = "'‘’‚‛"  # noqa: RUF001 - the same
_TO_ESCAPE = re.compile(rf"([\\{_DOUBLE_QUOTES}])")
_ESCAPED = re.compile(rf"\\([\\{_DOUBLE_QUOTES}{_SINGLE_QUOTES}])")


def plain(text: str) -> str:
    """Make every blank one space, character by character, so that columns stay; Fault for a refused character."""
    if len(text) > LONGEST_TEXT:
        raise Fault(LONGEST_TEXT, f"a command has at most {LONGEST_TEXT} characters")
    spaced = "".join(" " if char.isspace() or char in _ZERO_WIDTH else char for char in text)
    refused = [at for at, char in enumerate(spaced) if not _is_allowed(char)]
    if refused:
        cleaned = "".join(char for char in spaced if _is_allowed(char))
        name = f"U+{ord(spaced[refused[0]]):04X}"
        raise Fault(
            refused[0], f"{name} is an invisible character, and could hide what is said", mends=(cleaned,)
        )
    return spaced


def _is_allowed(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in _REFUSED


def word_at(text: str, offset: int) -> str:
    """Cut out the word that begins at an offset of a plain text; empty at its end."""
    return text[offset:].partition(" ")[0]


def joined(text: str) -> str:
    """Take superfluous blanks out."""
    return " ".join(text.split())


def quoted(text: str) -> str:
    """Put a reason between straight quotes, so that unquoted gives it back."""
    escaped = _TO_ESCAPE.sub(r"\\\1", text)
    return f'"{escaped}"'


def unquoted(token: str) -> str:
    """Take the quotes off a QUOTED token, and the backslashes before quotes inside it."""
    return joined(_ESCAPED.sub(r"\1", token[1:-1]))


def requoted(text: str) -> str:
    """Quote a text whose quotes do not pair up, without them."""
    bare = "".join(char for char in text if char not in _DOUBLE_QUOTES).strip(f"{_SINGLE_QUOTES} ")
    return quoted(joined(bare) or REASON_EXAMPLE)
