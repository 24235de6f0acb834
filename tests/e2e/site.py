"""Whole releases on the real API server: a namespace of its own for each test, Slack, Valkey, a Prometheus, and bots as processes.

    @pytest.fixture
    async def site(plane: Plane, tmp_path: Path) -> AsyncIterator[Site]:
        async with staged(plane, tmp_path) as site:        # services=("checkout", "payments"), none adopted
            yield site

    async def test_…(site: Site) -> None:
        bot = await site.start_bot()                        # or several: each is another user at the API server
        await site.types("ana", "checkout v1.3.0 canary 5% 100% every 1s auto")
        await site.reaches("checkout", "promoted")

* `site.api` may do everything at the API server: look at objects, break them. `site.namespace` is the test's own.
* `site.figures` is Prometheus: `fail("checkout")` lets the canary fail, `away()` and `back()`.
* `site.slack` is the emulator with all its faults; it calls the bot that was started last, or whom `site.slack_calls(bot)` names.
* `site.redis` is the Valkey of this test: `kill()` and `start()`.
* `bot.kill()`, `bot.freeze()`, `bot.wake()`, `bot.stop()`, `bot.start()`; see `replica`. `bot.user` names it in the audit log.
* `site.audit(bot.user)` is what the server noted; `tests.e2e.cluster.trouble` lets pods fail; `start_bot(server=passage.url)` puts a
  door with faults before the API server (`tests.e2e.cluster.passage`).

The bots have the rights of the project's own Role in that namespace, and none beside.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from bench import services as adopted_services
from sandbox.kube import demo
from sandbox.kube.document import Document
from sandbox.script.rendered import buttons_of
from sandbox.slack import SlackEmulator
from sandbox.slack.persona import Seen
from sandbox.world.environment import Addresses, Credentials, settings
from sandbox.world.ports import free_ports
from sandbox.world.redis import Redis
from tests.e2e.cluster.api import Api
from tests.e2e.cluster.audit import Entry, entries
from tests.e2e.cluster.grants import grants
from tests.e2e.cluster.plane import BOTS, Plane
from tests.e2e.figures import Figures, figures, record_of
from tests.e2e.replica import PROGRAM, Replica
from tests.support.until import until

CHANNEL = "#shop-releases"
PATIENCE = 180.0
"""Seconds: a bound for a busy machine, never a measure."""
SHOP = tuple(demo.REPLICAS)
"""The demo's services, none of them adopted: checkout with 3 pods, payments with 2."""
_NUMBERS = count(1)


@dataclass
class Site:
    """Use `staged`."""

    plane: Plane
    folder: Path
    namespace: str
    api: Api
    slack: SlackEmulator
    redis: Redis
    figures: Figures
    credentials: Credentials
    bots: list[Replica] = field(default_factory=list)

    async def start_bot(self, *, server: str = "", program: tuple[str, ...] = PROGRAM) -> Replica:
        """Start one more, and let Slack call it; `server` is another door to the API server."""
        number = len(self.bots)
        user, (port, admin) = BOTS[number], free_ports(2)
        own = self.folder / f"bot-{number}"
        own.mkdir()
        addresses = Addresses(
            slack_api_url=self.slack.api_url,
            redis_url=self.redis.url,
            prometheus_url=self.figures.url,
            kubeconfig=self.plane.kubeconfig(own / "kubeconfig", user, server=server),
            catalogue=self.folder / "services.yaml",
            bot=port,
            admin=admin,
        )
        told = settings(addresses, self.credentials, own)
        bot = Replica(user, port, admin, told, own / "bot.log", program)
        self.bots.append(bot)
        await bot.start()
        self.slack_calls(bot)
        return bot

    def slack_calls(self, bot: Replica) -> None:
        """From now on Slack sends commands and presses to that one."""
        self.slack.link.url = bot.slack_url

    async def types(self, user: str, text: str) -> Seen:
        """Type `/release TEXT`; what its author saw of the answer."""
        return await self.slack.command(user, CHANNEL, f"/release {text}")

    async def presses(self, user: str, action: str) -> Seen:
        """Press the newest button of that action, such as `rollback`; what the presser saw of the answer.

        A message is edited a moment after the record has changed, and a press on what stood there before is refused.
        """
        for message in reversed(self.slack.messages(user, CHANNEL)):
            for button in buttons_of(message):
                if button["action_id"] == action:
                    return await self.slack.press(user, message["ts"], action, button["block_id"])
        raise LookupError(f"{user} sees no button {action}")

    async def record(self, service: str) -> dict[str, Any]:
        """The release's record on the route object, such as its `phase`; empty before the first release."""
        return record_of(await self.api.get("virtualservices", service, self.namespace))

    async def weights(self, service: str) -> tuple[int, ...]:
        """The weights on the route object, stable first; empty before adoption."""
        route = await self.api.get("virtualservices", service, self.namespace)
        return tuple(one["weight"] for one in route["spec"]["http"][0]["route"] if "weight" in one)

    async def version(self, service: str) -> str:
        """The tag of the image that stable's Deployment has."""
        found = await self.api.get("deployments", service, self.namespace)
        image: str = found["spec"]["template"]["spec"]["containers"][0]["image"]
        return image.rpartition(":")[2]

    async def reaches(self, service: str, phase: str, *, within: float = PATIENCE) -> None:
        """Wait until the record on the route object is in a phase; fails with what it says instead, and the bots' logs."""

        async def is_there() -> bool:
            return (await self.record(service)).get("phase") == phase

        try:
            await until(is_there, within=within)
        except AssertionError:
            logs = "\n".join(bot.tail() for bot in self.bots)
            raise AssertionError(f"not {phase}: {await self.record(service)}\n{logs}") from None

    async def weighs(self, service: str, weights: tuple[int, int], *, within: float = PATIENCE) -> None:
        """Wait until the route object has these weights, stable first."""

        async def is_so() -> bool:
            return await self.weights(service) == weights

        await until(is_so, within=within)

    def audit(self, user: str = "") -> list[Entry]:
        """The API server's audit log of this namespace, of one bot or of everybody."""
        return entries(self.plane, namespace=self.namespace, user=user)


@asynccontextmanager
async def staged(plane: Plane, folder: Path, services: Collection[str] = SHOP) -> AsyncIterator[Site]:
    """Everything but the bots, and every pod ready. Services beside the demo's own have one pod, and are adopted already."""
    namespace, (port,) = f"site-{next(_NUMBERS)}", free_ports(1)
    credentials = Credentials.fresh()
    (folder / "services.yaml").write_text(yaml.safe_dump(_catalogue(namespace, services)))
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(plane.api())
        await _furnish(api, namespace, services)
        stack.push_async_callback(_delete_namespace, api, namespace)
        slack = SlackEmulator(signing_secret=credentials.signing_secret, bot_token=credentials.bot_token)
        await stack.enter_async_context(slack)
        redis = Redis(folder / "redis", port)
        stack.push_async_callback(redis.stop)
        await redis.start()
        told = await stack.enter_async_context(figures(api, namespace))
        site = Site(plane, folder, namespace, api, slack, redis, told, credentials)
        try:
            yield site
        finally:
            for bot in site.bots:
                await bot.stop()


async def _delete_namespace(api: Api, name: str) -> None:
    if await api.find("namespaces", name):
        await api.delete("namespaces", name)


async def _furnish(api: Api, namespace: str, services: Collection[str]) -> None:
    await api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    others = tuple(name for name in services if name not in SHOP)
    objects = [
        *(one for one in demo.manifests() if one["metadata"]["name"] in services),
        *adopted_services.manifests(others)[1:],
    ]
    for found in (*grants(namespace, services), *objects):
        await api.create(found | {"metadata": found["metadata"] | {"namespace": namespace}})

    async def are_ready() -> bool:
        deployments = await api.listed("deployments", namespace)
        return all(
            one.get("status", {}).get("readyReplicas") == one["spec"]["replicas"] for one in deployments
        )

    await until(are_ready, within=60.0)


def _catalogue(namespace: str, services: Collection[str]) -> Document:
    found = adopted_services.catalogue(tuple(services))
    found["defaults"] |= {"namespace": namespace, "channel": CHANNEL}
    for entry in found["services"].values():
        entry["traffic"]["istio"]["settle"] = "1s"
    return found
