"""One process of the bot, in a theatre."""

import asyncio
from typing import TYPE_CHECKING

from bot.reconciler.act import Actor
from bot.reconciler.follow import Follower
from bot.reconciler.observe import Observer
from bot.reconciler.reconciler import Reconciler
from bot.reconciler.record import Recorder
from bot.reconciler.registry import Registry
from bot.reconciler.rush import Rush
from bot.reconciler.sampler import Sampler
from bot.reconciler.tell import Teller
from bot.reconciler.world import World
from bot.release.model import Release
from bot.release.verdict import Judgement
from bot.usecases.alerting import AlertDesk
from bot.usecases.front import Front
from bot.usecases.office import Office

if TYPE_CHECKING:
    from tests.scenarios.theatre import Theatre


class Bot:
    """One process of the bot. Several may stand on the same world; a killed one is simply not asked any more."""

    def __init__(self, world: "Theatre") -> None:
        clock, catalogue, rush = world.clock, world.catalogue, Rush()
        registry = Registry(catalogue, world.traffic)
        self.begun: list[asyncio.Task[None]] = []
        self.sampler = Sampler(catalogue, registry, world.metrics, clock, self._wake, rush)
        self.reconciler = Reconciler(
            World(
                catalogue=catalogue,
                clock=clock,
                releases=world.releases,
                traffic=world.traffic,
                registry=registry,
                observer=Observer(world.traffic, world.workloads, world.autoscalers, registry, self.sampler),
                actor=Actor(world.traffic, world.workloads, world.autoscalers),
                recorder=Recorder(world.releases, world.journal, world.locks),
                teller=Teller(world.outbox, clock, "/release"),
                pace=world.pace,
                rush=rush,
            )
        )
        self.follower = Follower(clock, world.releases, world.scheduler, registry, self.reconciler)
        self.office = Office(
            catalogue=catalogue,
            command="/release",
            clock=clock,
            locks=world.locks,
            releases=world.releases,
            journal=world.journal,
            outbox=world.outbox,
            directory=world.directory,
            live=registry,
            eyes=self.sampler,
            passes=self.follower,
            traffic=world.traffic,
            workloads=world.workloads,
            autoscalers=world.autoscalers,
        )
        self.front = Front(self.office)
        self.alerts = AlertDesk(self.office)
        world.scheduler.run = self.reconciler.run

    async def look(self) -> None:
        """Look at the metrics, and wait for the passes that this begins."""
        self.begun = []
        await self.sampler.look()
        await asyncio.gather(*self.begun)

    def _wake(self, release: Release, _judgement: Judgement) -> asyncio.Task[None]:
        self.begun.append(asyncio.create_task(self.follower.now(release.id)))
        return self.begun[-1]
