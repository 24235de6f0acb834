"""Values built in the program obey the same rules as those that are read."""

from datetime import timedelta

import pytest
from pydantic import BaseModel, ValidationError

from bot.config.catalogue import Approval, Approvers, Canary, Service
from bot.config.problems import dotted, expected, fields_at, got, unknown
from bot.release.weight import Weight


def test_a_canary_is_built_from_weights() -> None:
    assert Canary(weights=(Weight.of(1), Weight.FULL)).weights == (Weight.of(1), Weight.FULL)


def test_an_approval_may_be_given_as_such() -> None:
    assert Approvers(promote=Approval(count=2)).promote == Approval(count=2)


def test_a_bake_below_one_second_is_refused() -> None:
    with pytest.raises(ValidationError, match="expected at least 1s"):
        Canary(bake=timedelta(milliseconds=999))


def test_the_stored_form_of_a_canary_reads_back() -> None:
    canary = Canary(weights=(Weight.of("0.5"), Weight.FULL), bake=timedelta(seconds=90))
    assert Canary.model_validate_json(canary.model_dump_json()) == canary


def test_the_fields_known_at_a_place_are_those_of_the_model_there() -> None:
    assert fields_at(Service, ("approvers", "promote")) == ("group", "count", "not_requester")
    assert fields_at(Service, ("container", "x")) == ()
    assert fields_at(Service, ("nothing",)) == ()


def test_a_name_without_a_close_one_gets_no_guess() -> None:
    assert unknown("zzz", ["limit", "hard"]) == 'expected one of hard, limit (got "zzz")'


def test_what_was_there_is_shown_short_and_on_one_line() -> None:
    assert got("a\nb\u202e") == '(got "a\\nb\\u202e")'
    assert got("x" * 100) == '(got "' + "x" * 58 + "…)"


def test_places_in_lists_count_from_one() -> None:
    assert dotted(("canary", "weights", 0)) == "canary.weights.1"


def test_a_key_that_would_break_the_line_is_quoted() -> None:
    assert dotted(("rules", "a\nb")) == 'rules."a\\nb"'


def test_an_error_without_words_of_ours_keeps_those_of_the_library() -> None:
    class Dated(BaseModel):
        year: float

    with pytest.raises(ValidationError) as caught:
        Dated.model_validate({"year": "soon"})
    assert expected(caught.value.errors()[0]).startswith("Input should be a valid number")
