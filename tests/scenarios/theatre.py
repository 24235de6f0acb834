"""The whole core on fakes, so that a test reads like a conversation.

Time moves only by `pass_`: each second the metrics follow the route's weights, the sampler looks, due passes run, and what
lies in the outbox is said.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import yaml

from bot.config.catalogue import Approval, Catalogue, Service
from bot.errors import Unavailable
from bot.messages.model import Buttons, Message
from bot.messages.terminal import render
from bot.ports.chat import Posted
from bot.ports.desks import Alert
from bot.ports.outbox import Parcel
from bot.release.model import ALL_STABLE, Release, Split
from bot.release.phases import Phase
from bot.release.verdict import Judgement
from tests.fakes.autoscalers import FakeAutoscalers
from tests.fakes.chat import FakeChat
from tests.fakes.clock import FakeClock, settle
from tests.fakes.cluster import FakeCluster
from tests.fakes.directory import FakeDirectory
from tests.fakes.journal import FakeJournal
from tests.fakes.locks import FakeLocks
from tests.fakes.metrics import FakeMetrics
from tests.fakes.outage import Outage
from tests.fakes.outbox import FakeOutbox
from tests.fakes.pace import FakePace
from tests.fakes.releases import FakeReleases
from tests.fakes.scheduler import FakeScheduler
from tests.fakes.traffic import FakeTraffic
from tests.fakes.workloads import FakeWorkloads
from tests.scenarios.bot import Bot
from tests.scenarios.killing import Killed
from tests.scenarios.person import Person

__all__ = ["CHANNEL", "Bot", "Person", "Theatre"]

CHANNEL = "#shop-releases"


class Theatre:
    """A world of fakes with one bot in it.

    A test sets `rates` (requests a second by service), `failing` (share, by version), `slow` (p95 in ms, by version), and `stuck`
    (by service: how the requests are shared out, whatever the route says).
    """

    def __init__(self, catalogue: Catalogue, *, adopted: bool = True) -> None:
        self.catalogue = catalogue
        self.clock = FakeClock()
        self.redis = Outage()
        self.cluster = FakeCluster()
        self.traffic, self.workloads = FakeTraffic(self.cluster), FakeWorkloads(self.cluster)
        self.autoscalers = FakeAutoscalers(self.cluster)
        self.metrics = FakeMetrics(self.clock.now)
        self.releases = FakeReleases(self.redis)
        self.locks = FakeLocks(self.clock, self.releases, self.redis)
        self.journal = FakeJournal(self.clock, self.redis)
        self.mail = Outage()
        self.outbox = FakeOutbox(self.clock, self.mail)
        self.scheduler = FakeScheduler(self.clock, outage=self.redis)
        self.pace = FakePace(self.clock, outage=self.redis)
        self.chat = FakeChat()
        self.directory = FakeDirectory()
        self.rates = dict.fromkeys(catalogue.services, 100.0)
        self.failing: dict[str, float] = {}
        self.slow: dict[str, float] = {}
        self.stuck: dict[str, Split] = {}
        self.presses = 0
        for service in catalogue.services.values():
            self.cluster.add(service, adopted=adopted)
        self.bot = Bot(self)

    def service(self, name: str = "checkout") -> Service:
        return self.catalogue.services[name]

    def approvers(self, promote: str) -> None:
        """Let the catalogue say otherwise who promotes, as YAML."""
        approval = Approval.model_validate(yaml.safe_load(promote))
        changed = {"promote": approval}
        services = {
            name: one.model_copy(update={"approvers": one.approvers.model_copy(update=changed)})
            for name, one in self.catalogue.services.items()
        }
        self.catalogue = Catalogue(services=services)
        self.restart()

    def flush(self) -> None:
        """Somebody empties Redis; the bot is started anew, so that it remembers nothing either."""
        self.releases = FakeReleases(self.redis)
        self.locks = FakeLocks(self.clock, self.releases, self.redis)
        self.scheduler = FakeScheduler(self.clock, outage=self.redis)
        self.restart()

    def restart(self) -> None:
        """Kill -9, and a new process: nothing but the world outside is left."""
        for task in self.bot.office.background:
            task.cancel()
        self.bot = Bot(self)

    async def pass_(self, seconds: int) -> None:
        """Let time go by."""
        for _ in range(seconds):
            await self.clock.advance(1)
            await self.tick()

    async def until(self, phase: Phase, release: str = "R-1001", within: int = 180) -> None:
        """Let time go by until the release stands there."""
        for _ in range(within):
            if (await self.release(release)).phase is phase:
                return
            await self.pass_(1)
        stands = await self.release(release)
        raise AssertionError(f"{release} is {stands.phase} after {within} s, not {phase}")

    async def tick(self) -> None:
        """What happens in a second."""
        self._serve()
        await self._quietly(self.bot.look)
        await self._quietly(self.scheduler.run_due)
        await self._quietly(self._follow)
        await settle()
        await self._quietly(self._say)

    def person(self, user: str, name: str) -> Person:
        return Person(self, user, name)

    def card(self, release: str = "R-1001") -> str:
        """The live message as it stands."""
        return render(self.standing(release))

    def buttons(self, release: str = "R-1001") -> list[str]:
        """The labels on the live message."""
        blocks = self.standing(release).blocks
        return [button.label for row in blocks if isinstance(row, Buttons) for button in row.buttons]

    def channel(self) -> list[str]:
        """The channel's messages, one line each, threads left out."""
        return [message.summary for message in self.chat.messages(CHANNEL)]

    def notice(self, index: int) -> str:
        """One of the channel's messages in full."""
        return render(self.chat.messages(CHANNEL)[index])

    def thread(self, release: str = "R-1001") -> list[str]:
        """The lines beneath the live message."""
        at = self.outbox.places[f"{release}:card"]
        return [message.summary.removeprefix(f"{release}: ") for message in self.chat.thread(at)]

    def whispered(self, user: str) -> list[str]:
        """What that person alone was told without asking."""
        return [render(message) for message in self.chat.whispered(user)]

    def audit(self) -> list[str]:
        """Who did what, with which outcome, as the audit log has it."""
        return [f"{one.by.name}: {one.act}: {one.outcome}" for one in self.journal.records]

    async def alert(self, labels: Mapping[str, str], *, status: str = "firing", age: int = 0) -> str:
        """An alert that began so many seconds ago; what the webhook answers."""
        begun = self.clock.now() - timedelta(seconds=age)
        about = {"alertname": "HighErrorRate", "service": "checkout", **labels}
        alert = Alert(status, about, {"summary": "too many errors"}, begun, "print")
        reply = await self.bot.alerts.fired((alert,))
        await self.tick()
        return reply.reasons[0]

    def weights(self, name: str = "checkout") -> str:
        """`95/5`, stable first; `-` while not adopted."""
        split = self.cluster.route(self.service(name)).weights
        return "-" if split is None else f"{split.stable.number}/{split.canary.number}"

    async def release(self, id_: str = "R-1001") -> Release:
        found = await self.releases.load(id_)
        assert found is not None
        return found

    def standing(self, release: str = "R-1001") -> Message:
        """The live message itself."""
        return self.chat.edits(self.outbox.places[f"{release}:card"])[-1]

    def _serve(self) -> None:
        """Requests follow the weights."""
        for name, service in self.catalogue.services.items():
            route = self.cluster.routes.get((service.namespace, service.traffic.istio.virtual_service))
            split = route.weights if route is not None and route.weights is not None else ALL_STABLE
            split = self.stuck.get(name, split)
            for deployment, weight in ((service.deployment, split.stable), (service.canary, split.canary)):
                deployed = self.cluster.deployments.get((service.namespace, deployment))
                if deployed is None:
                    self.metrics.forget(service.namespace, deployment)
                    continue
                self.metrics.serve(
                    service.namespace,
                    deployment,
                    rate=self.rates[name] * weight.share,
                    failing=self.failing.get(deployed.image.rsplit(":", 1)[1], 0.0),
                    p95=self.slow.get(deployed.image.rsplit(":", 1)[1], 100.0),
                )

    def quiet(self, _release: Release, _judgement: Judgement) -> asyncio.Future[None]:
        """For a sampler that wakes nobody."""
        return asyncio.get_running_loop().create_future()

    async def _follow(self) -> None:
        await self.bot.follower.round(sweep=int(self.clock.monotonic()) % 10 == 0)

    async def _quietly(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except Unavailable:
            return
        except Killed:
            self.restart()

    async def _say(self) -> None:
        while (parcel := await self.outbox.take("theatre")) is not None:
            await self.outbox.done(parcel, await self._said(parcel))

    async def _said(self, parcel: Parcel) -> Posted | None:
        if parcel.whisper_to is not None:
            await self.chat.whisper(CHANNEL, parcel.whisper_to, parcel.message)
            return None
        place = await self.outbox.place(parcel.key)
        if place is not None:
            await self.chat.update(place, parcel.message)
            return place
        parent = await self.outbox.place(parcel.thread) if parcel.thread else None
        return await self.chat.post(
            CHANNEL, parcel.message, key=parcel.key, thread=parent.ts if parent else None
        )


async def baking(theatre: Theatre, ana: Person) -> None:
    """Let a canary of checkout's next version have a quarter of the traffic, for ten minutes."""
    await ana.types("checkout v1.3.0 canary 25% every 10m")
    await theatre.until(Phase.BAKING)
