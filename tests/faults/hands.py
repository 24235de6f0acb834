"""Somebody else at the objects of a live release: a person with kubectl, or a tool, on the API emulator."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.release.phases import Phase
from sandbox.kube.document import Document
from sandbox.kube.resources import VIRTUAL_SERVICE, Resource
from tests.faults.shop import Shop, shop
from tests.scenarios.person import Person

MERGE = {"Content-Type": "application/merge-patch+json"}
PLACE = ("shop", "checkout")


class Hands:
    """Somebody else at the same objects: `kubectl edit`, or a tool of that field manager."""

    def __init__(self, theatre: Shop, http: aiohttp.ClientSession) -> None:
        self.theatre = theatre
        self._http = http

    def stored(self, resource: Resource = VIRTUAL_SERVICE) -> Document:
        found = self.theatre.kube.store.get(resource, *PLACE)
        assert found is not None
        return found

    def http(self) -> list[Document]:
        """A copy of the http routes, to be changed."""
        copied: list[Document] = json.loads(json.dumps(self.stored()["spec"]["http"]))
        return copied

    async def patch(
        self, spec: Document, *, manager: str = "kubectl-edit", plural: str = "virtualservices"
    ) -> None:
        url = f"{self.theatre.kube.url}/apis/networking.istio.io/v1/namespaces/shop/{plural}/checkout"
        query = {"fieldManager": manager}
        async with self._http.patch(url, json={"spec": spec}, params=query, headers=MERGE) as answer:
            assert answer.ok, await answer.text()

    async def weights(self, stable: int, canary: int, *, manager: str = "kubectl-edit") -> None:
        routes = self.http()
        routes[0]["route"][0]["weight"], routes[0]["route"][1]["weight"] = stable, canary
        await self.patch({"http": routes}, manager=manager)

    async def delete(self, path: str) -> None:
        async with self._http.delete(f"{self.theatre.kube.url}/{path}") as answer:
            assert answer.ok


@pytest.fixture
async def hands(tmp_path: Path) -> AsyncIterator[Hands]:
    async with shop(tmp_path) as theatre, aiohttp.ClientSession() as http:
        yield Hands(theatre, http)


@pytest.fixture
def theatre(hands: Hands) -> Shop:
    return hands.theatre


@pytest.fixture
def ana(theatre: Shop) -> Person:
    return theatre.person("U1ANA", "ana")


async def baking(theatre: Shop, ana: Person) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10m")
    await theatre.until(Phase.BAKING)


def weighted(old: Document, stable: int, canary: int) -> Document:
    """The route with other weights."""
    for one, weight in zip(old["spec"]["http"][0]["route"], (stable, canary), strict=True):
        one["weight"] = weight
    return old


async def told(theatre: Shop, line: str, within: int = 20) -> None:
    """The thread's last line, as soon as the watches have brought what it tells of: they run in real time."""
    for _ in range(within):
        if theatre.thread()[-1] == line:
            return
        await theatre.pass_(1)
    assert theatre.thread()[-1] == line
