"""The objects of the fake cluster, as small as the fakes need them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.ports.workloads import Pod
from bot.release.model import Split

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
"""Since when there are the pods."""


@dataclass(slots=True)
class Deployed:
    """A Deployment. `ready` and `settled` are what the controller has reached so far."""

    namespace: str
    name: str
    image: str
    version: str | None
    replicas: int
    track: str | None = None
    owner: str | None = None
    revision: int = 0
    ready: int = 0
    settled: bool = True
    evicted: int = 0
    crashes: dict[int, int] = field(default_factory=dict)
    crashed: datetime | None = None

    def __str__(self) -> str:
        return f"Deployment {self.namespace}/{self.name}"


@dataclass(slots=True)
class Routed:
    """A route object with the subsets beside it; `made` tells that adoption made them, not the user."""

    namespace: str
    name: str
    version: int
    weights: Split | None = None
    subsets: bool = False
    made: bool = False
    revision: int = 0
    release: str | None = None
    state: str | None = None
    managed: bool = False
    writer: str | None = None

    def __str__(self) -> str:
        return f"VirtualService {self.namespace}/{self.name}"


@dataclass(slots=True)
class Scaled:
    """The autoscaler of a Deployment of that name. `held` and `was` are what a release noted there."""

    namespace: str
    name: str
    floor: int
    ceiling: int
    counts_canary: bool = True
    held: int | None = None
    was: int | None = None
    owner: str | None = None
    revision: int = 0

    def __str__(self) -> str:
        return f"HorizontalPodAutoscaler {self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Written:
    """One write that reached the cluster: the verb of the port and the object's name."""

    verb: str
    name: str


def leaving(deployed: Deployed, number: int) -> Pod:
    """A pod that was told to go, and still answers."""
    return Pod(
        name=f"{deployed.name}-gone-{number}",
        ready=True,
        reason="EvictionByEvictionAPI",
        message="Eviction API: evicting",
        restarts=0,
        terminating=True,
        created=LONG_AGO,
    )
