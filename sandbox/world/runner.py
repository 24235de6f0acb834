"""Brings everything up, as side by side as the parts allow, and takes everything down."""

import asyncio
import os
import socket
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from sandbox.kube.demo import NAMESPACE
from sandbox.mesh.envoy import EnvoyError
from sandbox.page import Page
from sandbox.prometheus.program import prometheus
from sandbox.prometheus.scrape import Target
from sandbox.slack import SlackEmulator
from sandbox.world.bot import Bot, BotError
from sandbox.world.catalogue import write_catalogue
from sandbox.world.cluster import Cluster
from sandbox.world.environment import (
    Addresses,
    Credentials,
    process_environment,
    settings,
    write_exports,
)
from sandbox.world.meter import Meter
from sandbox.world.ports import free_ports
from sandbox.world.redis import Redis
from sandbox.world.verbs import Verbs

SUGGESTIONS = (
    "/release checkout v1.3.0 canary 5%",
    "/release plan checkout v1.3.0 canary 5%",
    "/release checkout v1.3.0 canary 5% 25% 50% 100% every 20s auto",
    "/release status",
    "/release promote checkout",
    '/release rollback checkout because "…"',
    "/release history checkout",
    "/release help",
)


class SandboxError(Exception):
    """The sandbox cannot come up; the words say why."""


class Sandbox:
    """The whole world as an async context manager; `page_port` None leaves the page out, 0 takes any free port.

    `folder` holds what the parts write: the kubeconfig, the catalogue, the logs; it goes with the sandbox.
    """

    def __init__(self, page_port: int | None = None) -> None:
        self._page_port = page_port
        self._credentials = Credentials.fresh()
        self._stack = AsyncExitStack()
        self.page: Page | None = None

    async def __aenter__(self) -> Self:
        if self._page_port:
            _refuse_taken(self._page_port)
        async with AsyncExitStack() as stack:
            try:
                await self._bring_up(stack)
            except (BotError, EnvoyError, OSError, TimeoutError) as error:
                raise SandboxError(_words(error)) from error
            except ExceptionGroup as several:
                raise SandboxError(_words(several.exceptions[0])) from several
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        # The bot first: without its store it would take its time. Then what asks the cluster.
        await self.bot.stop()
        await self.prometheus.close()
        await self._stack.aclose()

    async def _bring_up(self, stack: AsyncExitStack) -> None:
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lockmaster-sandbox-")))
        envoy, metrics, redis, prom, bot, admin = free_ports(6)
        self.cluster = Cluster(envoy, metrics)
        self.redis = Redis(self.folder / "redis", redis)
        self.prometheus = prometheus([Target("istio", f"127.0.0.1:{metrics}")], prom)
        self.slack = SlackEmulator(
            bot_url=f"http://127.0.0.1:{bot}/slack/events",
            signing_secret=self._credentials.signing_secret,
            bot_token=self._credentials.bot_token,
        )
        stack.push_async_callback(self.prometheus.close)
        stack.push_async_callback(self.redis.stop)
        await stack.enter_async_context(self.slack)
        await stack.enter_async_context(self.cluster)
        self.meter = await stack.enter_async_context(Meter(self.cluster))
        self.settings = self._settings(bot, admin, prom)
        environment = process_environment(self.settings)
        self.bot = Bot(environment, f"http://127.0.0.1:{admin}", self.folder / "bot.log")
        stack.push_async_callback(self.bot.stop)
        alerts_url = f"http://127.0.0.1:{bot}/alerts/alertmanager"
        self.verbs = Verbs(
            self.cluster, self.redis, self.prometheus, self.bot, alerts_url, self._credentials.alert_token
        )
        await self._start_processes()
        if self._page_port is not None:
            page = Page(self.slack, self.verbs, SUGGESTIONS, self._page_port)
            self.page = await stack.enter_async_context(page)

    def _settings(self, bot: int, admin: int, prometheus_port: int) -> dict[str, str]:
        addresses = Addresses(
            slack_api_url=self.slack.api_url,
            redis_url=self.redis.url,
            prometheus_url=f"http://127.0.0.1:{prometheus_port}",
            kubeconfig=self.cluster.kube.kubeconfig(self.folder / "kubeconfig", namespace=NAMESPACE),
            catalogue=write_catalogue(self.folder / "services.yaml"),
            bot=bot,
            admin=admin,
        )
        found = settings(addresses, self._credentials, self.folder / "bot")
        write_exports(self.folder / "env", found)
        return found

    async def _start_processes(self) -> None:
        async with asyncio.TaskGroup() as together:
            together.create_task(self._serve_and_measure())
            together.create_task(self._remember_and_release())

    async def _serve_and_measure(self) -> None:
        await asyncio.gather(self.cluster.serve(), self.prometheus.start())

    async def _remember_and_release(self) -> None:
        await self.redis.start()
        await self.bot.start()


def _words(error: Exception) -> str:
    return str(error) or "a part is not ready in time"


def _refuse_taken(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise SandboxError(
            f"port {port} cannot be used ({why}): choose another with --port, such as --port {port + 1}"
        ) from None
