"""What a pass looks at: the route, both Deployments, the newest sample, what people asked for."""

from dataclasses import dataclass

from bot.config.catalogue import Service
from bot.errors import TargetGone, Unavailable
from bot.ports.traffic import Route, Traffic
from bot.ports.workloads import Track, Workload, Workloads
from bot.reconciler.registry import Registry
from bot.reconciler.sampler import Sampler
from bot.release.decide.ended import KEEP
from bot.release.instructions import Instruction
from bot.release.model import Release
from bot.release.observed import Gone, Observed, RouteSeen, Terms, TrackSeen

BROKEN = frozenset(
    {
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "OOMKilled",
    }
)
"""Reasons of a pod that do not mend by waiting."""

NO_ROUTE = RouteSeen(weights=None, subsets=False, claimed=False, revision=0, others=None)


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen, and the route object it was seen in: the fence of what follows."""

    observed: Observed
    route: Route | None


class Observer:
    """Looks; changes nothing."""

    def __init__(self, traffic: Traffic, workloads: Workloads, registry: Registry, sampler: Sampler) -> None:
        self._traffic = traffic
        self._workloads = workloads
        self._registry = registry
        self._sampler = sampler

    async def look(
        self,
        release: Release,
        service: Service,
        route: Route | None,
        inbox: tuple[Instruction, ...],
        *,
        remembered: bool,
    ) -> Sight:
        """See everything that one decision needs. `route` None: the route object is gone."""
        gone = None if route is not None else Gone(f"the route object of {service.name}", whole=False)
        stable = canary = None
        try:
            stable = await self._workloads.read(service, Track.STABLE)
            canary = await self._workloads.read(service, Track.CANARY)
        except TargetGone as error:
            gone = Gone(error.what, whole=True)
        except Unavailable:
            if not any(wish.ask == "roll_back" for wish in inbox):
                raise
        else:
            if stable is None:
                gone = Gone(f"Deployment {service.namespace}/{service.deployment}", whole=True)
        sampled = self._sampler.latest(release)
        observed = Observed(
            route=self._route(release, route),
            stable=_track(release, stable),
            canary=_track(release, canary),
            judgement=sampled.judgement,
            share=sampled.share,
            terms=self._terms(service, route),
            inbox=inbox,
            gone=gone,
            remembered=remembered,
        )
        return Sight(observed, route)

    def _route(self, release: Release, route: Route | None) -> RouteSeen:
        if route is None:
            return NO_ROUTE
        written = self._registry.read(route)
        unreadable = route.state is not None and written is None
        ours, others = route.release == release.id, None
        if written is not None and written.live and not ours:
            others = (
                f"{written.id} ({written.target}, by {written.by.name}, since {written.started_at:%H:%M} UTC)"
            )
        elif unreadable and not ours:
            others = "a release whose record this version of Lockmaster cannot read"
        return RouteSeen(
            weights=route.weights,
            subsets=route.subsets,
            claimed=ours and written is not None,
            revision=route.revision,
            others=others,
            unreadable=unreadable and ours,
        )

    def _terms(self, service: Service, route: Route | None) -> Terms:
        before = self._registry.read(route) if route is not None else None
        left = before.ended_at + KEEP if before is not None and before.ended_at is not None else None
        return Terms(service.traffic.istio.settle, service.ready_within, service.patience, left)


def _track(release: Release, workload: Workload | None) -> TrackSeen | None:
    if workload is None:
        return None
    unwell = [pod for pod in workload.pods if not pod.ready and not pod.terminating and pod.reason]
    broken = any(pod.reason in BROKEN for pod in unwell)
    trouble = None
    if unwell:
        first = next((pod for pod in unwell if pod.reason in BROKEN), unwell[0])
        trouble = f"{first.reason}: {first.message}" if first.message else str(first.reason)
    return TrackSeen(
        image=workload.image,
        replicas=workload.replicas,
        ready=workload.ready,
        settled=workload.settled,
        marked=workload.track == "stable",
        ours=workload.owner == release.id,
        trouble=trouble,
        broken=broken,
    )
