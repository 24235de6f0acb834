"""Stored and configured values cannot change, and hold nothing they do not know."""

import pytest
from pydantic import Field, ValidationError

from bot.release.frozen import Frozen


class Point(Frozen):
    across: int = Field(alias="x")


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Point(across=1).across = 2  # type: ignore[misc]  # that is the point


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Point.model_validate({"x": 1, "z": 2})


def test_a_field_may_be_given_by_its_name_or_its_stored_name() -> None:
    assert Point.model_validate({"across": 1}) == Point.model_validate({"x": 1})


def test_equal_values_are_one_in_a_set() -> None:
    assert len({Point(across=1), Point(across=1)}) == 1
