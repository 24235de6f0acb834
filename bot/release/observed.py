"""What a pass saw of the world, reduced to what deciding needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.release.instructions import Instruction
from bot.release.model import Split
from bot.release.verdict import Judgement


@dataclass(frozen=True, slots=True)
class TrackSeen:
    """One Deployment. `trouble` is its pods' own words when some are not well; `broken`: they will not mend by waiting.

    `unready` says what is not ready yet where nothing is wrong. `crashing`: its containers end again and again since traffic came.
    `taken_away`: the pods that had the traffic went, or are going, by no fault of theirs (a drain, an eviction).
    `marked`: its pods carry the track label; `ours`: it is stamped by this very release, `revision` by whichever it was.
    """

    image: str
    replicas: int
    ready: int
    settled: bool
    marked: bool
    ours: bool
    trouble: str | None
    broken: bool
    unready: str | None = None
    crashing: bool = False
    taken_away: bool = False
    revision: int = 0

    @property
    def older(self) -> bool:
        """Whether another release made it; while ours holds the route that can only be one before."""
        return self.revision > 0 and not self.ours

    @property
    def words(self) -> str:
        """Why it is not well: its pods' own words, else how many are ready."""
        counted = f"{self.ready} of {self.replicas} pods ready"
        return self.trouble or (f"{counted}, {self.unready}" if self.unready else counted)


@dataclass(frozen=True, slots=True)
class AutoscalerSeen:
    """What scales stable: between `floor` and `ceiling` pods. `was`: its floor but for what a release holds.

    `held` is what this very release set the floor to, None while it holds none; `revision` is the newest stamp on it.
    """

    name: str
    floor: int
    ceiling: int
    was: int
    held: int | None
    revision: int


@dataclass(frozen=True, slots=True)
class Unseen:
    """It cannot be told whether anything scales stable."""

    why: str


@dataclass(frozen=True, slots=True)
class RouteSeen:
    """`weights` None: the route does not name the tracks. `subsets`: the tracks exist beside it. `claimed`: by this release.

    `others` says who else holds it live, if anybody; `successor` is the id of the release that was written there after ours, live or
    ended. `unreadable`: it names this release, with a record of another schema. `fault` says why it cannot be moved as it is, and
    what to do. Of `writable`, `changed`, `lost`, `writer` and `where` the port `Traffic` tells.
    """

    weights: Split | None
    subsets: bool
    claimed: bool
    revision: int
    others: str | None
    successor: str | None = None
    unreadable: bool = False
    fault: str | None = None
    writable: bool = True
    changed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    writer: str | None = None
    where: str = ""


NO_REQUESTS = "no requests"


@dataclass(frozen=True, slots=True)
class MeshSeen:
    """What the mesh's control plane says of itself. `away`: it gave figures in the last hour, and gives none now.

    `refused`: how many updates proxies did not take in the last 5 minutes.
    """

    away: bool
    refused: float


@dataclass(frozen=True, slots=True)
class ShareSeen:
    """The canary's part of the requests since the weight was ordered, 0 to 1; None with `why` when it cannot be told.

    `mesh` is looked at only while a weight is late; None where it says nothing.
    """

    canary: float | None
    requests: float
    why: str | None = None
    mesh: MeshSeen | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the catalogue says of waiting. `leftover_until`: pods of an earlier canary stay until then."""

    settle: timedelta
    ready_within: timedelta
    patience: timedelta
    leftover_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """What no longer exists. `whole`: the workload itself, so that there is nothing left to release."""

    what: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that one decision looks at, besides the release and the time.

    `remembered` is False while the store cannot be reached: then nothing moves forward. `reached` is False while the cluster cannot
    be: then nothing is decided, and this is shown alone. `turn`: so long until the mesh's pace lets the decided step go.
    `outdated`: what the catalogue says otherwise than when the release started.
    """

    route: RouteSeen
    stable: TrackSeen | None
    canary: TrackSeen | None
    judgement: Judgement
    share: ShareSeen
    terms: Terms
    inbox: tuple[Instruction, ...] = ()
    gone: Gone | None = None
    autoscaler: AutoscalerSeen | Unseen | None = None
    remembered: bool = True
    reached: bool = True
    turn: timedelta | None = None
    outdated: tuple[str, ...] = ()
