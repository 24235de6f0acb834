"""The clusters that the contracts of the Kubernetes-facing ports hold for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.cluster.plane import Plane
from tests.support.plane import ASKED
from tests.support.realworld import real
from tests.support.worlds import FakeWorld, World, emulated

KINDS = ("fake", "emulator", "real") if ASKED else ("fake", "emulator")


@pytest.fixture(scope="session")
def real_plane(request: pytest.FixtureRequest) -> Plane | None:
    """The real API server, where it is asked for."""
    found: Plane | None = request.getfixturevalue("plane") if ASKED else None
    return found


@pytest.fixture(params=KINDS)
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, real_plane: Plane | None
) -> AsyncIterator[World]:
    """Each cluster that the contracts hold for."""
    if request.param == "fake":
        yield FakeWorld()
    elif request.param == "emulator":
        async with emulated(tmp_path) as emulator:
            yield emulator
    else:
        assert real_plane is not None
        async with real(real_plane, tmp_path) as found:
            yield found
