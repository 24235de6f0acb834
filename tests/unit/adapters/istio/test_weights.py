"""Shares of traffic and Istio's integers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.traffic.istio.weights import numbers_of, split_of
from bot.release.model import Split
from bot.release.weight import Weight


@given(st.integers(0, 10_000))
def test_every_split_survives_its_integers(points: int) -> None:
    split = Split.of(Weight(points))

    assert split_of(*numbers_of(split)) == split


@given(st.integers(0, 10_000))
def test_what_is_written_adds_up_to_100_or_to_all_basis_points_and_is_never_all_zero(points: int) -> None:
    numbers = numbers_of(Split.of(Weight(points)))

    assert sum(numbers) in (100, 10_000)
    assert min(numbers) >= 0


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_a_share_reads_as_zero_only_where_it_is_zero(stable: int, canary: int) -> None:
    split = split_of(stable, canary)

    if split is None:
        assert (stable, canary) == (0, 0)
        return
    assert (split.canary.basis_points == 0) == (canary == 0)
    assert (split.stable.basis_points == 0) == (stable == 0)
    assert abs(split.canary.share - canary / (stable + canary)) <= 0.0001


@pytest.mark.parametrize(
    ("share", "numbers"),
    [("5%", (95, 5)), ("0.5%", (9950, 50)), ("100%", (0, 100)), ("99.99%", (1, 9999))],
)
def test_whole_percents_are_written_as_percents(share: str, numbers: tuple[int, int]) -> None:
    assert numbers_of(Split.of(Weight.parse(share))) == numbers


def test_a_thousandth_is_read_from_weights_that_do_not_add_up_to_100() -> None:
    assert split_of(999, 1) == Split.of(Weight(10))
