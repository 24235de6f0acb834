"""Field types shared by the catalogue and the stored record: durations and percentages as people write them."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from bot.release.duration import parse_duration

PERCENTAGE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,2})?)\s*%?", re.ASCII)


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    if isinstance(value, str):
        return parse_duration(value, shortest=timedelta(milliseconds=1))
    raise ValueError("expected a duration such as 90s, 10m or 2h")


def _percentage(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    found = PERCENTAGE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("expected a percentage such as 0.5% or 20%")
    return float(found[1])


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(lambda value: value.total_seconds(), return_type=float),
    WithJsonSchema({"type": ["string", "number"], "examples": ["90s", "10m", "2h"]}),
]
"""Written `90s`, `10m`, `2h` or as seconds; stored as seconds."""

Percentage = Annotated[
    float,
    BeforeValidator(_percentage),
    WithJsonSchema({"type": ["string", "number"], "examples": ["0.5%", "20%"]}),
]
"""In percent: `0.5%` is 0.5."""
