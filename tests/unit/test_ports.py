"""Values that adapters are handed, and cannot be made wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ports.traffic import RouteWrite
from bot.release.model import Split
from bot.release.weight import Weight


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_write_of_weights_that_are_not_all_requests_cannot_be_made(stable: int, canary: int) -> None:
    split = Split(stable=Weight(stable), canary=Weight(canary))

    if stable + canary == 10_000:
        assert RouteWrite("R-1", 1, "{}", split).weights == split
        return
    with pytest.raises(AssertionError, match="are not all requests"):
        RouteWrite("R-1", 1, "{}", split)


def test_a_write_of_zeros_alone_cannot_be_made() -> None:
    with pytest.raises(AssertionError, match="R-1: 0 % and 0 % are not all requests"):
        RouteWrite("R-1", 1, "{}", Split(stable=Weight.ZERO, canary=Weight.ZERO))
