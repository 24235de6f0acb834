"""The only place that sees handlers and adapters together: every part is made here, once, and handed on."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.types import ASGIApp

from adapters.clock import SystemClock
from adapters.cluster import Cluster
from adapters.docket import DocketScheduler
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.redis.door import Connection
from adapters.redis.journal import RedisJournal
from adapters.redis.locks import RedisLocks
from adapters.redis.outbox import RedisOutbox
from adapters.redis.pace import RedisPace
from adapters.redis.releases import RedisReleases
from adapters.slack.blocks import payload
from adapters.slack.chat import SlackChat
from adapters.slack.deliverer import Deliverer
from adapters.slack.directory import SlackDirectory
from adapters.slack.door import SlackDoor
from adapters.spill.journal import JournalWithSpill
from adapters.spill.outbox import OutboxWithSpill
from adapters.valkey import EmbeddedValkey
from bot.config.catalogue import Catalogue
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.errors import Unavailable
from bot.messages import answers
from bot.ports.clock import Clock
from bot.ports.haste import in_haste
from bot.reconciler.act import Actor
from bot.reconciler.follow import Follower
from bot.reconciler.observe import Observer
from bot.reconciler.reconciler import Reconciler, World
from bot.reconciler.record import Recorder
from bot.reconciler.registry import Registry
from bot.reconciler.sampler import Sampler
from bot.reconciler.tell import Teller
from bot.reconciler.waking import Waker
from bot.reconciler.watchdog import Watchdog
from bot.release.model import Release
from bot.release.verdict import Judgement, Verdict
from bot.usecases.alerting import AlertDesk
from bot.usecases.front import Front
from bot.usecases.office import Office
from handlers.app import admin, public, slack_gate
from handlers.slack.talk import Desks, Phrases, Talk

log = structlog.get_logger()

STALE_WATCH = 30.0
HAND_OVER = 0.8
"""Seconds that passes under way get to come to their end."""
LAST_WORDS = 0.4
"""Seconds that those which did not may take to say so."""


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


@dataclass(slots=True)
class Bot:
    """Both ASGI applications, and what has to run beside them."""

    core: Core
    public: ASGIApp
    admin: ASGIApp
    talk: Talk
    health: "Wellbeing"

    def loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """What runs for as long as the bot does."""
        core = self.core
        parts = (core.sampler, core.follower, core.deliverer, core.journal)
        return core.scheduler.run_forever(), *(part.run() for part in parts)


class Wellbeing:
    """Implements the handlers' `Health`: started or not, and which parts are away."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._watchdog = Watchdog(core.office.clock, core.rounds)
        self.started = self.stopping = False

    def stuck(self) -> tuple[str, ...]:
        """The loops that do not turn any more."""
        return self._watchdog.stuck()

    async def parts(self) -> Mapping[str, str]:
        """`ok`, or in a few words what is wrong."""
        return {
            "redis": await self._redis(),
            "kubernetes": "ok" if self._core.cluster.age() < STALE_WATCH else "no contact",
            "releases": "some break, see the log" if self._core.reconciler.quarantine.held else "ok",
            "prometheus": "no answer" if self._core.sampler.why_blind else "ok",
            "slack": "no answer" if self._core.slack.why_away else "ok",
        }

    async def _redis(self) -> str:
        try:
            await self._core.store.ping()
        except Unavailable:
            return "no answer"
        return "ok"


@dataclass(frozen=True, slots=True)
class Doors:
    """The outside, one door a vendor."""

    clock: Clock
    url: str
    store: Connection
    cluster: Cluster
    slack: SlackDoor
    metrics: PrometheusMetrics
    outbox: OutboxWithSpill
    journal: JournalWithSpill


@asynccontextmanager
async def core(
    settings: Settings, secrets: Secrets, catalogue: Catalogue, *, watch: bool = True
) -> AsyncIterator[Core]:
    """Make every part and connect; a part that is away is no hindrance."""
    async with AsyncExitStack() as stack:
        doors = await _doors(stack, settings, secrets, catalogue, watch=watch)
        reconciler, sampler, registry, spawned = _reconciling(doors, settings, catalogue)
        scheduler = await stack.enter_async_context(DocketScheduler(doors.url, reconciler.run))
        follower = Follower(doors.clock, RedisReleases(doors.store), scheduler, registry, reconciler)
        office = _office(doors, settings, catalogue, registry, sampler, follower)
        spawned.append(lambda release: office.spawn(follower.now(release.id)))
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


async def _doors(
    stack: AsyncExitStack, settings: Settings, secrets: Secrets, catalogue: Catalogue, *, watch: bool
) -> Doors:
    clock = SystemClock()
    url = settings.redis_url or await _embedded(stack, settings, shared=not watch)
    store = Connection.to(url, replicas=settings.redis_replicas)
    stack.push_async_callback(store.aclose)
    cluster = await stack.enter_async_context(
        Cluster.connect(settings.kubeconfig, catalogue, clock, watch=watch)
    )
    slack = SlackDoor(settings.slack_api_url, secrets.slack_bot_token)
    stack.push_async_callback(slack.close)
    metrics = PrometheusMetrics(settings.prometheus_url)
    stack.callback(metrics.close)
    journal = JournalWithSpill(RedisJournal(store), clock, settings.folder / "audit")
    stack.push_async_callback(journal.aclose)
    outbox = OutboxWithSpill(RedisOutbox(store), clock)
    return Doors(clock, url, store, cluster, slack, metrics, outbox, journal)


async def _embedded(stack: AsyncExitStack, settings: Settings, *, shared: bool) -> str:
    """The store of our own. A terminal may find a bot using it, and then uses it with the bot."""
    valkey = EmbeddedValkey(settings.folder)
    try:
        await stack.enter_async_context(valkey)
    except Unavailable:
        if not shared:
            raise
    return valkey.url


Woken = Callable[[Release], object]


def _reconciling(
    doors: Doors, settings: Settings, catalogue: Catalogue
) -> tuple[Reconciler, Sampler, Registry, list[Woken]]:
    """The reconciler and its sampler, and the list of those to tell when a release should be looked at."""
    registry = Registry(catalogue, doors.cluster.traffic)
    woken: list[Woken] = []

    async def wake(release: Release, judgement: Judgement) -> None:
        with in_haste(really=judgement.verdict is Verdict.FAIL):
            for tell in woken:
                tell(release)

    sampler = Sampler(catalogue, registry, doors.metrics, doors.clock, wake)
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
    )
    return Reconciler(world), sampler, registry, woken


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


def bot(parts: Core, secrets: Secrets, command: str) -> Bot:
    """Put the ways in before the core."""
    office = parts.office
    front = Front(office)
    phrases = Phrases(
        working=answers.said("Working on it…"),
        broken=answers.said(
            "Something went wrong inside Lockmaster. It is in its log; nothing more is known here."
        ),
    )
    talk = Talk(Desks(front, front), parts.chat, payload, phrases)
    gate = slack_gate(command, talk, secrets, office.journal, office.clock)
    health = Wellbeing(parts)
    return Bot(parts, public(gate, AlertDesk(office), secrets), admin(health), talk, health)
