"""The router of a service: its route object is the truth of a live release."""

from dataclasses import dataclass, field
from typing import Protocol

from bot.config.catalogue import Service
from bot.errors import Reason
from bot.release.baseline import Baseline
from bot.release.grant import Grant
from bot.release.model import Split


@dataclass(frozen=True, slots=True)
class Route:
    """The route object as last seen.

    `weights` is None while the route does not name the two tracks (not adopted). `revision`, `release` and `state` are our three
    annotations (0 and None without). `subsets` tells whether the tracks exist beside the route (Istio: the DestinationRule's
    subsets). `version` is the object's resourceVersion, the fence of every write.

    `fault` says why the route cannot be moved by weights as it is; `weights` is None then. `writable`: writing weights mends it.
    `changed` lists, for people, what else
    of the routing differs from the baseline that a release took. `lost` names the tracks that the route names and that no longer
    exist beside it. `writer` is the field manager that wrote the routing last, None when it was Lockmaster or nobody knows;
    `where` is the JSON pointer of the destinations whose weights are moved.
    """

    name: str
    version: str
    weights: Split | None
    subsets: bool
    revision: int
    release: str | None
    state: str | None
    fault: Reason | None = None
    writable: bool = True
    changed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    writer: str | None = field(default=None, compare=False)
    where: str = field(default="", compare=False)

    @property
    def adopted(self) -> bool:
        """True when the route names both tracks."""
        return self.weights is not None


@dataclass(frozen=True, slots=True)
class RouteWrite:
    """What one write carries, all together. `weights` None leaves the routing untouched (annotations only, free in a mesh)."""

    release: str
    revision: int
    state: str
    weights: Split | None
    baseline: Baseline = Baseline.LEAVE

    def __post_init__(self) -> None:
        """Weights that are all zero freeze the routes of every service on the port: such a write cannot even be made."""
        split = self.weights
        if split is not None and split.canary != split.stable.rest:
            raise AssertionError(f"{self.release}: {split.stable} and {split.canary} are not all requests")


class Traffic(Protocol):
    """One adapter a router."""

    async def read(self, service: Service, *, fresh: bool = False) -> Route:
        """The route now; `fresh` asks the API server instead of the watch. Raises `TargetGone`; a wrong shape is its `fault`."""
        ...

    async def write(self, grant: Grant, service: Service, seen: Route, change: RouteWrite) -> Route:
        """One compare-and-set write against `seen.version`: weights, three annotations and the label `lockmaster.dev/managed`.

        With weights on a route that is not adopted, the tracks are named in it by the same write (subsets must be there).
        Headers, mirrors, other routes and fields of the user's stay. Raises `Conflict` when the object changed since `seen`, `Refused`
        when it cannot be moved as it is, when the cluster denies the write, and with the code `altered` when it stored another.
        """
        ...

    async def examine(self, service: Service, *, fresh: bool = True) -> tuple[Reason, ...]:
        """What keeps the service from being released, each with how to mend it; empty when it is ready (adopted or not).

        `fresh` asks the API server instead of the watches.
        """
        ...

    async def add_tracks(self, grant: Grant, service: Service) -> None:
        """First half of adoption: create the tracks beside the route (Istio: two subsets in the DestinationRule)."""
        ...

    async def unadopt(self, grant: Grant, service: Service, seen: Route) -> None:
        """Take the tracks out of the route again, exactly what adoption put in (the tracks themselves stay until `drop_tracks`)."""
        ...

    async def drop_tracks(self, grant: Grant, service: Service) -> None:
        """Delete the tracks beside the route, those that adoption made."""
        ...

    async def managed(self) -> tuple[Route, ...]:
        """Every route object with the label `lockmaster.dev/managed=true`, from the watch."""
        ...
