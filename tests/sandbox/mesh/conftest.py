from collections.abc import AsyncIterator

import pytest

from tests.sandbox.mesh.small_mesh import SmallMesh


@pytest.fixture
async def mesh() -> AsyncIterator[SmallMesh]:
    """A real Envoy behind the mesh controller, upstream servers and a small Kubernetes API, without any object yet."""
    async with SmallMesh() as running:
        yield running
