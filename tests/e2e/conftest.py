"""A site of its own for each test, where the real control plane is asked for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.cluster.plane import Plane
from tests.e2e.site import Site, staged
from tests.support.plane import ASKED

collect_ignore_glob = [] if ASKED else ["test_*.py"]


@pytest.fixture
async def site(plane: Plane, tmp_path: Path) -> AsyncIterator[Site]:
    async with staged(plane, tmp_path) as found:
        yield found
