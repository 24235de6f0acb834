"""The table of transitions leads every release to an end, and backwards only to stable."""

from itertools import chain
from pathlib import Path

import pytest

from bot.release.model import EventKind
from bot.release.phases import FORWARD, TRANSITIONS, Phase, diagram, may_follow
from tests.unit.release.decide.scene import ENDING, NOW, release

TERMINAL = {Phase.PROMOTED, Phase.ROLLED_BACK, Phase.CANCELLED}
CARRIES_TRAFFIC = FORWARD - {Phase.PREPARING}


def reachable(start: Phase) -> set[Phase]:
    seen: set[Phase] = set()
    ahead = {start}
    while ahead:
        seen |= ahead
        ahead = set(chain.from_iterable(TRANSITIONS[phase] for phase in ahead)) - seen
    return seen


def test_every_phase_has_its_place_in_the_table() -> None:
    assert set(TRANSITIONS) == set(Phase)


def test_nothing_follows_the_end_and_only_the_end() -> None:
    assert {phase for phase in Phase if phase.terminal} == TERMINAL


@pytest.mark.parametrize("phase", sorted(set(Phase) - TERMINAL))
def test_every_phase_leads_to_an_end(phase: Phase) -> None:
    assert reachable(phase) & TERMINAL


def test_every_phase_can_be_reached_from_the_first() -> None:
    assert reachable(Phase.PREPARING) == set(Phase)


@pytest.mark.parametrize("phase", sorted(CARRIES_TRAFFIC))
def test_a_release_that_carries_traffic_may_always_turn_back(phase: Phase) -> None:
    assert may_follow(phase, Phase.ROLLING_BACK)


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.PROMOTING, Phase.FINISHING])
def test_a_release_that_turned_back_never_goes_forward_again(phase: Phase) -> None:
    stopped = release(Phase.NEEDS_HUMAN)
    event = stopped.event(EventKind.RESUMED, NOW, "mended")
    assert stopped.enter(phase, event).phase is phase
    with pytest.raises(AssertionError, match=f"R-1: {phase} may not follow needs_human"):
        stopped.model_copy(update={"ending": ENDING}).enter(phase, event)
    assert not {one for one in FORWARD if may_follow(Phase.ROLLING_BACK, one)}


def test_a_live_release_may_always_be_cancelled_because_its_target_may_vanish() -> None:
    assert {phase for phase in Phase if may_follow(phase, Phase.CANCELLED)} == set(Phase) - TERMINAL


def test_only_finishing_ends_promoted_or_an_adoption_which_moves_no_traffic() -> None:
    assert [phase for phase in Phase if may_follow(phase, Phase.PROMOTED)] == [
        Phase.PREPARING,
        Phase.FINISHING,
    ]


def test_forward_is_what_heads_for_promotion() -> None:
    assert {phase for phase in Phase if phase.forward} == FORWARD
    assert not FORWARD & TERMINAL


def test_the_diagram_in_the_docs_is_the_table() -> None:
    architecture = Path(__file__).parents[3] / "docs" / "architecture.md"
    assert f"```mermaid\n{diagram()}\n```" in architecture.read_text(encoding="utf-8")
