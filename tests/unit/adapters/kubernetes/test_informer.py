"""List and watch, with everything a server may do to a watch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.kubernetes.cache import Keep
from adapters.kubernetes.door import Door
from adapters.kubernetes.resources import POD, Object, Ref, Resource
from bot.errors import TargetGone, Unavailable
from tests.fakes.clock import FakeClock
from tests.unit.adapters.kubernetes.server import Answer, Script, hang_up, refuse, say, scripted, stream

A = Ref(POD, "shop", "a")
PATH = "/api/v1/namespaces/shop/pods"


def pod(version: int, name: str = "a", phase: str = "Running") -> dict[str, Any]:
    meta = {"name": name, "namespace": "shop", "uid": name, "resourceVersion": str(version)}
    return {"metadata": meta, "status": {"phase": phase}}


def pods(version: int, *found: Object, more: str = "") -> Answer:
    meta = {"resourceVersion": str(version)} | ({"continue": more} if more else {})
    return say({"metadata": meta, "items": list(found)})


class Watching:
    """A door that watches pods; `told` are the versions its listener heard of."""

    def __init__(self, door: Door, script: Script, clock: FakeClock) -> None:
        self.door = door
        self.script = script
        self.clock = clock
        self.told: list[str] = []
        self._heard = asyncio.Event()

    def hear(self, _: Resource, found: Object) -> None:
        self.told.append(found["metadata"]["resourceVersion"])
        self._heard.set()

    async def until_told(self, *versions: int) -> None:
        async with asyncio.timeout(30):
            while self.told != [str(version) for version in versions]:
                await self._heard.wait()
                self._heard.clear()

    async def until_asked(self, count: int) -> list[tuple[str, dict[str, str]]]:
        """Let time pass until the server was asked so often."""
        async with asyncio.timeout(30):
            while len(self.script.asked) < count:
                await self.clock.advance(0.1)
                await self.script.next_request(within=0.01)
        return [(asked.path, asked.query) for asked in self.script.asked]


@asynccontextmanager
async def watching(directory: Path, *answers: Answer) -> AsyncIterator[Watching]:
    clock = FakeClock()
    async with scripted(*answers) as script, Door.open(script.kubeconfig(directory), clock) as door:
        world = Watching(door, script, clock)
        async with door.watching({POD: Keep()}, ["shop"], world.hear):
            yield world


WATCH = {"watch": "1", "allowWatchBookmarks": "true", "timeoutSeconds": "24"}


async def test_what_was_listed_and_watched_is_read_without_asking(tmp_path: Path) -> None:
    end = asyncio.Event()
    events = stream({"type": "MODIFIED", "object": pod(6, phase="Failed")}, then=end)
    async with watching(tmp_path, pods(5, pod(3)), events) as world:
        await world.until_told(3, 6)

        assert await world.door.read(A) == pod(6, phase="Failed")
        assert world.door.age() == 0
        assert [(asked.path, asked.query) for asked in world.script.asked] == [
            (PATH, {"limit": "500"}),
            (PATH, {**WATCH, "resourceVersion": "5"}),
        ]
        end.set()


async def test_long_lists_come_in_pages(tmp_path: Path) -> None:
    end = asyncio.Event()
    async with watching(tmp_path, pods(5, pod(3), more="x"), pods(5, pod(4, "b")), stream(then=end)) as world:
        await world.until_told(3, 4)
        assert [asked.query for asked in world.script.asked[:2]] == [
            {"limit": "500"},
            {"limit": "500", "continue": "x"},
        ]
        end.set()


async def test_a_bookmark_moves_the_place_from_which_the_watch_goes_on(tmp_path: Path) -> None:
    end = asyncio.Event()
    bookmark = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "90"}}}
    async with watching(tmp_path, pods(5), stream(bookmark), stream(then=end)) as world:
        asked = await world.until_asked(3)

        assert asked[2] == (PATH, {**WATCH, "resourceVersion": "90"})
        end.set()


@pytest.mark.parametrize(
    "gone",
    [refuse(410, "too old"), stream({"type": "ERROR", "object": {"code": 410, "message": "too old"}})],
    ids=["answer", "event"],
)
async def test_a_version_that_is_gone_is_listed_again(tmp_path: Path, gone: Answer) -> None:
    end = asyncio.Event()
    listed_again = pods(100, pod(99))
    async with watching(
        tmp_path, pods(5, pod(3), pod(4, "b")), gone, listed_again, stream(then=end)
    ) as world:
        await world.until_asked(4)
        await world.until_told(3, 4, 4, 99)

        assert await world.door.read(A) == pod(99)
        with pytest.raises(TargetGone):
            await world.door.read(Ref(POD, "shop", "b"))
        end.set()


async def test_a_server_that_closes_at_once_is_not_stormed(tmp_path: Path) -> None:
    async with watching(tmp_path, pods(5), stream()) as world:
        await world.until_asked(4)
        before = len(world.script.asked)
        for _ in range(600):
            await world.clock.advance(0.1)
            await world.script.next_request(within=0.0)

    assert len(world.script.asked) - before <= 60 / 7.5 + 8


@pytest.mark.parametrize("failure", [refuse(500, "etcd"), refuse(403, "no"), hang_up])
async def test_a_watch_that_breaks_goes_on_where_it_was(tmp_path: Path, failure: Answer) -> None:
    end = asyncio.Event()
    again = stream({"type": "DELETED", "object": pod(9)}, then=end)
    async with watching(tmp_path, pods(5, pod(3)), failure, again) as world:
        asked = await world.until_asked(3)
        await world.until_told(3, 9)

        assert asked[2] == (PATH, {**WATCH, "resourceVersion": "5"})
        with pytest.raises(TargetGone, match="Pod shop/a does not exist"):
            await world.door.read(A)
        end.set()


async def test_a_silent_watch_is_not_believed_after_30_seconds(tmp_path: Path) -> None:
    end = asyncio.Event()
    async with watching(tmp_path, pods(5, pod(3)), stream(then=end), say(pod(7))) as world:
        await world.until_asked(2)
        await world.until_told(3)
        while world.door.age() <= 30:
            await world.clock.advance(1)

        assert await world.door.read(A) == pod(7)
        assert world.script.asked[-1].path == f"{PATH}/a"
        end.set()


async def test_a_fresh_read_asks_and_teaches_the_cache(tmp_path: Path) -> None:
    end = asyncio.Event()
    async with watching(tmp_path, pods(5, pod(3)), stream(then=end), say(pod(8))) as world:
        await world.until_asked(2)

        assert await world.door.read(A, fresh=True) == pod(8)
        assert await world.door.read(A) == pod(8)
        assert len(world.script.asked) == 3
        end.set()


async def test_after_a_write_of_unknown_result_the_object_is_asked_for(tmp_path: Path) -> None:
    end = asyncio.Event()
    answers = (pods(5, pod(3)), stream(then=end), refuse(504, "late"), say(pod(8)))
    async with watching(tmp_path, *answers) as world:
        await world.until_asked(2)

        with pytest.raises(Unavailable):
            await world.door.merge(A, {})

        assert await world.door.read(A) == pod(8)
        assert await world.door.read(A) == pod(8)
        assert len(world.script.asked) == 4
        end.set()


async def test_our_own_write_is_read_before_the_watch_tells_of_it(tmp_path: Path) -> None:
    end = asyncio.Event()
    async with watching(tmp_path, pods(5, pod(3)), stream(then=end), say(pod(8))) as world:
        await world.until_asked(2)

        await world.door.merge(A, {})

        assert await world.door.read(A) == pod(8)
        assert world.told == ["3", "8"]
        end.set()
