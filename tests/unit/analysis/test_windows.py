"""Which stretch of time is asked about."""

from datetime import timedelta

import pytest

from bot.analysis.figures import counted, milliseconds, percent
from bot.analysis.windows import ARRIVAL, LADDER, arrival_window, window


@pytest.mark.parametrize(
    ("over", "elapsed", "expected"),
    [
        (120, 0, 10),
        (120, 9, 10),
        (120, 10, 10),
        (120, 29, 20),
        (120, 119, 60),
        (120, 4000, 120),
        (90, 4000, 60),
        (5, 60, 10),
        (7200, 7200, 3600),
    ],
)
def test_a_window_is_a_step_of_the_ladder_within_rule_and_time(
    over: int, elapsed: int, expected: int
) -> None:
    assert window(timedelta(seconds=over), timedelta(seconds=elapsed)) == timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("elapsed", "expected"), [(0, None), (2.9, None), (3, 3), (4, 3), (9, 5), (3600, 60)]
)
def test_an_arrival_is_looked_for_after_the_order_alone(elapsed: float, expected: int | None) -> None:
    assert arrival_window(timedelta(seconds=elapsed)) == (timedelta(seconds=expected) if expected else None)


def test_the_ladders_grow() -> None:
    assert sorted(LADDER) == list(LADDER)
    assert sorted(ARRIVAL) == list(ARRIVAL)


def test_figures_are_written_as_people_read_them() -> None:
    assert (percent(0.1234), milliseconds(181.6)) == ("0.12 %", "182 ms")
    spans = [counted(timedelta(seconds=seconds)) for seconds in (10, 60, 90, 120, 3600)]
    assert spans == ["10 s", "1 min", "90 s", "2 min", "60 min"]
