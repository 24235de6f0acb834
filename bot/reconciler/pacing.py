"""When something may be done and when it is looked at again. Bringing traffic back waits for neither.

Steps that make the mesh push wait for their turn; the more releases are live, the less often one is looked at that rests.
"""

from datetime import datetime, timedelta
from typing import assert_never

from bot.release.decide.turning import CADENCE
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

AT_REST = 40.0
"""Passes a second, in all, over releases that rest."""


def seldom(live: int) -> timedelta:
    """How long one of so many releases may go without a pass while it rests."""
    return max(CADENCE, timedelta(seconds=live / AT_REST))


def next_look(decision: Wait, live: int, now: datetime) -> datetime | None:
    """When the next pass is due, with so many live."""
    if not decision.calm:
        return decision.until
    due = now + seldom(live)
    return due if decision.deadline is None else min(due, decision.deadline)


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
