"""A cluster whose time stands still until a test moves it, and bare HTTP to it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.kube import KubeEmulator, Timing
from sandbox.kube.clock import ManualClock
from tests.sandbox.kube.wire import Wire


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def kube(clock: ManualClock) -> AsyncIterator[KubeEmulator]:
    async with KubeEmulator(clock=clock, timing=Timing(bookmark=0.02)) as running:
        yield running
    assert running.failures == []


@pytest.fixture
async def wire(kube: KubeEmulator) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(session, kube.url)
