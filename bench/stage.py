"""Everything up: Valkey, cluster and Prometheus, Slack, the bare handler and the bot, each a process of its own, all on loopback."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
    bot: int
    admin: int


@dataclass(slots=True)
class Stage:
    """The world and the bot in it. `process` is the bot's, None while it is down."""

    folder: Path
    ports: Ports
    credentials: Credentials
    session: aiohttp.ClientSession
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
        await self._answers(f"http://127.0.0.1:{self.ports.admin}/readyz", self._child)
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
            await asyncio.sleep(0.05)

    async def _answers(self, url: str, child: asyncio.subprocess.Process) -> None:
        async with asyncio.timeout(UP):
            while not await self._is_ok(url):
                if child.returncode is not None:
                    raise RuntimeError(f"{url} ended:\n{self._logs()}")
                await asyncio.sleep(POLL)

    async def _is_ok(self, url: str) -> bool:
        try:
            async with self.session.get(url) as answer:
                return answer.status < 500
        except aiohttp.ClientError:
            return False

    def _logs(self) -> str:
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
        return settings(addresses, self.credentials, self.folder / "bot")

    @property
    def redis_url(self) -> str:
        """The one Valkey, for the bot and for the bare handler."""
        return f"redis://127.0.0.1:{self.ports.redis}/0"

    async def start_world(self) -> list[asyncio.subprocess.Process]:
        """Start everything but Valkey and the bot, and wait for each, and for every pod."""
        ports, secret = self.ports, self.credentials.signing_secret
        kubeconfig = str(self.folder / "kubeconfig")
        children = [
            await self._part("cluster", ports.kube, ports.stub, SERVICES, kubeconfig),
            await self._part("slack", ports.slack, CROWD, secret, self.credentials.bot_token),
            await self._part("bare", ports.bare, self.redis_url, secret),
        ]
        paths = (f"{ports.stub}/bench/state", f"{ports.slack}/api/api.test", f"{ports.bare}/")
        for child, path in zip(children, paths, strict=True):
            await self._answers(f"http://127.0.0.1:{path}", child)
        async with asyncio.timeout(UP):
            while (await self.seen())["ready_pods"] < SERVICES:  # noqa: ASYNC110  another process's pods
                await asyncio.sleep(0.2)
        return children

    async def _part(self, module: str, *words: object) -> asyncio.subprocess.Process:
        program = (sys.executable, "-m", f"bench.{module}", *map(str, words))
        return await start_child(program, self.folder / f"{module}.log", env=process_environment({}))


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """Bring the world up, without the bot, and take it down with everything in it."""
    with tempfile.TemporaryDirectory(prefix="lockmaster-bench-") as name:
        folder, ports = Path(name), Ports(*free_ports(7))
        services = catalogue(names(SERVICES))
        (folder / "services.yaml").write_text(yaml.safe_dump(services, sort_keys=False))
        redis = Redis(folder / "redis", ports.redis)
        async with aiohttp.ClientSession() as session:
            stage = Stage(folder, ports, Credentials.fresh(), session)
            children: list[asyncio.subprocess.Process] = []
            try:
                await redis.start()
                children = await stage.start_world()
                yield stage
            finally:
                await stage.stop_bot()
                await asyncio.gather(*(stop_child(child, 1.0) for child in children), redis.stop())
