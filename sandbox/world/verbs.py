"""What can be done to the world, and what it looks like: the page's buttons and a script's lines."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from sandbox.kube import Fault, FaultKind
from sandbox.kube.demo import NAMESPACE, REPLICAS, image
from sandbox.mesh.objects import ServiceName
from sandbox.mesh.upstream_http import Behaviour
from sandbox.page.world import Part, Telemetry, Weights, WorldError
from sandbox.prometheus.emulator import PrometheusEmulator
from sandbox.prometheus.program import PrometheusBinary
from sandbox.world import telemetry
from sandbox.world.alerts import notice
from sandbox.world.bot import Bot
from sandbox.world.cluster import USUAL, Cluster
from sandbox.world.redis import Redis
from sandbox.world.weights import weights_of, with_weights

_ROUTES = f"/apis/networking.istio.io/v1/namespaces/{NAMESPACE}/virtualservices"
_PATCH = {"content-type": "application/merge-patch+json", "user-agent": "kubectl/v1.37.0 (linux/amd64)"}
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass
class Verbs:
    """Implements the page's `World`. Every verb raises `WorldError` where the world cannot do it now."""

    cluster: Cluster
    redis: Redis
    prometheus: PrometheusEmulator | PrometheusBinary
    bot: Bot
    alerts_url: str
    alert_token: str
    _crashes: dict[tuple[str, str], str] = field(default_factory=dict)
    _has_prometheus: bool = True
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def telemetry(self) -> Telemetry:
        """Return services and parts as they are now."""
        running = {True: "running", False: "stopped"}
        parts: dict[Part, str] = {
            "bot": self.bot.state,
            "redis": running[self.redis.is_running],
            "prometheus": running[self._has_prometheus],
            "envoy": "running",
            "kubernetes": "running",
        }
        return {"services": telemetry.services(self.cluster), "parts": parts}

    async def break_version(
        self, service: str, version: str, *, errors: float, latency_ms: float, crash: bool
    ) -> None:
        """Let pods of a version fail; replaces what was said of it before."""
        self._known(service)
        behaviour = Behaviour(errors, USUAL.latency_ms + latency_ms, USUAL.jitter_ms, crash)
        await self.cluster.fleet.behave(service, version, behaviour)
        self._lift(service, version)
        if crash:
            fault = Fault(FaultKind.CRASH_LOOP, NAMESPACE, image=image(service, version))
            self._crashes[service, version] = self.cluster.kube.faults.set(fault)

    async def heal(self, service: str, version: str) -> None:
        """Let a version answer as usual again."""
        self._known(service)
        await self.cluster.fleet.behave(service, version, USUAL)
        self._lift(service, version)

    async def fire_alert(self, service: str, version: str) -> str:
        """Send the bot one firing alert as Alertmanager does, and return its reason."""
        (reason,) = await self.deliver_alert(service, version, times=1)
        return reason

    async def deliver_alert(self, service: str, version: str, times: int) -> list[str]:
        """Send the same notice so many times; return the bot's reasons."""
        self._known(service)
        body = notice(service, NAMESPACE, version, datetime.now(UTC))
        return [await self._deliver(body) for _ in range(times)]

    async def kill_bot(self) -> None:
        """SIGKILL; it starts again by itself after a second."""
        self.bot.kill()

    async def start_bot(self) -> None:
        """Start the killed bot now."""
        await self.bot.start_now()

    async def stop(self, part: Part) -> None:
        """Take a part away as a crash does."""
        async with self._one_at_a_time:
            match part:
                case "redis":
                    await self.redis.kill()
                case "prometheus":
                    await self.prometheus.stop()
                    self._has_prometheus = False
                case _:
                    raise WorldError(f"{part} cannot be stopped here")

    async def start(self, part: Part) -> None:
        """Bring a part back, at the same address and with what it held; nothing when it runs."""
        async with self._one_at_a_time:
            match part:
                case "redis":
                    if not self.redis.is_running:
                        await self.redis.start()
                case "prometheus":
                    if not self._has_prometheus:
                        await self.prometheus.start()
                        self._has_prometheus = True
                case _:
                    raise WorldError(f"{part} runs for as long as the sandbox")

    async def edit_route(self, service: str, stable: int, canary: int) -> None:
        """PATCH the VirtualService, as `kubectl edit` does."""
        self._known(service)
        if stable + canary == 0:
            raise WorldError("weights of 0 and 0 are refused by Istio's webhook")
        route = self.cluster.route(service)
        if route is None or weights_of(route) is None:
            raise WorldError(
                f"the route of {service} names no tracks yet: it is adopted at its first release"
            )
        weights: Weights = {"stable": stable, "canary": canary}
        version = route["metadata"]["resourceVersion"]
        patch = {
            "metadata": {"resourceVersion": version},
            "spec": {"http": with_weights(route, weights)},
        }
        url = f"{self.cluster.kube.url}{_ROUTES}/{service}?fieldManager=kubectl-edit"
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.patch(url, json=patch, headers=_PATCH) as answer,
        ):
            if not answer.ok:
                raise WorldError((await answer.json())["message"])

    async def set_load(self, service: str, rps: float) -> None:
        """Send so many requests a second."""
        self._known(service)
        self.cluster.load.drive(ServiceName(NAMESPACE, service), rps)

    async def _deliver(self, body: dict[str, Any]) -> str:
        headers = {"authorization": f"Bearer {self.alert_token}", "user-agent": "Alertmanager/0.28.0"}
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.post(self.alerts_url, json=body, headers=headers) as answer,
            ):
                text = await answer.text()
                if not answer.ok:
                    raise WorldError(f"the bot answered the alert with {answer.status}: {text[:300]}")
                told = await answer.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise WorldError(f"the bot does not answer, so the alert is lost for now: {error}") from None
        return "; ".join(each["reason"] for each in told["alerts"])

    def _lift(self, service: str, version: str) -> None:
        if fault := self._crashes.pop((service, version), None):
            self.cluster.kube.faults.lift(fault)

    @staticmethod
    def _known(service: str) -> None:
        if service not in REPLICAS:
            raise WorldError(f"there is no service {service} here, only {' and '.join(REPLICAS)}")
