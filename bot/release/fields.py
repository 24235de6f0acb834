"""Field types shared by the catalogue and the stored record: durations and percentages as people write them."""

import math
import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from bot.release.duration import LONGEST, parse_duration

_DURATION = "a duration such as 90s, 10m or 2h"
_PERCENTAGE = "a percentage such as 0.5% or 20%"
_PERCENT = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,2})?)\s*%?", re.ASCII)


def _number(value: object) -> float | None:
    """The value where it is a number of zero or more; JSON's true and YAML's .inf are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value < math.inf else None


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str):
        return parse_duration(value, shortest=timedelta(0))
    seconds = _number(value)
    if seconds is None or seconds > LONGEST.total_seconds():
        raise ValueError(f"expected {_DURATION}, or seconds up to 30 days")
    return timedelta(seconds=seconds)


def _percentage(value: object) -> float:
    if isinstance(value, str) and (found := _PERCENT.fullmatch(value)):
        return float(found[1])
    percent = _number(value)
    if percent is None:
        raise ValueError(f"expected {_PERCENTAGE}")
    return float(percent)


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(lambda value: value.total_seconds(), return_type=float),
    WithJsonSchema(
        {
            "description": _DURATION,
            "type": ["string", "number"],
            "pattern": r"^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
            "minimum": 0,
        }
    ),
]
"""Written `90s`, `10m`, `2h` or as seconds; stored as seconds. Not negative, at most 30 days."""

Percentage = Annotated[
    float,
    BeforeValidator(_percentage),
    WithJsonSchema(
        {
            "description": _PERCENTAGE,
            "type": ["string", "number"],
            "pattern": r"^[0-9]{1,6}(\.[0-9]{1,2})?\s*%?$",
            "minimum": 0,
        }
    ),
]
"""In percent: `0.5%` is 0.5. Not negative; over 100 % is meant for `worse_than_stable`."""
