"""One pass: grant, observe, decide, act, record, tell; again at once while there is something to do at once."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import structlog

from bot.config.catalogue import Service
from bot.config.pinned import entry_of
from bot.errors import Conflict, Reason, ReasonCode, Refused, TargetGone, Unavailable
from bot.ports.haste import in_haste, is_in_haste
from bot.ports.traffic import Route
from bot.reconciler.act import Denied, grant_for
from bot.reconciler.observe import Sight
from bot.reconciler.outages import Outages
from bot.reconciler.pacing import next_look
from bot.reconciler.parked import Parked
from bot.reconciler.quarantine import Quarantine
from bot.reconciler.turnstile import Turnstile
from bot.reconciler.upkeep import Upkeep
from bot.reconciler.world import World
from bot.release.decide import decide
from bot.release.decide.denied import answers
from bot.release.decision import Decision, Drop, DropTracks, EndUnclaimed, LeaveRoute, SetWeights, Turn, Wait
from bot.release.instructions import Ask, Instruction
from bot.release.model import Release
from bot.release.observed import Gone, ShareSeen
from bot.release.stored import Newer

log = structlog.get_logger()

STEPS = 40
RETRY = timedelta(seconds=1)
DENIED = timedelta(seconds=5)
RECORDED = (Turn, SetWeights, EndUnclaimed, LeaveRoute, DropTracks)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of a release before looking at the cluster. `remembered`: the store could be asked."""

    release: Release
    inbox: tuple[Instruction, ...]
    remembered: bool


class Reconciler:
    """Runs passes. In one process two of the same release never run at once, but that a rollback overtakes one that waits.

    Then, and between processes, the route object decides.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.rush = world.rush
        self._running: WeakValueDictionary[tuple[str, bool], asyncio.Lock] = WeakValueDictionary()
        self._outages = Outages(world.clock, world.teller)
        self.quarantine = Quarantine(world.clock, world.recorder, world.teller)
        self._in_hand: dict[str, dict[str, Instruction]] = {}
        self.remembers = True
        self.live = 0
        self._parked = Parked(
            world.catalogue, world.clock, world.traffic, world.observer, world.recorder, world.teller
        )
        self._turnstile = Turnstile(world.pace, world.recorder, world.teller)
        self.upkeep = Upkeep(world.releases, world.registry, world.recorder, self._free)

    async def now(self, release: str, *wishes: Instruction) -> datetime | None:
        """Run a pass at once; the wishes are taken in even when the store did not keep them."""
        if wishes:
            self._in_hand.setdefault(release, {}).update({wish.id: wish for wish in wishes})
        with in_haste(really=any(wish.ask is Ask.ROLL_BACK for wish in wishes)):
            return await self.run(release)

    async def run(self, release: str) -> datetime | None:
        """One pass of a release, step after step; answers when the next one is due (None: never)."""
        if not is_in_haste():
            await self.rush.over()
            return await self._pass(release)
        self.rush.begin(release)
        try:
            return await self._pass(release)
        finally:
            self.rush.end(release)

    async def _pass(self, release: str) -> datetime | None:
        async with self._running.setdefault((release, is_in_haste()), asyncio.Lock()):
            rests = self.quarantine.rests_until(release)
            if rests is not None and not is_in_haste():
                return rests
            fresh, denied = False, None
            for _ in range(STEPS):
                try:
                    due, again = await self._step_or_park(release, fresh=fresh, denied=denied)
                except Conflict:
                    fresh = True
                    continue
                except Denied as error:
                    fresh, denied = True, error.reason
                    continue
                except (Unavailable, Refused, TargetGone) as error:
                    return await self._put_off(release, error)
                except Exception as bug:  # noqa: BLE001  logged there; the others have to go on
                    return await self.quarantine.put_aside(release, bug, self._recall)
                if not again:
                    self.quarantine.over(release)
                    return due
                fresh, denied = False, None
        return self._world.clock.now() + RETRY

    async def _put_off(self, release: str, error: Unavailable | Refused | TargetGone) -> datetime:
        """What went wrong outside is told once, and tried again later, read anew."""
        log.warning("pass put off", release=release, kind=type(error).__name__, why=str(error))
        with suppress(Unavailable, Newer):  # neither store nor cluster: nobody knows what to tell, or to whom
            memory = await self._recall(release)
            if memory is not None and isinstance(error, Refused):
                await self._world.teller.denied(memory.release, error.reason)
            elif memory is not None and isinstance(error, Unavailable) and error.part == "kubernetes":
                await self._outages.failed(memory.release, memory.inbox, remembered=memory.remembered)
        return self._world.clock.now() + (RETRY if isinstance(error, Unavailable) else DENIED)

    async def _step_or_park(
        self, release_id: str, *, fresh: bool, denied: Reason | None
    ) -> tuple[datetime | None, bool]:
        try:
            return await self._step(release_id, fresh=fresh, denied=denied)
        except Newer as newer:
            due = await self._parked.look(newer, self._in_hand.get(release_id, {}).values())
            self._in_hand.pop(release_id, None)
            return due, False

    async def _step(
        self, release_id: str, *, fresh: bool, denied: Reason | None = None
    ) -> tuple[datetime | None, bool]:
        memory = await self._recall(release_id)
        if memory is None:
            return None, False
        service = entry_of(memory.release, self._world.catalogue)
        if service is None:
            log.error("a live release's service left the catalogue", release=release_id)
            return self._world.clock.now() + DENIED, False
        route = await self._route(service, fresh=fresh)
        if not fresh and route is not None and route.revision < memory.release.revision:
            # The store heard of a write that our watch has not told yet.
            route = await self._route(service, fresh=True)
        memory = await self._newest(memory, service, route)
        sight = await self._world.observer.look(
            memory.release, service, route, memory.inbox, remembered=memory.remembered
        )
        await self._outages.over(release_id)
        if denied is not None:
            return await self._answer(denied, memory.release, service, sight)
        try:
            return await self._decide(memory.release, service, sight)
        except TargetGone as error:
            if not error.what.startswith("Namespace "):
                raise
            # Its objects may still be there, but nothing new is taken in: it is being deleted.
            seen = replace(sight.observed, gone=Gone(error.what, whole=True))
            return await self._decide(memory.release, service, replace(sight, observed=seen))

    async def _decide(self, release: Release, service: Service, sight: Sight) -> tuple[datetime | None, bool]:
        decision = decide(release, sight.observed, self._world.clock.now())
        return await self._carry_out(decision, release, service, sight)

    async def _answer(
        self, reason: Reason, release: Release, service: Service, sight: Sight
    ) -> tuple[datetime | None, bool]:
        """What the cluster did not take is not tried again as it was."""
        for decision in answers(release, sight.observed, reason, self._world.clock.now()):
            with suppress(Denied):
                return await self._carry_out(decision, release, service, sight)
        raise Refused(reason)

    async def _carry_out(
        self, decision: Decision, release: Release, service: Service, sight: Sight
    ) -> tuple[datetime | None, bool]:
        if isinstance(decision, Wait):
            await self._world.teller.show(release, sight.observed, why=decision.why)
            if not release.live:
                self._in_hand.pop(release.id, None)
                await self._free(release)
            return next_look(decision, self.live, self._world.clock.now()), False
        wait = await self._turnstile.wait(decision, release, sight.observed)
        if wait is not None:
            return self._world.clock.now() + wait, False
        log.info("step", release=release.id, phase=release.phase, decision=type(decision).__name__)
        written = decision.release if isinstance(decision, RECORDED) else release
        grant, altered = grant_for(written, sight.route), None
        try:
            await self._world.actor.act(decision, grant, service, sight.route)
        except Refused as error:
            if error.reason.code is not ReasonCode.ALTERED:
                raise Denied(error.reason) from error
            altered = error.reason  # it was stored, with the record in it
        self.rush.end(release.id)
        await self._record(decision, release, service, sight)
        if altered is not None:
            raise Denied(altered)
        return None, True

    async def _record(self, decision: Decision, release: Release, service: Service, sight: Sight) -> None:
        if isinstance(decision, Drop):
            await self._save(release, decision.taken)
        elif isinstance(decision, RECORDED):
            taken = decision.taken if isinstance(decision, Turn | SetWeights) else ()
            await self._tell(decision.release, service, since=release.revision)
            await self._save(decision.release, taken)
            if not decision.release.live:
                await self._free(decision.release)
            seen = sight.observed
            if isinstance(decision, SetWeights):
                seen = replace(seen, share=ShareSeen(None, 0))
            await self._world.teller.show(decision.release, seen, now=True)

    async def _tell(self, release: Release, service: Service, *, since: int) -> None:
        """Audit and announce what happened after a revision.

        Before it is saved: whoever is killed in between has a successor that finds the store behind the route object, and says
        it again. Messages are said once all the same; of two audit records of one event the origin is the same.
        """
        for event in release.recent:
            if event.revision > since:
                await self._world.recorder.audit(release, event)
                await self._world.teller.happened(release, service, event)

    async def _save(self, release: Release, taken: tuple[str, ...]) -> None:
        await self._world.recorder.save(release, taken)
        in_hand = self._in_hand.get(release.id, {})
        for wish in taken:
            in_hand.pop(wish, None)
        if not in_hand:
            self._in_hand.pop(release.id, None)

    async def _free(self, release: Release) -> None:
        waiter = await self._world.recorder.free(release)
        if waiter is not None:
            await self._world.teller.free_again(release.service, waiter)

    async def _recall(self, release_id: str) -> Memory | None:
        """What the store knows; while it is away or empty, what the route objects say."""
        in_hand = self._in_hand.get(release_id, {})
        inbox: tuple[Instruction, ...] = ()
        try:
            release, inbox = await self._world.releases.recall(release_id)
            self.remembers = True
        except Unavailable:
            release = None
            self.remembers = False
        if release is None:
            release = await self._world.registry.by_id(release_id)
            if release is not None and self.remembers:
                await self._world.recorder.restore(release)
        if release is None:
            return None
        known = {wish.id for wish in inbox}
        return Memory(release, (*inbox, *(w for w in in_hand.values() if w.id not in known)), self.remembers)

    async def _route(self, service: Service, *, fresh: bool) -> Route | None:
        try:
            return await self._world.traffic.read(service, fresh=fresh)
        except TargetGone:
            return None

    async def _newest(self, memory: Memory, service: Service, route: Route | None) -> Memory:
        """The route object is the truth: a newer record in it replaces the store's, is saved there, and told."""
        if route is None or route.release != memory.release.id or route.revision <= memory.release.revision:
            return memory
        newer = self._world.registry.newer(route)
        if newer is not None:
            raise newer
        written = self._world.registry.read(route)
        if written is None:
            return memory
        if written.revision <= memory.release.revision:
            # An older Lockmaster that could not read the record brought the traffic home: a revision more, the record as it was.
            current = memory.release.model_copy(update={"revision": route.revision})
            return Memory(current, memory.inbox, memory.remembered)
        await self._tell(written, service, since=memory.release.revision)
        await self._world.recorder.save(written, ())
        return Memory(written, memory.inbox, memory.remembered)
