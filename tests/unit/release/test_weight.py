"""Shares of traffic: typed, stored, shown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from bot.release.weight import BadWeight, Weight


class Holder(BaseModel, frozen=True):
    weight: Weight


@pytest.mark.parametrize(
    ("text", "points", "shown", "number"),
    [
        ("5%", 500, "5 %", 5),
        ("5", 500, "5 %", 5),
        ("0.5%", 50, "0.5 %", 0.5),
        ("0.01%", 1, "0.01 %", 0.01),
        ("33.33%", 3333, "33.33 %", 33.33),
        ("5.00%", 500, "5 %", 5),
        ("100%", 10_000, "100 %", 100),
    ],
)
def test_a_typed_share_is_exact(text: str, points: int, shown: str, number: float) -> None:
    weight = Weight.parse(text)
    assert (weight.basis_points, str(weight), weight.number) == (points, shown, number)
    assert type(weight.number) is type(number)
    assert weight.percent == Decimal(points) / 100
    assert weight.share == points / 10_000
    assert weight.rest == Weight(10_000 - points)


RANGE = "is out of range: a share of traffic is more than 0% and at most 100%, such as 5% or 0.5%"
FINE = "is too fine: a share of traffic has at most two decimals, such as 5% or 0.5%"
FORM = "is not a share of traffic in plain digits with at most two decimals, such as 5% or 0.5%"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0%", RANGE),
        ("0.00", RANGE),
        ("101%", RANGE),
        ("100.01%", RANGE),
        ("1000", RANGE),
        ("-1%", RANGE),
        ("+5%", RANGE),
        ("5.", RANGE),
        ("5.555%", FINE),
        ("NaN%", FORM),
        ("1e9%", FORM),
        ("５%", FORM),  # noqa: RUF001 - full-width on purpose
        ("٥%", FORM),  # noqa: RUF001 - Arabic on purpose
        ("5,5%", FORM),
        (".5%", FORM),
        ("5%%", FORM),
        ("5 %", FORM),
        ("%", FORM),
        ("", FORM),
        ("5%\n", FORM),
    ],
)
def test_what_is_no_share_is_refused_with_an_example(text: str, why: str) -> None:
    with pytest.raises(BadWeight) as caught:
        Weight.parse(text)
    assert str(caught.value) == f'"{text}" {why}'


@pytest.mark.parametrize(
    ("percent", "points"),
    [
        (0, 0),
        (100, 10_000),
        (0.5, 50),
        ("0.25", 25),
        (Decimal("12.5"), 1250),
        (Decimal("1E+1"), 1000),
        (5.0, 500),
    ],
)
def test_a_number_of_percent_may_be_none_or_all(percent: Decimal | float | str, points: int) -> None:
    assert Weight.of(percent) == Weight(points)


@pytest.mark.parametrize(
    ("percent", "why"),
    [
        (-1, "-1 is not a share of traffic: 0 to 100 percent, such as 5 or 0.5"),
        (100.01, "100.01 is not a share of traffic: 0 to 100 percent, such as 5 or 0.5"),
        (float("nan"), "nan is not a share of traffic: 0 to 100 percent, such as 5 or 0.5"),
        (1e300, "1e+300 is not a share of traffic: 0 to 100 percent, such as 5 or 0.5"),
        (True, "True is not a share of traffic: 0 to 100 percent, such as 5 or 0.5"),
        (1e-9, "1e-09 is too fine: a share of traffic has at most two decimals, such as 0.25"),
        ("5." + "0" * 40 + "1", "5.000000000000000000 is too fine: a share of traffic has at most two decimals, such as 0.25"),
    ],
)  # fmt: skip
def test_a_number_that_is_no_share_is_refused(percent: float | str, why: str) -> None:
    with pytest.raises(BadWeight) as caught:
        Weight.of(percent)
    assert str(caught.value) == why


@pytest.mark.parametrize("points", [-1, 10_001])
def test_no_weight_outside_the_range_can_be_built(points: int) -> None:
    with pytest.raises(BadWeight, match="a share of traffic is between 0 and 100 percent, such as 5%"):
        Weight(points)


def test_weights_are_ordered() -> None:
    assert sorted([Weight.FULL, Weight.of(5), Weight.ZERO]) == [Weight.ZERO, Weight.of(5), Weight.FULL]
    assert Weight.FULL.rest == Weight.ZERO


@given(st.integers(0, 10_000).map(Weight))
def test_every_weight_survives_json_and_the_sum_is_whole(weight: Weight) -> None:
    assert Holder.model_validate_json(Holder(weight=weight).model_dump_json()).weight == weight
    assert Weight.of(weight.number) == Weight.of(weight.percent) == weight
    assert weight.basis_points + weight.rest.basis_points == 10_000


def test_json_has_whole_numbers_where_it_can() -> None:
    assert Holder(weight=Weight.of(5)).model_dump_json() == '{"weight":5}'
    assert Holder(weight=Weight.of("0.5")).model_dump(mode="json") == {"weight": 0.5}
    assert Holder.model_json_schema()["properties"]["weight"] == {
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "title": "Weight",
    }


@pytest.mark.parametrize("stored", ["5", True, None, 101, -0.5, 0.001])
def test_a_model_refuses_what_is_no_share(stored: object) -> None:
    with pytest.raises(ValidationError, match="a share of traffic"):
        Holder.model_validate({"weight": stored})
