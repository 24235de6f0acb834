"""What to do next: a closed union, matched exhaustively by `bot.reconciler.act`."""

from dataclasses import dataclass
from datetime import datetime

from bot.release.baseline import Baseline
from bot.release.model import Event, Release


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do; look again at `until` at the latest. `why` is for people.

    `calm`: before the `deadline` nothing becomes due by itself, and whatever else could change anything wakes the release. So where
    many are live it may be looked at less often.
    """

    why: str
    until: datetime | None = None
    calm: bool = False
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One write of the route object: the new record in its annotations; the weights stay."""

    release: Release
    event: Event
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetWeights:
    """One write of the route object: the new record and the weights it orders; `baseline` for the rest of the route."""

    release: Release
    event: Event
    taken: tuple[str, ...] = ()
    baseline: Baseline = Baseline.LEAVE


@dataclass(frozen=True, slots=True)
class Drop:
    """Wishes that came too late or twice: taken in without effect."""

    taken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndUnclaimed:
    """The route object is not ours (never claimed, gone, or given back): end in the record alone."""

    release: Release
    event: Event


@dataclass(frozen=True, slots=True)
class MarkStable:
    """Adoption: give stable's pods the track label."""


@dataclass(frozen=True, slots=True)
class AddTracks:
    """Adoption: create the tracks beside the route."""


@dataclass(frozen=True, slots=True)
class LeaveRoute:
    """Unadoption: take the tracks out of the route."""

    release: Release
    event: Event


@dataclass(frozen=True, slots=True)
class DropTracks:
    """Unadoption: delete the tracks beside the route, and the track label of stable's pods."""

    release: Release
    event: Event


@dataclass(frozen=True, slots=True)
class HoldFloor:
    """Let stable's autoscaler leave it at least so many pods."""

    pods: int


@dataclass(frozen=True, slots=True)
class GiveBackFloor:
    """After the end: the floor of stable's autoscaler as it was."""


@dataclass(frozen=True, slots=True)
class EnsureCanary:
    """Create the canary, or give a left-over one this release's image."""

    image: str
    version: str
    replicas: int


@dataclass(frozen=True, slots=True)
class ScaleCanary:
    """Give the canary so many pods."""

    replicas: int


@dataclass(frozen=True, slots=True)
class PatchStable:
    """Give stable that image by an ordinary rolling update."""

    image: str
    version: str


@dataclass(frozen=True, slots=True)
class RemoveCanary:
    """Clean up after the end."""


Decision = (
    Wait
    | Turn
    | SetWeights
    | Drop
    | EndUnclaimed
    | MarkStable
    | AddTracks
    | LeaveRoute
    | DropTracks
    | HoldFloor
    | GiveBackFloor
    | EnsureCanary
    | ScaleCanary
    | PatchStable
    | RemoveCanary
)
