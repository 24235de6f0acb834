"""Everything up, each a process of its own on loopback: Valkey, cluster and Prometheus, Slack, the bot and who it is compared with."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import yaml

from bench.client import Slack
from bench.services import NAMESPACE, TARGET, catalogue, names
from sandbox.child import start_child, stop_child
from sandbox.world.environment import Addresses, Credentials, process_environment, settings
from sandbox.world.ports import free_ports
from sandbox.world.redis import Redis

SERVICES = 300
CROWD = 200
UP = 60.0
POLL = 0.005


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports."""

    redis: int
    kube: int
    stub: int
    slack: int
    bare: int
    given: int
    bot: int
    admin: int


@dataclass(slots=True)
class Stage:
    """The world and the bot in it. `own` is set for the bot alone; `process` is the bot's, None while it is down."""

    folder: Path
    ports: Ports
    credentials: Credentials
    session: aiohttp.ClientSession
    own: Mapping[str, str] = field(default_factory=dict)
    process: psutil.Process | None = None
    _child: asyncio.subprocess.Process | None = None

    @property
    def slack(self) -> Slack:
        """Who signs commands."""
        return Slack(self.credentials.signing_secret)

    async def start_bot(self) -> float:
        """Start it; answer the seconds from exec to the first 200 of /readyz."""
        began = time.perf_counter()
        program = (sys.executable, "-m", "bot.cli", "serve")
        self._child = await start_child(
            program, self.folder / "bot.log", env=process_environment(self._environment())
        )
        await self.answers(f"{self.ports.admin}/readyz", self._child)
        self.process = psutil.Process(self._child.pid)
        return time.perf_counter() - began

    async def stop_bot(self) -> None:
        """End it in peace; safe to call twice."""
        if self._child is not None:
            await stop_child(self._child)
        self._child = self.process = None

    async def seen(self) -> dict[str, Any]:
        """What the cluster and Prometheus saw."""
        async with self.session.get(f"http://127.0.0.1:{self.ports.stub}/bench/state") as answer:
            seen: dict[str, Any] = await answer.json()
            return seen

    async def fail(self, services: Collection[str]) -> Mapping[str, float]:
        """Let those canaries fail; answer since when each fails."""
        address = f"http://127.0.0.1:{self.ports.stub}/bench/fail"
        async with self.session.post(address, json=list(services)) as answer:
            failing: dict[str, float] = (await answer.json())["failing"]
            return failing

    @asynccontextmanager
    async def unready_canaries(self) -> AsyncIterator[None]:
        """While it lasts no canary gets ready, so that releases start and then wait."""
        address = f"http://127.0.0.1:{self.ports.kube}/sandbox/faults"
        fault = {"kind": "NotReady", "namespace": NAMESPACE, "image": f":{TARGET}"}
        async with self.session.post(address, json=fault) as answer:
            answer.raise_for_status()
        yield
        async with self.session.delete(address) as answer:
            answer.raise_for_status()

    async def in_phase(self, services: Collection[str], phase: str, seconds: float) -> None:
        """Wait until all of them are there. Raises TimeoutError that says where the others are."""
        end = time.monotonic() + seconds
        while True:
            phases = (await self.seen())["phases"]
            late = {name: phases.get(name) for name in services if phases.get(name) != phase}
            if not late:
                return
            if time.monotonic() > end:
                raise TimeoutError(
                    f"not {phase} after {seconds:.0f} s: {len(late)}, such as {next(iter(late.items()))}"
                )
            await asyncio.sleep(0.1)

    async def answers(self, address: str, child: asyncio.subprocess.Process) -> None:
        """Wait until that port and path of a child answer. Raises RuntimeError with the logs when it has ended."""
        async with asyncio.timeout(UP):
            while not await self._is_ok(f"http://127.0.0.1:{address}"):
                if child.returncode is not None:
                    raise RuntimeError(f"{address} ended:\n{self.logs()}")
                await asyncio.sleep(POLL)

    async def _is_ok(self, url: str) -> bool:
        try:
            async with self.session.get(url) as answer:
                return answer.status < 500
        except aiohttp.ClientError:
            return False

    def logs(self) -> str:
        """The end of everybody's."""
        return "\n".join(
            path.read_text(errors="replace")[-2000:] for path in sorted(self.folder.glob("*.log"))
        )

    def _environment(self) -> dict[str, str]:
        addresses = Addresses(
            slack_api_url=f"http://127.0.0.1:{self.ports.slack}/api/",
            redis_url=self.redis_url,
            prometheus_url=f"http://127.0.0.1:{self.ports.stub}",
            kubeconfig=self.folder / "kubeconfig",
            catalogue=self.folder / "services.yaml",
            bot=self.ports.bot,
            admin=self.ports.admin,
        )
        return settings(addresses, self.credentials, self.folder / "bot") | dict(self.own)

    @property
    def redis_url(self) -> str:
        """The one Valkey, for the bot and for the bare handler."""
        return f"redis://127.0.0.1:{self.ports.redis}/0"

    async def part(self, module: str, *words: object) -> asyncio.subprocess.Process:
        """Start one of the bench's own processes."""
        program = (sys.executable, "-m", f"bench.{module}", *map(str, words))
        return await start_child(program, self.folder / f"{module}.log", env=process_environment({}))

    async def slack_part(self) -> asyncio.subprocess.Process:
        """Start Slack."""
        return await self.part(
            "slack", self.ports.slack, CROWD, self.credentials.signing_secret, self.credentials.bot_token
        )


async def _emulated(stage: Stage) -> list[asyncio.subprocess.Process]:
    """Start everything but Valkey and the bot, and wait for each, and for every pod."""
    ports, secret = stage.ports, stage.credentials.signing_secret
    kubeconfig = str(stage.folder / "kubeconfig")
    children = [
        await stage.part("cluster", ports.kube, ports.stub, SERVICES, kubeconfig),
        await stage.slack_part(),
        await stage.part("bare", ports.bare, stage.redis_url, secret),
        await stage.part("given", ports.given, stage.redis_url, secret),
    ]
    paths = (f"{ports.stub}/bench/state", f"{ports.slack}/api/api.test", f"{ports.bare}/", f"{ports.given}/")
    for child, path in zip(children, paths, strict=True):
        await stage.answers(path, child)
    async with asyncio.timeout(UP):
        while (await stage.seen())["ready_pods"] < SERVICES:  # noqa: ASYNC110  another process's pods
            await asyncio.sleep(0.2)
    return children


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """Bring the world up, with the emulator of Kubernetes and without the bot, and take it down with everything in it."""
    async with empty(SERVICES) as stage:
        children: list[asyncio.subprocess.Process] = []
        try:
            children = await _emulated(stage)
            yield stage
        finally:
            await take_down(stage, children)


@asynccontextmanager
async def empty(services: int, own: Mapping[str, str] | None = None) -> AsyncIterator[Stage]:
    """A stage with nothing but a catalogue and Valkey on it; `own` is set for the bot."""
    with tempfile.TemporaryDirectory(prefix="lockmaster-bench-") as name:
        folder, ports = Path(name), Ports(*free_ports(8))
        entries = catalogue(names(services))
        (folder / "services.yaml").write_text(yaml.safe_dump(entries, sort_keys=False))
        redis = Redis(folder / "redis", ports.redis)
        async with aiohttp.ClientSession() as session:
            try:
                await redis.start()
                yield Stage(folder, ports, Credentials.fresh(), session, own or {})
            finally:
                await redis.stop()


async def take_down(stage: Stage, children: Iterable[asyncio.subprocess.Process]) -> None:
    """End the bot in peace, and then the others."""
    await stage.stop_bot()
    await asyncio.gather(*(stop_child(child, 1.0) for child in children))
