"""The suite of the port `Locks`, on the fake and on a real server."""

import asyncio
from datetime import timedelta

import pytest

from adapters.redis.door import Connection
from adapters.redis.locks import RedisLocks
from adapters.redis.releases import RedisReleases
from bot.ports.locks import PLACES, Busy, Held, IdTaken, Lock, Locks, Waiter
from bot.ports.releases import Releases
from tests.fakes.clock import FakeClock
from tests.fakes.locks import FakeLocks
from tests.fakes.releases import FakeReleases
from tests.support.valkey import expire_holds
from tests.support.values import MORNING, event, hold, person, release, waiter

HOUR = timedelta(hours=1)


class World:
    """Locks and records of one store, and a way to let its clock go on."""

    def __init__(self, locks: Locks, releases: Releases, clock: FakeClock | Connection) -> None:
        self.locks = locks
        self.releases = releases
        self._clock = clock

    async def pass_time(self, time: timedelta) -> None:
        if isinstance(self._clock, Connection):
            await expire_holds(self._clock, time)
        else:
            self._clock.step(time)


@pytest.fixture(params=["fake", "redis"])
def world(request: pytest.FixtureRequest, redis: Connection) -> World:
    if request.param == "redis":
        return World(RedisLocks(redis), RedisReleases(redis), redis)
    clock = FakeClock()
    releases = FakeReleases()
    return World(FakeLocks(clock, releases), releases, clock)


def timeless(lock: Lock) -> Lock:
    return lock.model_copy(update={"since": MORNING, "expires_at": None})


def names(waiters: tuple[Waiter, ...]) -> list[str]:
    return [each.by.name for each in waiters]


LOCK = Lock(service="checkout", by=person(), since=MORNING, reason="v1.2.9 → v1.3.0", release="R-1001")


async def test_admission_takes_the_lock_and_writes_record_and_first_event(world: World) -> None:
    held = await world.locks.admit(release(), event(), waiter("ana"))
    assert isinstance(held, Held)
    assert timeless(held.lock) == LOCK
    assert await world.locks.get("checkout") == held.lock
    assert await world.releases.load("R-1001") == release()
    assert await world.releases.live() == (release(),)
    assert await world.releases.events("R-1001") == (event(),)
    assert await world.locks.queue("checkout") == ()


async def test_the_reason_of_a_lock_is_what_its_starter_said(world: World) -> None:
    held = await world.locks.admit(release(because="JIRA-12 “ünïcode” 1/2"), event(), None)
    assert held.lock.reason == "JIRA-12 “ünïcode” 1/2"


async def test_a_second_release_is_refused_writes_nothing_and_queues_its_starter(world: World) -> None:
    held = await world.locks.admit(release(), event(), None)
    busy = await world.locks.admit(release("R-1002", by=person("bo")), event(by="bo"), waiter("bo"))
    assert busy == Busy(held.lock, 1)
    assert await world.releases.load("R-1002") is None
    assert await world.releases.events("R-1002") == ()
    assert await world.releases.live() == (release(),)
    queue = await world.locks.queue("checkout")
    assert [each.model_copy(update={"since": MORNING}) for each in queue] == [waiter("bo")]


async def test_asking_again_keeps_the_place(world: World) -> None:
    await world.locks.admit(release(), event(), None)
    places = [
        (await world.locks.admit(release(f"R-{number}"), event(), waiter(name)))
        for number, name in enumerate(("bo", "cy", "bo", "dee", "cy"), start=1002)
    ]
    assert [each.place for each in places if isinstance(each, Busy)] == [1, 2, 1, 3, 2]
    assert names(await world.locks.queue("checkout")) == ["bo", "cy", "dee"]


async def test_without_a_waiter_nobody_is_queued(world: World) -> None:
    held = await world.locks.admit(release(), event(), None)
    assert await world.locks.admit(release("R-1002", by=person("bo")), event(), None) == Busy(held.lock, None)
    assert await world.locks.queue("checkout") == ()


async def test_the_same_release_again_is_held_and_nothing_is_written_twice(world: World) -> None:
    first = await world.locks.admit(release(), event(), None)
    await world.releases.save(release(revision=3), (), ())
    assert await world.locks.admit(release(), event(), None) == first
    assert await world.releases.load("R-1001") == release(revision=3)
    assert await world.releases.events("R-1001") == (event(),)


async def test_services_do_not_know_each_other(world: World) -> None:
    await world.locks.admit(release(), event(), None)
    other = release("R-1002", service="cart")
    assert isinstance(await world.locks.admit(other, event(), None), Held)
    assert [lock.service for lock in await world.locks.all()] == ["cart", "checkout"]


async def test_freeing_answers_the_head_of_the_queue_and_takes_it_off(world: World) -> None:
    await world.locks.admit(release(), event(), None)
    await world.locks.admit(release("R-1002"), event(), waiter("bo"))
    await world.locks.admit(release("R-1003"), event(), waiter("cy"))
    head = await world.locks.free("checkout", "R-1001")
    assert head is not None
    assert names((head,)) == ["bo"]
    assert names(await world.locks.queue("checkout")) == ["cy"]
    assert await world.locks.get("checkout") is None
    assert await world.locks.all() == ()


async def test_only_the_holder_frees(world: World) -> None:
    held = await world.locks.admit(release(), event(), None)
    await world.locks.admit(release("R-1002"), event(), waiter("bo"))
    assert await world.locks.free("checkout", "R-1002") is None
    assert await world.locks.free("checkout", None) is None
    assert await world.locks.free("cart", "R-1001") is None
    assert await world.locks.get("checkout") == held.lock
    assert names(await world.locks.queue("checkout")) == ["bo"]


async def test_freeing_twice_answers_nobody_the_second_time(world: World) -> None:
    await world.locks.admit(release(), event(), None)
    await world.locks.admit(release("R-1002"), event(), waiter("bo"))
    await world.locks.admit(release("R-1003"), event(), waiter("cy"))
    await world.locks.free("checkout", "R-1001")
    assert await world.locks.free("checkout", "R-1001") is None
    assert names(await world.locks.queue("checkout")) == ["cy"]


async def test_who_gets_the_lock_leaves_the_queue(world: World) -> None:
    await world.locks.admit(release(), event(), None)
    for number, name in enumerate(("bo", "cy"), start=1002):
        await world.locks.admit(release(f"R-{number}", by=person(name)), event(), waiter(name))
    await world.locks.free("checkout", "R-1001")
    assert isinstance(
        await world.locks.admit(release("R-1004", by=person("cy")), event(), waiter("cy")), Held
    )
    assert await world.locks.queue("checkout") == ()


async def test_a_hold_stops_releases_until_it_is_given_back(world: World) -> None:
    held = await world.locks.hold(hold(), None)
    assert isinstance(held, Held)
    assert timeless(held.lock) == hold()
    assert await world.locks.admit(release(), event(), waiter("ana")) == Busy(held.lock, 1)
    head = await world.locks.free("checkout", None)
    assert head is not None
    assert names((head,)) == ["ana"]
    assert isinstance(await world.locks.admit(release(), event(), None), Held)


async def test_a_release_stops_holds(world: World) -> None:
    held = await world.locks.admit(release(), event(), None)
    assert await world.locks.hold(hold(), None) == Busy(held.lock, None)


async def test_another_persons_hold_stands(world: World) -> None:
    held = await world.locks.hold(hold("cy"), None)
    assert await world.locks.hold(hold("bo"), None) == Busy(held.lock, None)


async def test_the_holder_renews_reason_and_time_and_keeps_since(world: World) -> None:
    first = await world.locks.hold(hold(), timedelta(hours=1))
    again = await world.locks.hold(hold(reason="longer"), timedelta(hours=2))
    assert isinstance(again, Held)
    assert again.lock.reason == "longer"
    assert again.lock.since == first.lock.since
    assert again.lock.expires_at is not None
    assert first.lock.expires_at is not None
    assert again.lock.expires_at > first.lock.expires_at
    forever = await world.locks.hold(hold(), None)
    assert forever.lock.expires_at is None


async def test_an_expired_hold_is_none(world: World) -> None:
    await world.locks.hold(hold(), HOUR)
    await world.pass_time(2 * HOUR)
    assert await world.locks.get("checkout") is None
    assert await world.locks.all() == ()
    assert isinstance(await world.locks.admit(release(), event(), None), Held)


async def test_freeing_an_expired_hold_still_answers_who_waits(world: World) -> None:
    await world.locks.hold(hold(), HOUR)
    await world.locks.admit(release(), event(), waiter("ana"))
    await world.pass_time(2 * HOUR)
    head = await world.locks.free("checkout", None)
    assert head is not None
    assert names((head,)) == ["ana"]


async def test_an_expired_hold_cannot_be_freed_once_somebody_else_has_the_service(world: World) -> None:
    await world.locks.hold(hold(), HOUR)
    await world.pass_time(2 * HOUR)
    held = await world.locks.admit(release(), event(), None)
    assert await world.locks.free("checkout", None) is None
    assert await world.locks.get("checkout") == held.lock


async def test_a_full_queue_takes_nobody_more(world: World) -> None:
    await world.locks.admit(release(), event(), None)
    asked = [
        await world.locks.admit(release("R-2"), event(), waiter(f"p{number}")) for number in range(PLACES + 1)
    ]
    assert [each.place for each in asked if isinstance(each, Busy)] == [*range(1, PLACES + 1), None]


async def test_numbers_begin_at_1001_and_never_come_twice(world: World) -> None:
    assert await world.locks.next_number(0) == 1001
    more = await asyncio.gather(*(world.locks.next_number(0) for _ in range(20)))
    assert sorted(more) == list(range(1002, 1022))


async def test_numbers_go_on_behind_those_that_are_known_elsewhere(world: World) -> None:
    behind = await world.locks.next_number(1041)
    assert behind > 1041
    assert await world.locks.next_number(7) == behind + 1


async def test_the_id_of_another_release_is_not_given_again(world: World) -> None:
    await world.locks.admit(release(), event(), None)
    await world.locks.free("checkout", "R-1001")
    with pytest.raises(IdTaken):
        await world.locks.admit(release(target="v9.9.9"), event(), waiter("ana"))
    assert await world.locks.get("checkout") is None
    assert await world.locks.queue("checkout") == ()


async def test_of_200_at_once_one_wins_and_199_have_places_of_their_own(world: World) -> None:
    asked = await asyncio.gather(
        *(
            world.locks.admit(release(f"R-{number}", by=person(f"p{number}")), event(), waiter(f"p{number}"))
            for number in range(200)
        )
    )
    held = [each for each in asked if isinstance(each, Held)]
    busy = [each for each in asked if isinstance(each, Busy)]
    assert len(held) == 1
    assert {each.lock for each in busy} == {held[0].lock}
    assert sorted(each.place or 0 for each in busy) == list(range(1, 200))
    assert [each.id for each in await world.releases.live()] == [held[0].lock.release]
