"""The parts put together: on a Kubernetes emulator and a store of their own, with Slack and Prometheus away."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import aiohttp
import pytest

from bot.cli import serve
from bot.compose import Bot, Wellbeing, core
from bot.config.load import load_catalogue
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.errors import Unavailable
from bot.release.model import Actor, ActorKind
from bot.usecases.desk import Desk
from bot.usecases.office import Asker
from sandbox.kube import KubeEmulator, Timing, demo
from tests.scenarios.conftest import SERVICES

ANA = Asker(Actor(kind=ActorKind.TERMINAL, id="ana@prod", name="ana"), "terminal", "request-1")
SECRETS = Secrets.of(
    {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "LOCKMASTER_ALERT_TOKEN": "t"}
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[Settings]:
    """A cluster to talk to; everything else is away."""
    (tmp_path / "services.yaml").write_text(SERVICES, encoding="utf-8")
    async with KubeEmulator(timing=Timing(ready=0.0, termination=0.0)) as kube:
        kube.seed(demo.manifests())
        dead = f"http://127.0.0.1:{free_port()}"
        yield Settings(
            slack_api_url=f"{dead}/api/",
            prometheus_url=dead,
            kubeconfig=kube.kubeconfig(tmp_path / "kubeconfig"),
            catalogue=tmp_path / "services.yaml",
            folder=tmp_path / "kept",
            bind=f"127.0.0.1:{free_port()}",
            admin_bind=f"127.0.0.1:{free_port()}",
        )


async def test_a_release_starts_on_real_parts_and_the_next_core_knows_it(settings: Settings) -> None:
    catalogue = load_catalogue(settings.catalogue)
    async with core(settings, SECRETS, catalogue) as parts:
        message, status = await Desk(parts.office).typed(ANA, "checkout v1.3.0 canary 5%")
        assert (message.summary, status) == ("checkout v1.2.9 → v1.3.0 (R-1001) has started.", 0)
        await asyncio.wait(parts.office.background, timeout=10)
        await parts.sampler.look()
        assert parts.sampler.why_blind is not None
        health = Wellbeing(parts)
        assert await health.parts() == {
            "cadence": "ok",
            "redis": "ok",
            "kubernetes": "ok",
            "releases": "ok",
            "prometheus": "no answer",
            "slack": "ok",
        }
        with suppress(Unavailable):
            await parts.office.directory.person("U1")
        assert (await health.parts())["slack"] == "no answer"
        assert health.stuck() == ()
        assert health.late() == parts.sampler.cadence.lags()
    async with core(settings, SECRETS, catalogue, watch=False) as parts:
        message, status = await Desk(parts.office).typed(ANA, "status checkout")
        assert (
            message.blocks[0]
            .model_dump()["lines"][0]
            .startswith("checkout             R-1001 v1.2.9 → v1.3.0")
        )


async def test_a_terminal_uses_the_store_of_the_bot_beside_it(settings: Settings) -> None:
    catalogue = load_catalogue(settings.catalogue)
    async with core(settings, SECRETS, catalogue) as first:
        async with core(settings, SECRETS, catalogue, watch=False) as second:
            assert await first.office.locks.next_number(0) != await second.office.locks.next_number(0)
        with pytest.raises(Unavailable):
            async with core(settings, SECRETS, catalogue):
                pass


async def test_a_store_that_is_away_is_no_hindrance(settings: Settings) -> None:
    away = settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{free_port()}/0"})
    async with core(away, SECRETS, load_catalogue(settings.catalogue)) as parts:
        message, status = await Desk(parts.office).typed(ANA, "locks")
        assert (message.summary.split(" (")[0], status) == ("Redis cannot be reached", 3)
        assert (await Wellbeing(parts).parts())["redis"] == "no answer"


async def test_work_under_way_is_cut_off_at_the_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("bot.compose.core"), "HAND_OVER", 0.01)
    async with core(settings, SECRETS, load_catalogue(settings.catalogue)) as parts:
        slow = parts.office.spawn(asyncio.Event().wait())  # type: ignore[arg-type]
    with pytest.raises(asyncio.CancelledError):
        await slow


async def test_the_bot_serves_until_it_is_told_to_stop(settings: Settings) -> None:
    serving = asyncio.create_task(serve._serve(settings, SECRETS, load_catalogue(settings.catalogue)))
    async with aiohttp.ClientSession() as http:
        for path in ("livez", "readyz"):
            assert await answered(http, f"http://{settings.admin_bind}/{path}") == 200
        assert await answered(http, f"http://{settings.bind}/nothing") == 404
    os.kill(os.getpid(), signal.SIGTERM)
    assert await serving == 0


async def answered(http: aiohttp.ClientSession, url: str) -> int:
    """The status, once somebody listens."""
    for _ in range(10_000):
        with suppress(aiohttp.ClientConnectorError):
            async with http.get(url) as answer:
                return answer.status
    raise AssertionError(f"nobody listens at {url}")


async def test_a_part_that_ends_by_itself_ends_the_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        async with aiohttp.ClientSession() as http:
            await answered(http, f"http://{settings.admin_bind}/livez")
        raise RuntimeError("a bug")

    monkeypatch.setattr(Bot, "loops", lambda _: (broken(),))
    assert await serve._serve(settings, SECRETS, load_catalogue(settings.catalogue)) == 3


def test_serve_runs_on_uvloop(environment: pytest.MonkeyPatch) -> None:
    async def served(*_: object) -> int:
        return 0 if type(asyncio.get_running_loop()).__module__.startswith("uvloop") else 1

    environment.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    environment.setenv("SLACK_SIGNING_SECRET", "s")
    left: list[int] = []
    environment.setattr(serve, "_serve", served)
    environment.setattr(os, "_exit", left.append)
    serve.run([])
    assert left == [0]
