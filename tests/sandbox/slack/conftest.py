"""An emulator and a small bot that checks signatures with Slack's own SDK."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackEmulator
from tests.sandbox.slack.fake_bot import FakeBot


@pytest.fixture
def clock() -> SimpleNamespace:
    """Unix time that stands still until a test moves it."""
    return SimpleNamespace(now=1_800_000_000.0)


@pytest.fixture
async def slack(clock: SimpleNamespace) -> AsyncIterator[SlackEmulator]:
    async with SlackEmulator(clock=lambda: clock.now) as emulator:
        yield emulator


@pytest.fixture
async def bot(slack: SlackEmulator, clock: SimpleNamespace) -> AsyncIterator[FakeBot]:
    async with FakeBot(lambda: clock.now) as listening:
        slack.link.url = listening.url
        yield listening


@pytest.fixture
def web(slack: SlackEmulator) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url)
