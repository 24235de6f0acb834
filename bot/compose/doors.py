"""The outside: one door a vendor, opened in the order in which they need each other."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from adapters.clock import SystemClock
from adapters.cluster import Cluster
from adapters.prometheus.metrics import PrometheusMetrics
from adapters.redis.door import Connection
from adapters.redis.journal import RedisJournal
from adapters.redis.outbox import RedisOutbox
from adapters.slack.door import SlackDoor
from adapters.spill.journal import JournalWithSpill
from adapters.spill.outbox import OutboxWithSpill
from adapters.valkey import EmbeddedValkey
from bot.config.catalogue import Catalogue
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.errors import Unavailable
from bot.ports.clock import Clock


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


async def opened(
    stack: AsyncExitStack, settings: Settings, secrets: Secrets, catalogue: Catalogue, *, watch: bool
) -> Doors:
    """Open every door; the stack closes them."""
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
