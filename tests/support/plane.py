"""The real API server for tests: one for a whole run, where `LOCKMASTER_E2E` asks for it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest

from tests.e2e.cluster.api import Api
from tests.e2e.cluster.denial import denial
from tests.e2e.cluster.plane import Plane, control_plane
from tests.e2e.cluster.programs import find_programs

ASKED: Final = bool(os.environ.get("LOCKMASTER_E2E"))


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane for the whole run. Its programs belong to a loop of their own, so that every test can have a fresh one."""
    running = control_plane(tmp_path_factory.mktemp("plane"), find_programs())
    with asyncio.Runner() as runner:
        found = runner.run(running.__aenter__())
        try:
            runner.run(_prepare(found))
            yield found
        finally:
            runner.run(running.__aexit__(None, None, None))


@pytest.fixture
async def people(plane: Plane) -> AsyncIterator[Api]:
    """What somebody with every right asks of the real API server."""
    async with plane.api() as api:
        yield api


async def _prepare(plane: Plane) -> None:
    async with plane.api() as api:
        for document in denial():
            await api.create(document)
