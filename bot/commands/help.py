"""Help and the reference in docs/commands.md, both from the table of words."""

from collections.abc import Iterator
from typing import Final

from bot.commands.model import Help
from bot.commands.parser import parse
from bot.commands.words import COMMANDS, OPTIONS, USAGES, Usage

_INTRODUCTION: Final = """\
# Commands

Typed in Slack behind `/release` (the name is a setting), or in a terminal behind `lockmaster release`.
This page is written by `bot.commands.help.reference()`; a test compares.
"""

_VALUES: Final = """\
## Values

* **Versions** are SemVer tags (`v1.3.0`, `1.3.0`, `v1.3.0-rc.1+build`), date-time-commit tags
  (`20240520-1423-abc7f9d`) or `sha256:` with 64 hexadecimal digits. `latest`, `v1.3` and other moving tags are
  refused: what they name changes, so nobody could bring it back.
* **Shares of traffic** are `5%`, `0.5%` or `5`: above 0, at most 100, at most two decimals, each above the one
  before. With a single one the catalogue's remaining stages follow.
* **Durations** are `90s`, `10m`, `2h` or `1h30m`: one second at least, 30 days at most.
* **Reasons** stand in quotes, straight or smart; a backslash lets a quote stand inside. At the end of the line
  the quotes may be left out.

Options follow the weights in any order, each at most once. Case and extra blanks do not matter, except in a
version and in a reason. A text that is no command does nothing: its author alone is told the column, what was
expected there, and the nearest command.
"""


def help_for(word: str | None) -> tuple[Usage, ...]:
    """Give the rows to explain: one for a word, all for None; BadCommand for a word that means nothing."""
    if word is None:
        return USAGES
    asked = parse(f"help {word}")
    return tuple(usage for usage in USAGES if Help(usage.word) == asked)


def reference() -> str:
    """Write docs/commands.md."""
    commands = "\n".join((_INTRODUCTION, *_table("command", COMMANDS)))
    options = "\n".join(("## Options", "", *_table("option", OPTIONS)))
    examples = "\n".join(("## Examples", "", *(f"    /release {text}" for text in _examples())))
    return f"{commands}\n\n{options}\n\n{_VALUES}\n{examples}\n"


def _table(heading: str, usages: tuple[Usage, ...]) -> Iterator[str]:
    yield f"| {heading} | does |"
    yield "|---|---|"
    for usage in usages:
        syntax = usage.syntax.replace("|", "\\|")
        yield f"| `{syntax}` | {usage.sentence} |"


def _examples() -> dict[str, None]:
    return dict.fromkeys(text for usage in USAGES for text in usage.examples)
