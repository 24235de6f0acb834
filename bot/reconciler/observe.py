"""What a pass looks at: the route, both Deployments, the newest sample, what people asked for."""

from dataclasses import dataclass

from bot.config.catalogue import Service
from bot.errors import Refused, TargetGone, Unavailable
from bot.ports.autoscalers import Autoscalers
from bot.ports.traffic import Route, Traffic
from bot.ports.workloads import Track, Workload, Workloads
from bot.reconciler.pods import track_seen
from bot.reconciler.registry import Registry
from bot.reconciler.sampler import Sampler
from bot.release.decide.ended import KEEP
from bot.release.instructions import Instruction
from bot.release.model import Release
from bot.release.observed import AutoscalerSeen, Gone, Observed, RouteSeen, Terms, Unseen
from bot.release.phases import FORWARD, Phase
from bot.release.weight import Weight

NO_ROUTE = RouteSeen(weights=None, subsets=False, claimed=False, revision=0, others=None)

UPDATING = frozenset({Phase.PROMOTING, Phase.FINISHING, Phase.ROLLING_BACK})
"""The phases in which stable may have been updated, after the last stage."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen, and the route object it was seen in: the fence of what follows."""

    observed: Observed
    route: Route | None


class Observer:
    """Looks; changes nothing."""

    def __init__(
        self,
        traffic: Traffic,
        workloads: Workloads,
        autoscalers: Autoscalers,
        registry: Registry,
        sampler: Sampler,
    ) -> None:
        self._traffic = traffic
        self._workloads = workloads
        self._autoscalers = autoscalers
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
            stable = await self._stable(release, service)
            canary = await self._canary(release, service)
        except TargetGone as error:
            gone = Gone(error.what, whole=True)
        except (Unavailable, Refused):
            if not any(wish.ask == "roll_back" for wish in inbox):
                raise
        else:
            if stable is None:
                gone = Gone(f"Deployment {service.namespace}/{service.deployment}", whole=True)
        sampled = self._sampler.latest(release)
        observed = Observed(
            route=self._route(release, route),
            stable=track_seen(release, stable),
            canary=track_seen(release, canary),
            judgement=sampled.judgement,
            share=sampled.share,
            terms=self._terms(service, route),
            inbox=inbox,
            gone=gone,
            autoscaler=await self._autoscaler(release, service),
            remembered=remembered,
            outdated=self._registry.outdated(release),
        )
        return Sight(observed, route)

    async def _stable(self, release: Release, service: Service) -> Workload | None:
        """Its watch may be behind that of the routes, which is fenced.

        It is asked for itself where it is claimed, for it is written down as it is; where an update by this release may not have been
        told yet: nobody put that back, and no rollback leaves it there; and where it seems to be down: that would hold a rollback up.
        """
        seen = await self._workloads.read(service, Track.STABLE, fresh=release.revision == 0)
        if seen is None:
            return None
        old = release.phase in UPDATING and release.following is None and seen.image != release.image
        if old or not seen.ready:
            return await self._workloads.read(service, Track.STABLE, fresh=True)
        return seen

    async def _canary(self, release: Release, service: Service) -> Workload | None:
        """One that should be there, and seems to be gone or down, is asked for itself: its watch may be behind that of the routes."""
        seen = await self._workloads.read(service, Track.CANARY)
        expected = release.phase in FORWARD and release.phase is not Phase.PREPARING
        down = seen is None or (not seen.ready and release.weights.canary > Weight.ZERO)
        if expected and down:
            return await self._workloads.read(service, Track.CANARY, fresh=True)
        return seen

    async def _autoscaler(self, release: Release, service: Service) -> AutoscalerSeen | Unseen | None:
        """Never in the way of a rollback: one that cannot be seen is no failure of the pass."""
        try:
            found = await self._autoscalers.read(service)
        except (Unavailable, Refused) as error:
            return Unseen(str(error))
        except TargetGone:
            return None
        if found is None:
            return None
        return AutoscalerSeen(
            name=found.name,
            floor=found.floor,
            ceiling=found.ceiling,
            was=found.was if found.was is not None and found.floor == found.held else found.floor,
            held=found.held if found.owner == release.id else None,
            revision=found.revision,
        )

    async def serves(self, service: Service) -> bool:
        """Whether stable has a ready pod."""
        stable = await self._workloads.read(service, Track.STABLE)
        return stable is not None and stable.ready > 0

    def _route(self, release: Release, route: Route | None) -> RouteSeen:
        if route is None:
            return NO_ROUTE
        written, newer = self._registry.read(route), self._registry.newer(route)
        unreadable = route.state is not None and written is None
        ours, others = route.release == release.id, None
        if written is not None and written.live and not ours:
            others = (
                f"{written.id} ({written.target}, by {written.by.name}, since {written.started_at:%H:%M} UTC)"
            )
        elif unreadable and not ours and (newer is None or not newer.ended):
            others = "a release whose record this version of Lockmaster cannot read"
        return RouteSeen(
            weights=route.weights,
            subsets=route.subsets,
            claimed=ours and written is not None,
            revision=route.revision,
            others=others,
            successor=None if ours else _successor(release, route, written),
            unreadable=unreadable and ours,
            fault=_fault(route),
            writable=route.writable,
            changed=route.changed,
            lost=route.lost,
            writer=route.writer,
            where=route.where,
        )

    def _terms(self, service: Service, route: Route | None) -> Terms:
        before = self._registry.read(route) if route is not None else None
        left = before.ended_at + KEEP if before is not None and before.ended_at is not None else None
        return Terms(service.traffic.istio.settle, service.ready_within, service.patience, left)


def _successor(release: Release, route: Route, written: Release | None) -> str | None:
    """Who claimed the route after us: revisions count on from ours. Before our claim, whoever has ended and began later.

    Numbers tell nothing of that: a replica that was idle for long gives out the one that it drew long ago.
    """
    if written is None:
        return None
    ended_since = not written.live and written.started_at > release.started_at
    later = route.revision > release.revision if release.revision else ended_since
    return written.id if later else None


def _fault(route: Route) -> str | None:
    """What is wrong with its shape, and what to do."""
    if route.fault is None:
        return None
    return ". ".join(filter(None, (route.fault.text, route.fault.next_step))).rstrip(".")
