"""When a release that rests is looked at again."""

import pytest

from bot.reconciler.pacing import next_look
from bot.release.decision import Wait
from tests.unit.release.decide.scene import NOW, at


@pytest.mark.parametrize(("live", "seconds"), [(0, 5), (200, 5), (400, 10), (1000, 25)])
def test_the_more_are_live_the_less_often_one_that_rests_is_looked_at(live: int, seconds: float) -> None:
    assert next_look(Wait("baking", at(5), calm=True), live, NOW) == at(seconds)


def test_what_becomes_due_is_seen_in_time() -> None:
    assert next_look(Wait("baking", at(5), calm=True, deadline=at(7)), 1000, NOW) == at(7)


def test_what_nothing_else_would_tell_of_is_looked_at_as_often_as_ever() -> None:
    assert next_look(Wait("the weight is on its way", at(5)), 1000, NOW) == at(5)
