"""Which steps make the mesh push and so have to wait for their turn. Bringing traffic back never does."""

from typing import assert_never

from bot.release.decision import (
    AddTracks,
    Decision,
    Drop,
    DropTracks,
    EndUnclaimed,
    EnsureCanary,
    GiveBackFloor,
    HoldFloor,
    LeaveRoute,
    MarkStable,
    PatchStable,
    RemoveCanary,
    ScaleCanary,
    SetWeights,
    Turn,
    Wait,
)
from bot.release.model import Kind, Release, Split
from bot.release.phases import Phase


def waits_for_its_turn(decision: Decision, weights: Split | None) -> bool:
    """Whether the step is paced; `weights` are those of the route now. Records alone and workloads push nothing."""
    match decision:
        case SetWeights(release=release):
            return _moves_forward(release, weights)
        case AddTracks() | LeaveRoute() | DropTracks():
            return True
        case Wait() | Turn() | Drop() | EndUnclaimed():
            return False
        case MarkStable() | EnsureCanary() | ScaleCanary() | PatchStable() | RemoveCanary():
            return False
        case HoldFloor() | GiveBackFloor():
            return False
        case _:
            assert_never(decision)


def _moves_forward(release: Release, before: Split | None) -> bool:
    """A restore is a rollback to whoever waits for it. At a promotion's end, less for the canary is forward, too."""
    if release.phase is Phase.ROLLING_BACK or release.kind is Kind.RESTORE:
        return False
    if before is None or release.weights.canary > before.canary:
        return True
    return release.phase is Phase.FINISHING and release.weights != before
