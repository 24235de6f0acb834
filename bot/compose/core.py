"""The bot without a way in: every part of it is made here, once, and handed on."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from adapters.cluster import Cluster
from adapters.docket import DocketScheduler
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.redis.door import Connection
from adapters.redis.locks import RedisLocks
from adapters.redis.pace import RedisPace
from adapters.redis.releases import RedisReleases
from adapters.slack.chat import SlackChat
from adapters.slack.deliverer import Deliverer
from adapters.slack.directory import SlackDirectory
from adapters.slack.door import SlackDoor
from adapters.spill.journal import JournalWithSpill
from bot.compose.doors import Doors, opened
from bot.config.catalogue import Catalogue
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.ports.haste import in_haste
from bot.reconciler.act import Actor
from bot.reconciler.cadence import PASSES
from bot.reconciler.follow import Follower
from bot.reconciler.observe import Observer
from bot.reconciler.reconciler import Reconciler
from bot.reconciler.record import Recorder
from bot.reconciler.registry import Registry
from bot.reconciler.rush import Rush
from bot.reconciler.sampler import Sampler
from bot.reconciler.tell import Teller
from bot.reconciler.waking import Waker
from bot.reconciler.world import World
from bot.release.model import Release
from bot.release.verdict import Judgement, Verdict
from bot.usecases.office import Office

HAND_OVER = 0.8
"""Seconds that passes under way get to come to their end."""
LAST_WORDS = 0.4
"""Seconds that those which did not may take to say so."""

Begin = Callable[[Release], asyncio.Task[None]]


@dataclass(frozen=True, slots=True)
class Core:
    """The bot without a way in: what a terminal uses, and what `serve` puts servers in front of."""

    office: Office
    reconciler: Reconciler
    follower: Follower
    sampler: Sampler
    scheduler: DocketScheduler
    cluster: Cluster
    store: Connection
    metrics: PrometheusMetrics
    slack: SlackDoor
    chat: SlackChat
    deliverer: Deliverer
    journal: JournalWithSpill

    def rounds(self) -> Mapping[str, int]:
        """How often each loop went round."""
        return {
            "passes": self.scheduler.rounds,
            "sampler": self.sampler.rounds,
            "follower": self.follower.rounds,
            "deliverer": self.deliverer.rounds,
            **self.cluster.rounds(),
        }


@asynccontextmanager
async def core(
    settings: Settings, secrets: Secrets, catalogue: Catalogue, *, watch: bool = True
) -> AsyncIterator[Core]:
    """Make every part and connect; a part that is away is no hindrance."""
    async with AsyncExitStack() as stack:
        doors = await opened(stack, settings, secrets, catalogue, watch=watch)
        reconciler, sampler, registry, begins = _reconciling(doors, settings, catalogue)
        late = partial(sampler.cadence.note, PASSES)
        scheduler = await stack.enter_async_context(DocketScheduler(doors.url, reconciler.run, late=late))
        follower = Follower(doors.clock, RedisReleases(doors.store), scheduler, registry, reconciler)
        office = _office(doors, settings, catalogue, registry, sampler, follower)
        begins.append(lambda release: office.spawn(follower.now(release.id)))
        waker = Waker(catalogue, registry, follower, doors.clock, office.spawn)
        doors.cluster.changes.subscribe(waker.changed)
        chat = SlackChat(doors.slack)
        deliverer = Deliverer(doors.outbox, chat, doors.clock, holder=f"{socket.gethostname()}:{os.getpid()}")
        yield Core(
            office=office,
            reconciler=reconciler,
            follower=follower,
            sampler=sampler,
            scheduler=scheduler,
            cluster=doors.cluster,
            store=doors.store,
            metrics=doors.metrics,
            slack=doors.slack,
            chat=chat,
            deliverer=deliverer,
            journal=doors.journal,
        )
        await _finish(office.background)


def _reconciling(
    doors: Doors, settings: Settings, catalogue: Catalogue
) -> tuple[Reconciler, Sampler, Registry, list[Begin]]:
    """The reconciler and its sampler, and the list of those who begin a pass when a release should be looked at."""
    registry = Registry(catalogue, doors.cluster.traffic)
    begins: list[Begin] = []
    rush = Rush()

    def wake(release: Release, judgement: Judgement) -> asyncio.Future[list[Any]]:
        with in_haste(really=judgement.verdict is Verdict.FAIL):
            return asyncio.gather(*(begin(release) for begin in begins), return_exceptions=True)

    sampler = Sampler(catalogue, registry, doors.metrics, doors.clock, wake, rush)
    traffic, workloads, releases = doors.cluster.traffic, doors.cluster.workloads, RedisReleases(doors.store)
    autoscalers = doors.cluster.autoscalers
    world = World(
        catalogue=catalogue,
        clock=doors.clock,
        releases=releases,
        traffic=traffic,
        registry=registry,
        observer=Observer(traffic, workloads, autoscalers, registry, sampler),
        actor=Actor(traffic, workloads, autoscalers),
        recorder=Recorder(releases, doors.journal, RedisLocks(doors.store)),
        teller=Teller(doors.outbox, doors.clock, settings.command),
        pace=RedisPace(doors.store, "istio", settings.pace),
        rush=rush,
    )
    return Reconciler(world), sampler, registry, begins


def _office(
    doors: Doors,
    settings: Settings,
    catalogue: Catalogue,
    registry: Registry,
    sampler: Sampler,
    passes: Follower,
) -> Office:
    return Office(
        catalogue=catalogue,
        command=settings.command,
        clock=doors.clock,
        locks=RedisLocks(doors.store),
        releases=RedisReleases(doors.store),
        journal=doors.journal,
        outbox=doors.outbox,
        directory=SlackDirectory(doors.slack, doors.clock),
        live=registry,
        eyes=sampler,
        passes=passes,
        traffic=doors.cluster.traffic,
        workloads=doors.cluster.workloads,
        autoscalers=doors.cluster.autoscalers,
    )


async def _finish(tasks: set[asyncio.Task[None]]) -> None:
    """Let passes that are under way come to their end; what is left is handed over to another replica."""
    for seconds in (HAND_OVER, LAST_WORDS):
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
