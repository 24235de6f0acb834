"""Durations as people type them: `90s`, `10m`, `2h`, `1h30m`; in limits also `300ms`."""

import re
from datetime import timedelta
from typing import Final

SHORTEST_BAKE: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(days=30)
EXAMPLE: Final = "10m"

# Digits are spelt out: \d would take full-width and Arabic ones as well.
_SHAPE = re.compile(
    r"(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m)?(?:([0-9]{1,7})s)?(?:([0-9]{1,7})ms)?", re.IGNORECASE | re.ASCII
)
_UNITS: Final = ("hours", "minutes", "seconds", "milliseconds")


class BadDuration(ValueError):  # noqa: N818 - the house names an error by what is wrong
    """The text is no duration; the error's text says what was expected, with an example."""


def parse_duration(text: str, *, shortest: timedelta = SHORTEST_BAKE) -> timedelta:
    """Read `90s`, `10m`, `1h30m` or `300ms`: at least `shortest`, at most 30 days, else BadDuration."""
    found = _SHAPE.fullmatch(text)
    if not text or found is None:
        raise BadDuration(
            f'"{text[:20]}" is not a duration: expected a number and a unit, such as 90s, 10m or 2h'
        )
    length = timedelta(
        **{unit: int(digits) for unit, digits in zip(_UNITS, found.groups(), strict=True) if digits}
    )
    if length < shortest:
        raise BadDuration(
            f'"{text}" is too short: the shortest is {render_duration(shortest)}, a usual one is {EXAMPLE}'
        )
    if length > LONGEST:
        raise BadDuration(f'"{text}" is too long: the longest is {render_duration(LONGEST)}')
    return length


def render_duration(length: timedelta) -> str:
    """Write a duration of zero or more as parse_duration reads it, without what is below 1 ms."""
    seconds, milliseconds = divmod(length // timedelta(milliseconds=1), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"), (milliseconds, "ms"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
