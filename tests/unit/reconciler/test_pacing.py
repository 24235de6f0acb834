"""Which steps wait for their turn."""

from inspect import cleandoc as block

from bot.reconciler.pacing import waits_for_its_turn
from bot.release.decision import (
    AddTracks,
    Decision,
    Drop,
    DropTracks,
    LeaveRoute,
    MarkStable,
    PatchStable,
    RemoveCanary,
    SetWeights,
    Turn,
)
from bot.release.model import ALL_STABLE, Kind, Split
from bot.release.phases import Phase
from tests.support.values import event
from tests.unit.release.decide.scene import release, split

NOT_ADOPTED = None


def ordered(weights: Split, phase: Phase = Phase.SHIFTING, kind: Kind = Kind.RELEASE) -> SetWeights:
    return SetWeights(release(phase, weights=weights, kind=kind), event())


CASES: dict[str, tuple[Decision, Split | None]] = {
    "more to the canary": (ordered(split(25)), split(5)),
    "the tracks named": (ordered(ALL_STABLE, Phase.PREPARING), NOT_ADOPTED),
    "home to a stable that was updated": (ordered(ALL_STABLE, Phase.FINISHING), split(100)),
    "the subsets added": (AddTracks(), NOT_ADOPTED),
    "the route left": (LeaveRoute(release(), event()), ALL_STABLE),
    "the subsets dropped": (DropTracks(release(), event()), NOT_ADOPTED),
    "a rollback": (ordered(ALL_STABLE, Phase.ROLLING_BACK), split(100)),
    "a rollback that names the tracks again": (ordered(ALL_STABLE, Phase.ROLLING_BACK), NOT_ADOPTED),
    "a restore": (ordered(split(100), kind=Kind.RESTORE), ALL_STABLE),
    "less to the canary": (ordered(split(5)), split(50)),
    "the same": (ordered(split(5)), split(5)),
    "home already": (ordered(ALL_STABLE, Phase.FINISHING), ALL_STABLE),
    "a record alone": (Turn(release(), event()), split(5)),
    "nothing": (Drop(("wish",)), split(5)),
    "a label": (MarkStable(), NOT_ADOPTED),
    "an image": (PatchStable("image", "v1"), split(100)),
    "pods": (RemoveCanary(), ALL_STABLE),
}


def test_what_makes_the_mesh_push_waits_unless_it_brings_traffic_back() -> None:
    waiting = [name for name, (decision, weights) in CASES.items() if waits_for_its_turn(decision, weights)]
    assert "\n".join(waiting) == block("""
        more to the canary
        the tracks named
        home to a stable that was updated
        the subsets added
        the route left
        the subsets dropped
        """)
