"""The grammar's terminals in words for people, with an example of each."""

from collections.abc import Iterable
from typing import Final

from bot.commands.reader import END, keyword
from bot.commands.typed import REASON_EXAMPLE, quoted
from bot.release import duration, version, weight

EXAMPLES: Final = {
    "SERVICE": "checkout",
    "VERSION": version.EXAMPLE,
    "WEIGHT": weight.EXAMPLE,
    "DURATION": duration.EXAMPLE,
    "RELEASE": "R-1042",
    "WORD": "rollback",
    "QUOTED": quoted(REASON_EXAMPLE),
}
_KINDS: Final = {
    "SERVICE": "a service",
    "VERSION": "a version",
    "WEIGHT": "a share of traffic",
    "DURATION": "a duration",
    "RELEASE": "a release",
    "WORD": "a word",
    "QUOTED": "a reason",
}


def expected(terminals: Iterable[str]) -> tuple[str, ...]:
    """Say what could stand in a place: `canary`, `a version such as v1.3.0`, `the end`."""
    # An unquoted reason (REST) is accepted wherever a quoted one is, and is the same to people.
    return tuple(_expected(terminal) for terminal in terminals if terminal != "REST")


def _expected(terminal: str) -> str:
    if terminal == END:
        return "the end"
    return keyword(terminal) or f"{_KINDS[terminal]} such as {EXAMPLES[terminal]}"
