"""The release record: one attempt to bring one version of one service to its users."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import AwareDatetime, Field

from bot.release.fields import Duration
from bot.release.frozen import Frozen
from bot.release.gate import Gate
from bot.release.meddling import PutBack, Stopped
from bot.release.phases import Phase, may_follow
from bot.release.rules import Rules
from bot.release.schema import WRITER
from bot.release.stored import Stored
from bot.release.weight import Weight


class ActorKind(StrEnum):
    """Who can act."""

    PERSON = "person"
    TERMINAL = "terminal"
    ALERT = "alert"
    LOCKMASTER = "lockmaster"


class Actor(Frozen):
    """Who did it. `id` is a Slack user id, `user@cluster` of a terminal, or an alert's fingerprint."""

    kind: ActorKind
    id: str
    name: str


LOCKMASTER = Actor(kind=ActorKind.LOCKMASTER, id="lockmaster", name="Lockmaster")


class Split(Frozen):
    """How the requests of a service are shared out."""

    stable: Weight
    canary: Weight

    @classmethod
    def of(cls, canary: Weight) -> Self:
        """Give the canary its weight and stable the rest."""
        return cls(stable=canary.rest, canary=canary)


ALL_STABLE = Split(stable=Weight.FULL, canary=Weight.ZERO)


class Stage(Frozen):
    """One step: the canary's weight, how long it is watched there, and whether people are asked afterwards."""

    weight: Weight
    bake: Duration
    gate: Gate


class Kind(StrEnum):
    """What the attempt is for.

    A release brings a new version; a restore brings the version before back, warmed and in one step; adopt and unadopt
    prepare a service for releases and take that back, and move no traffic between versions.
    """

    RELEASE = "release"
    RESTORE = "restore"
    ADOPT = "adopt"
    UNADOPT = "unadopt"


class Pause(Frozen):
    """A person's hold on a live release."""

    by: Actor
    since: AwareDatetime
    because: str | None = None


class Floor(Frozen):
    """The fewest pods that stable's autoscaler may leave it: `held` while the release lives, `was` before and after.

    `left`: somebody set another since, and theirs stays.
    """

    autoscaler: str
    was: int
    held: int
    left: bool = False


class Trigger(StrEnum):
    """What ended a release, or turned it back."""

    PERSON = "person"
    ALERT = "alert"
    METRIC = "metric"
    PODS = "pods"
    DEADLINE = "deadline"
    CLUSTER = "cluster"
    COMPLETION = "completion"


class Ending(Frozen):
    """Why a release ended or turned back: said to people as it stands."""

    trigger: Trigger
    text: str
    by: Actor
    at: AwareDatetime
    sample: str | None = None


class EventKind(StrEnum):
    """What can happen to a release, in the past tense; closed, so that a reader of the history can rely on it."""

    STARTED = "started"
    CLAIMED = "claimed"
    TRACKS_ADDED = "tracks_added"
    ADOPTED = "adopted"
    UNADOPTED = "unadopted"
    STAGE_ENTERED = "stage_entered"
    WEIGHT_ORDERED = "weight_ordered"
    WEIGHT_OBSERVED = "weight_observed"
    ASKED = "asked"
    APPROVED = "approved"
    WAIT_PROLONGED = "wait_prolonged"
    PAUSED = "paused"
    RESUMED = "resumed"
    DRIFTED = "drifted"
    DRIFT_SETTLED = "drift_settled"
    ROLLBACK_ORDERED = "rollback_ordered"
    STABLE_READY = "stable_ready"
    FLOOR_HELD = "floor_held"
    FLOOR_CHANGED = "floor_changed"
    PODS_MISSING = "pods_missing"
    PODS_BACK = "pods_back"
    NEEDED_HUMAN = "needed_human"
    ENDED = "ended"
    TIDIED = "tidied"


class Event(Stored):
    """One line of the history that `show` prints. `revision` is that of the route object after it; `text` is for people."""

    kind: EventKind
    at: AwareDatetime
    by: Actor
    revision: int
    text: str


RECENT = 6


class Release(Stored):
    """Everything the next pass needs to know. Stored as compact JSON in the route object's annotation (< 8 KiB)."""

    WITHIN: ClassVar[dict[str, type[Stored]]] = {"recent": Event}

    written_by: str = WRITER
    id: str
    kind: Kind = Kind.RELEASE
    service: str
    source: str = Field(alias="from")
    target: str = Field(alias="to")
    image: str
    previous_image: str
    stages: tuple[Stage, ...]
    rules: Rules
    phase: Phase = Phase.PREPARING
    phase_since: AwareDatetime
    stage: int = 0
    attempt: int = 1
    weights: Split = ALL_STABLE
    revision: int = 0
    started_at: AwareDatetime
    by: Actor
    because: str | None = None
    channel: str
    full: bool = False
    stable_replicas: int
    leftover_until: AwareDatetime | None = None
    subsets_since: AwareDatetime | None = None
    ordered_at: AwareDatetime | None = None
    observed_at: AwareDatetime | None = None
    exposed_since: AwareDatetime | None = None
    patience_until: AwareDatetime | None = None
    asked_at: AwareDatetime | None = None
    paused: Pause | None = None
    approvals: tuple[Actor, ...] = ()
    approved_by: tuple[Actor, ...] = ()
    ending: Ending | None = None
    ended_at: AwareDatetime | None = None
    tidied: bool = False
    drift: Split | None = None
    differences: tuple[str, ...] = ()
    entry: str | None = None
    put_back: PutBack | None = None
    stopped: Stopped | None = None
    entered: int = 0
    baseline_p95: float | None = None
    floor: Floor | None = None
    short_since: AwareDatetime | None = None
    recent: tuple[Event, ...] = ()

    @property
    def number(self) -> int:
        """What stands behind the `R-`."""
        return int(self.id.removeprefix("R-"))

    @property
    def current(self) -> Stage:
        """The stage the release stands at."""
        return self.stages[self.stage]

    @property
    def following(self) -> Stage | None:
        """The stage after this one; none at the last."""
        return self.stages[self.stage + 1] if self.stage + 1 < len(self.stages) else None

    @property
    def move(self) -> str:
        """What it does, in a word or two: `v1.2.9 → v1.3.0`, `adoption`."""
        if self.kind in (Kind.ADOPT, Kind.UNADOPT):
            return f"{self.kind}ion"
        return f"{self.source} → {self.target}"

    @property
    def live(self) -> bool:
        """True until the terminal phase."""
        return not self.phase.terminal

    @property
    def token(self) -> str:
        """What a button is bound to: a press that names an older one is stale."""
        return f"{self.id}:{self.stage}:{self.attempt}"

    def enter(self, phase: Phase, event: Event, **changes: object) -> "Release":
        """Move to another phase of the table; what turned back never goes forward again. Raises `AssertionError` otherwise: a bug."""
        if not may_follow(self.phase, phase) or (self.ending is not None and phase.forward):
            raise AssertionError(f"{self.id}: {phase} may not follow {self.phase}")
        entered = {"phase": phase, "phase_since": event.at, "entered": event.revision, "stopped": None}
        return self.after(event, **{**entered, "attempt": self.attempt + 1, **changes})

    def after(self, event: Event, **changes: object) -> "Release":
        """Change fields and step the revision: every transition is one write of the route object.

        The last events travel with the record, so that a store that was away misses none.
        """
        recent = (*self.recent, event)[-RECENT:]
        written = {"revision": event.revision, "recent": recent, "written_by": WRITER}
        return self.model_copy(update=written | changes)

    def event(self, kind: EventKind, now: datetime, text: str, by: Actor = LOCKMASTER) -> Event:
        """The event that the next transition carries."""
        return Event(kind=kind, at=now, by=by, revision=self.revision + 1, text=text)

    def for_storage(self) -> str:
        """Compact JSON as it stands in the route's annotation and in the store."""
        return self.model_dump_json(by_alias=True, exclude_defaults=False, exclude_none=True)
