"""Durations: typed and written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.duration import LONGEST, BadDuration, parse_duration, render_duration

MILLISECOND = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("text", "seconds", "canonical"),
    [
        ("1s", 1, "1s"),
        ("90s", 90, "1m30s"),
        ("10m", 600, "10m"),
        ("2H", 7200, "2h"),
        ("1h30m", 5400, "1h30m"),
        ("1500ms", 1.5, "1s500ms"),
        ("720h", 2_592_000, "720h"),
    ],
)
def test_a_typed_duration_has_a_canonical_text(text: str, seconds: float, canonical: str) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)
    assert render_duration(parse_duration(text)) == canonical


@pytest.mark.parametrize(
    "text", ["", "10", "10 m", "m", "10min", "30m1h", "-5s", "1.5h", "5s\n", "\uff110s", "1d"]
)
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadDuration) as caught:
        parse_duration(text)
    assert (
        str(caught.value)
        == f'"{text}" is not a duration: expected a number and a unit, such as 90s, 10m or 2h'
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0s", '"0s" is too short: the shortest is 1s, a usual one is 10m'),
        ("999ms", '"999ms" is too short: the shortest is 1s, a usual one is 10m'),
        ("721h", '"721h" is too long: the longest is 720h'),
    ],
)
def test_too_short_and_too_long_are_refused(text: str, why: str) -> None:
    with pytest.raises(BadDuration) as caught:
        parse_duration(text)
    assert str(caught.value) == why


def test_a_limit_may_be_shorter_than_a_bake() -> None:
    assert parse_duration("300ms", shortest=MILLISECOND) == timedelta(milliseconds=300)


def test_no_time_at_all_can_be_written() -> None:
    assert render_duration(timedelta(microseconds=999)) == "0s"


@given(st.timedeltas(MILLISECOND, LONGEST).map(lambda length: length - length % MILLISECOND))
def test_what_is_written_is_read_back(length: timedelta) -> None:
    assert parse_duration(render_duration(length), shortest=MILLISECOND) == length
