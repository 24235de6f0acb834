"""Cluster, Slack, Prometheus and a store on loopback; any number of bots on them, each a process of its own.

The services are adopted before they are released, and their pods come up at once: what is looked at here is the bot.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.redis.door import Connection
from adapters.redis.releases import RedisReleases
from bench.services import CHANNEL, NAMESPACE, STABLE, TARGET, catalogue, manifests
from bench.stub import Traffic
from bot.release.model import Release
from sandbox.kube import KubeEmulator, Timing
from sandbox.kube.resources import DEPLOYMENT, VIRTUAL_SERVICE
from sandbox.kube.store import Change
from sandbox.serving import LoopbackServer
from sandbox.slack import SlackEmulator
from sandbox.slack.message import Message
from sandbox.world.alerts import notice
from sandbox.world.environment import Addresses, Credentials, settings
from sandbox.world.ports import free_ports
from sandbox.world.redis import Redis
from tests.faults.bots import Bot, Death, Nursery
from tests.support.until import until

ANA, BO = "U0ANA00001", "U0BO000001"
STATE = "lockmaster.dev/state"
REVISION = "lockmaster.dev/revision"
PATIENCE = 40.0


@dataclass(frozen=True, slots=True)
class Written:
    """One form of a route object as the API server stored it, at `at` of the loop's clock."""

    at: float
    revision: int
    canary: int
    state: dict[str, Any]

    @property
    def phase(self) -> str:
        """The phase in its record; empty without a record."""
        return str(self.state.get("phase", ""))


@dataclass(slots=True)
class Stand:
    """`routes` holds every form of each service's route, oldest first; `made` how often each canary was created, and removed."""

    folder: Path
    nursery: Nursery
    services: tuple[str, ...]
    kube: KubeEmulator
    slack: SlackEmulator
    redis: Redis
    store: Connection
    http: aiohttp.ClientSession
    traffic: Traffic = field(default_factory=Traffic)
    credentials: Credentials = field(default_factory=Credentials.fresh)
    routes: dict[str, list[Written]] = field(default_factory=dict)
    deployed: list[tuple[str, str, str]] = field(default_factory=list)
    bots: list[Bot] = field(default_factory=list)
    prometheus: str = ""
    silence: float = 0.0
    pace: int = 5
    _numbers: Any = field(default_factory=itertools.count)

    async def start_bot(self, death: Death | None = None) -> Bot:
        """Start a bot, and let Slack call it."""
        port, admin = free_ports(2)
        number = next(self._numbers)
        log = self.folder / f"bot-{number}.log"
        bot = await self.nursery.start(self.environment(port, admin), log, (port, admin), death)
        self.bots.append(bot)
        self.call(bot)
        return bot

    def environment(self, port: int, admin: int) -> dict[str, str]:
        """The settings of a bot at these ports."""
        addresses = Addresses(
            slack_api_url=self.slack.api_url,
            redis_url=self.redis.url,
            prometheus_url=self.prometheus,
            kubeconfig=self.folder / "kubeconfig",
            catalogue=self.folder / "services.yaml",
            bot=port,
            admin=admin,
        )
        own = {"LOCKMASTER_PACE": str(self.pace)}
        return settings(addresses, self.credentials, self.folder / "kept") | own

    def call(self, bot: Bot) -> None:
        """Have Slack send what follows to this bot."""
        self.slack.link.url = f"http://127.0.0.1:{bot.port}/slack/events"

    async def types(self, text: str, user: str = ANA) -> list[str]:
        """Type a command; what its author is shown at once."""
        return (await self.slack.command(user, CHANNEL, f"/release {text}")).texts

    def whispers(self, user: str) -> list[str]:
        """What a person alone was told, oldest first."""
        return [one["text"] for one in self.slack.messages(user, CHANNEL) if one.get("is_ephemeral")]

    def offers(self, label: str) -> tuple[str, str, str] | None:
        """Message, action and value of the button of that label, if anybody sees one."""
        found = [
            (message.ts, str(element["action_id"]), str(element["value"]))
            for message in self.slack.workspace.public(self.place)
            for block in message.blocks
            for element in block.get("elements", ())
            if element.get("type") == "button" and element["text"]["text"] == label
        ]
        return found[-1] if found else None

    async def presses(self, label: str, user: str = BO) -> str | None:
        """Press the newest button of that label; answers Slack's complaint, if any."""
        found = self.offers(label)
        assert found is not None, f"nobody sees a button {label}"
        return (await self.slack.press(user, *found[:2])).failure

    async def alerts(self, service: str, bot: Bot) -> str:
        """Send one firing alert about the new version; answers the bot's reason."""
        headers = {"authorization": f"Bearer {self.credentials.alert_token}"}
        body = notice(service, NAMESPACE, TARGET, datetime.now(UTC))
        url = f"http://127.0.0.1:{bot.port}/alerts/alertmanager"
        async with self.http.post(url, json=body, headers=headers) as answer:
            return str((await answer.json())["alerts"][0]["reason"])

    def route(self, service: str) -> Written:
        """The newest form of a route."""
        return self.routes[service][-1]

    async def reaches(self, service: str, *phases: str, within: float = PATIENCE) -> None:
        """Wait until the route's record says one of these phases."""
        try:
            await until(lambda: self.route(service).phase in phases, within=within)
        except AssertionError:
            raise AssertionError(f"{service} is {self.route(service)}, not {phases}\n{self.logs()}") from None

    async def record(self, release: str) -> Release | None:
        """What the store knows of a release."""
        return await RedisReleases(self.store).load(release)

    @property
    def place(self) -> str:
        """The id of the services' channel."""
        return self.slack.workspace.channel(CHANNEL).id

    def posted(self, key: str) -> list[Message]:
        """The messages of the bot that carry this key, or begin with it where it ends in `:`."""
        found = []
        for message in self.slack.workspace.public(self.place):
            own = ((message.metadata or {}).get("event_payload") or {}).get("key", "")
            if own == key or (key.endswith(":") and own.startswith(key)):
                found.append(message)
        return found

    def logs(self) -> str:
        """The end of each bot's log."""
        return "\n".join(
            f"{path.name}: {path.read_text()[-3000:]}" for path in sorted(self.folder.glob("bot-*.log"))
        )

    def saw(self, change: Change) -> None:
        """Note a write of a route or a Deployment; called within the write itself."""
        found = change.document
        name = found["metadata"]["name"]
        if change.resource == DEPLOYMENT:
            image = found["spec"]["template"]["spec"]["containers"][0]["image"].rsplit(":", 1)[1]
            before = self.deployed[-1:] if change.type == "MODIFIED" else []
            if (change.type, name, image) not in before:
                self.deployed.append((change.type, name, image))
        if change.resource != VIRTUAL_SERVICE:
            return
        annotations = found["metadata"].get("annotations", {})
        canary = found["spec"]["http"][0]["route"][1]["weight"]
        self.traffic.share[name] = canary / 100
        state = json.loads(annotations.get(STATE, "{}"))
        now = asyncio.get_running_loop().time()
        self.routes.setdefault(name, []).append(
            Written(now, int(annotations.get(REVISION, "0")), canary, state)
        )

    def asked(self) -> Starlette:
        """A Prometheus that knows this traffic."""

        async def query(request: Request) -> Response:
            await asyncio.sleep(self.silence)
            asked = parse_qs((await request.body()).decode())["query"][0]
            answer = self.traffic.answer(asked)
            self.traffic.answered(asked)
            return Response(answer, media_type="application/json")

        return Starlette(routes=[Route("/api/v1/query", query, methods=["POST"])])

    def prepare(self) -> None:
        """Put the services into the cluster, and the bots' files into the folder."""
        self.kube.store.subscribe(self.saw)
        self.kube.seed(manifests(self.services))
        self.kube.kubeconfig(self.folder / "kubeconfig", namespace=NAMESPACE)
        written = catalogue(self.services)
        (self.folder / "services.yaml").write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")


@asynccontextmanager
async def stand(folder: Path, nursery: Nursery, *services: str) -> AsyncIterator[Stand]:
    """Everything up but the bots; every bot of it is killed at the end."""
    credentials = Credentials.fresh()
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    async with AsyncExitStack() as stack:
        redis = Redis(folder / "redis", free_ports(1)[0])
        stack.push_async_callback(redis.stop)
        await redis.start()
        kube = await stack.enter_async_context(KubeEmulator(timing=Timing(ready=0.0, termination=0.0)))
        slack = await stack.enter_async_context(
            SlackEmulator(signing_secret=credentials.signing_secret, bot_token=credentials.bot_token)
        )
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)))
        store = Connection.to(redis.url)
        stack.push_async_callback(store.aclose)
        found = Stand(folder, nursery, services, kube, slack, redis, store, http, credentials=credentials)
        prometheus = LoopbackServer(found.asked())
        await prometheus.start()
        stack.push_async_callback(prometheus.stop)
        found.prometheus = prometheus.url
        found.prepare()
        try:
            yield found
        finally:
            await asyncio.gather(*(bot.kill() for bot in found.bots))


__all__ = ["ANA", "BO", "STABLE", "TARGET", "Stand", "Written", "stand"]
