"""A terminal: the environment of an operator, and a core made of fakes instead of a cluster."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from bot.cli import adopt, doctor, release, serve
from bot.config.load import parse_catalogue
from bot.config.settings import Settings
from tests.scenarios.conftest import SERVICES
from tests.scenarios.theatre import CHANNEL, Theatre

CoreMaker = Callable[..., AbstractAsyncContextManager[Any]]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """A catalogue, and nothing that the machine happens to have set."""
    (tmp_path / "services.yaml").write_text(SERVICES, encoding="utf-8")
    for setting in Settings.model_fields.values():
        monkeypatch.delenv(str(setting.alias), raising=False)
    for secret in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "LOCKMASTER_ALERT_TOKEN"):
        monkeypatch.delenv(secret, raising=False)
    monkeypatch.setenv("LOCKMASTER_CATALOGUE", str(tmp_path / "services.yaml"))
    for word in (adopt, doctor, release, serve):
        monkeypatch.setattr(word, "configure", lambda *_: None)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield monkeypatch
    structlog.reset_defaults()


@pytest.fixture
def theatre() -> Theatre:
    theatre = Theatre(parse_catalogue(SERVICES, "services.yaml"))
    theatre.directory.add("U1ANA", "ana", CHANNEL)
    return theatre


@pytest.fixture
def said() -> list[str]:
    """What the deliverer of a terminal was asked to do."""
    return []


@pytest.fixture
def core(theatre: Theatre, said: list[str]) -> CoreMaker:
    """Takes the place of `bot.compose.core`."""

    @asynccontextmanager
    async def made(settings: Settings, *_: object, watch: bool) -> AsyncIterator[Any]:
        assert not watch
        office = replace(theatre.bot.office, command=settings.command)

        async def identity() -> str | None:
            return "prod"

        async def ping() -> None:
            theatre.redis.check()

        async def deliver() -> None:
            said.append("delivered")

        yield SimpleNamespace(
            office=office,
            sampler=theatre.bot.sampler,
            metrics=theatre.metrics,
            store=SimpleNamespace(ping=ping),
            deliverer=SimpleNamespace(run=deliver),
            cluster=SimpleNamespace(identity=identity),
        )

    return made
