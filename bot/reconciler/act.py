"""One step of the cluster for one decision. What came of it is read at the next pass, never assumed."""

from typing import assert_never

from bot.config.catalogue import Service
from bot.errors import Reason
from bot.ports.autoscalers import Autoscalers
from bot.ports.traffic import Route, RouteWrite, Traffic
from bot.ports.workloads import Workloads
from bot.release.baseline import Baseline
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
from bot.release.grant import Grant
from bot.release.model import Release


class Denied(Exception):  # noqa: N818  an answer, not an error
    """The cluster can be asked, and does not take a step."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


def grant_for(release: Release, route: Route | None) -> Grant:
    """The proof that a release holds its service, after the route object was seen. Nobody else makes one.

    A release that is not (or no longer) written there may still clean up what carries its own stamp.
    """
    seen = route.revision if route is not None and route.release == release.id else 0
    return Grant(release.service, release.id, max(seen, release.revision))


class Actor:
    """Carries out decisions."""

    def __init__(self, traffic: Traffic, workloads: Workloads, autoscalers: Autoscalers) -> None:
        self._traffic = traffic
        self._workloads = workloads
        self._autoscalers = autoscalers

    async def act(self, decision: Decision, grant: Grant, service: Service, route: Route | None) -> None:
        """Do the one step. Raises `Conflict` when somebody was faster, `Unavailable`, `Refused` (the cluster says no)."""
        match decision:
            case Wait() | Drop() | EndUnclaimed():
                return
            case Turn():
                await self._write(grant, service, route, decision)
            case SetWeights():
                await self._write(grant, service, route, decision)
            case LeaveRoute():
                await self._leave(grant, service, route)
            case DropTracks():
                await self._traffic.drop_tracks(grant, service)
                await self._workloads.unmark_stable(grant, service)
            case AddTracks():
                await self._traffic.add_tracks(grant, service)
            case HoldFloor(pods=pods):
                await self._autoscalers.hold(grant, service, pods)
            case GiveBackFloor():
                await self._autoscalers.give_back(grant, service)
            case MarkStable() | EnsureCanary() | ScaleCanary() | PatchStable() | RemoveCanary():
                await self._on_workloads(decision, grant, service)
            case _:
                assert_never(decision)

    async def _on_workloads(
        self,
        decision: MarkStable | EnsureCanary | ScaleCanary | PatchStable | RemoveCanary,
        grant: Grant,
        service: Service,
    ) -> None:
        match decision:
            case MarkStable():
                await self._workloads.mark_stable(grant, service)
            case EnsureCanary(image=image, version=version, replicas=replicas):
                await self._workloads.ensure_canary(
                    grant, service, image=image, version=version, replicas=replicas
                )
            case ScaleCanary(replicas=replicas):
                await self._workloads.scale_canary(grant, service, replicas)
            case PatchStable(image=image, version=version):
                await self._workloads.set_stable_image(grant, service, image=image, version=version)
            case RemoveCanary():
                await self._workloads.remove_canary(grant, service)
            case _:
                assert_never(decision)

    async def _write(
        self, grant: Grant, service: Service, route: Route | None, decision: Turn | SetWeights
    ) -> None:
        """The record, and with it what moves. At the end nobody needs the baseline any more."""
        release = decision.release
        if route is None:
            raise AssertionError(f"{release.id}: a route object that is gone cannot be written")
        weights, baseline = None, Baseline.LEAVE
        if isinstance(decision, SetWeights):
            weights, baseline = release.weights, decision.baseline
        if not release.live:
            baseline = Baseline.FORGET
        change = RouteWrite(release.id, release.revision, release.for_storage(), weights, baseline)
        await self._traffic.write(grant, service, route, change)

    async def _leave(self, grant: Grant, service: Service, route: Route | None) -> None:
        if route is not None:
            await self._traffic.unadopt(grant, service, route)
