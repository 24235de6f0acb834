"""Durations and percentages are taken as people write them, and stored as numbers."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.release.fields import Duration, Percentage
from bot.release.frozen import Frozen


class Limits(Frozen):
    within: Duration = timedelta(minutes=1)
    share: Percentage = 1.0


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("300ms", timedelta(milliseconds=300)),
        ("0s", timedelta(0)),
        (90, timedelta(seconds=90)),
        (0.25, timedelta(milliseconds=250)),
        (0, timedelta(0)),
        (timedelta(days=40), timedelta(days=40)),
    ],
)
def test_a_duration_may_be_text_or_seconds(written: object, meant: timedelta) -> None:
    assert Limits.model_validate({"within": written}).within == meant


@pytest.mark.parametrize(
    "written", [True, -1, float("nan"), float("inf"), 1e9, None, [], "soon", "-5s", "", "31d"]
)
def test_anything_else_is_no_duration(written: object) -> None:
    with pytest.raises(ValidationError, match="duration"):
        Limits.model_validate({"within": written})


@pytest.mark.parametrize(
    ("written", "meant"), [("0.5%", 0.5), ("20 %", 20), ("7", 7), (0.5, 0.5), (5, 5), (0, 0), ("150%", 150)]
)
def test_a_percentage_may_be_text_or_a_number(written: object, meant: float) -> None:
    assert Limits.model_validate({"share": written}).share == meant


@pytest.mark.parametrize(
    "written", [True, -1, float("nan"), float("inf"), None, "", "%", "-5%", "0.125%", "\uff15%", "5%%", "1e3"]
)
def test_anything_else_is_no_percentage(written: object) -> None:
    with pytest.raises(ValidationError, match=r"expected a percentage such as 0\.5% or 20%"):
        Limits.model_validate({"share": written})


def test_both_are_stored_as_numbers_and_read_back() -> None:
    limits = Limits(within=timedelta(minutes=2), share=0.5)
    assert limits.model_dump_json() == '{"within":120.0,"share":0.5}'
    assert Limits.model_validate_json(limits.model_dump_json()) == limits
