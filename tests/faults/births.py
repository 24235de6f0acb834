"""The fixtures of the tests that need bots as processes of their own: one process that forks them for all tests of a file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.faults.bots import Nursery
from tests.faults.bots import nursery as opened
from tests.faults.stand import Stand, stand
from tests.faults.stories import SERVICE


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nursery() -> AsyncIterator[Nursery]:
    async with opened() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def world(nursery: Nursery, tmp_path: Path) -> AsyncIterator[Stand]:
    """One service, and no bot yet."""
    async with stand(tmp_path, nursery, SERVICE) as found:
        yield found
