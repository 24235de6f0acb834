"""The Deployments of a service: stable, which is the user's, and the canary, which is ours."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.config.catalogue import Service
from bot.release.grant import Grant


class Track(StrEnum):
    """The values of the pod label `lockmaster.dev/track`."""

    STABLE = "stable"
    CANARY = "canary"


@dataclass(frozen=True, slots=True)
class Pod:
    """`reason` and `message` are the pod's own words (ImagePullBackOff, CrashLoopBackOff, OOMKilled, Unschedulable).

    Where nothing is wrong there is no reason; `message` then says what is not ready yet. `restarts` is of all its containers together;
    `crashed` when one of them last ended with an error, `created` since when there is the pod (None where it is not known, or was
    never made), `release` which one a canary's pod was made for. `terminating`: it goes, or has ended for good (evicted); the reason
    is then why.
    """

    name: str
    ready: bool
    reason: str | None
    message: str | None
    restarts: int
    terminating: bool
    created: datetime | None = None
    crashed: datetime | None = None
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment as last seen. `settled`: its newest template is seen by the controller, rolled out, old pods gone, all ready.

    `replicas` is what is asked for, `ready` how many pods answer; `image` is that of the service's container; `track` is the track
    label of its pod template; `owner` the release stamped on it and `revision` that stamp's revision (0 without).
    """

    name: str
    image: str
    version: str | None
    track: str | None
    replicas: int
    ready: int
    settled: bool
    owner: str | None
    revision: int
    pods: tuple[Pod, ...]


class Workloads(Protocol):
    """Every write is idempotent, carries the stamp (release and revision), and is refused (`Conflict`) where a newer one stands."""

    async def read(self, service: Service, track: Track, *, fresh: bool = False) -> Workload | None:
        """What runs; None where there is no such Deployment. `fresh` asks the cluster and not a watch, but for its pods.

        Raises `TargetGone` when the namespace is gone or being deleted.
        """
        ...

    async def ensure_canary(
        self, grant: Grant, service: Service, *, image: str, version: str, replicas: int
    ) -> None:
        """Create `<deployment>-canary` as a copy of stable's template (or replace the template of one left over) with that image.

        Its pods carry the release's id, so those of a release before are replaced even where the image is the same.
        `version` is label-safe; written to the template's `version` label where stable has one.
        """
        ...

    async def scale_canary(self, grant: Grant, service: Service, replicas: int) -> None:
        """Set the canary's replicas, ≥ 1."""
        ...

    async def set_stable_image(self, grant: Grant, service: Service, *, image: str, version: str) -> None:
        """Patch stable's image (and `version` label, where there is one): an ordinary rolling update."""
        ...

    async def remove_canary(self, grant: Grant, service: Service) -> None:
        """Delete the canary Deployment; nothing happens when it is not there or belongs to a newer release."""
        ...

    async def mark_stable(self, grant: Grant, service: Service) -> None:
        """Give stable's pod template the label `lockmaster.dev/track: stable`: one ordinary rolling update."""
        ...

    async def unmark_stable(self, grant: Grant, service: Service) -> None:
        """Take that label back."""
        ...
