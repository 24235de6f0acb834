"""The grammar's terminals in words for people, with an example of each."""

from collections.abc import Iterable
from typing import Final

from bot.commands.reader import END, keyword
from bot.commands.typed import REASON_EXAMPLE, quoted
from bot.commands.words import COMMAND_WORDS
from bot.release import duration, version, weight

EXAMPLES: Final = {
    "SERVICE": "checkout",
    "VERSION": version.EXAMPLE,
    "WEIGHT": weight.EXAMPLE,
    "DURATION": duration.EXAMPLE,
    "RELEASE": "R-1042",
    "WORD": "rollback",
    "QUOTED": quoted(REASON_EXAMPLE),
    "REST": quoted(REASON_EXAMPLE),
}
_KINDS: Final = {
    "SERVICE": "a service",
    "VERSION": "a version",
    "WEIGHT": "a share of traffic",
    "DURATION": "a duration",
    "RELEASE": "a release",
    "WORD": "a word",
    "QUOTED": "a reason",
    "REST": "a reason",
}


def expected(terminals: Iterable[str]) -> tuple[str, ...]:
    """Say what could stand in a place: `canary`, `a version such as v1.3.0`, `the end`."""
    return tuple(dict.fromkeys(_expected(terminal) for terminal in terminals))


def _expected(terminal: str) -> str:
    if terminal == END:
        return "the end"
    word = keyword(terminal)
    if word in COMMAND_WORDS:  # all of them, or none
        return "a command such as status"
    return word or f"{_KINDS[terminal]} such as {EXAMPLES[terminal]}"
