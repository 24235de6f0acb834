"""The suite of the port `Releases`, on the fake and on a real server."""

import asyncio
from datetime import timedelta

import pytest

from adapters.redis.door import Connection
from adapters.redis.releases import RedisReleases
from bot.errors import Conflict
from bot.ports.releases import Releases
from bot.release.model import EventKind, Release
from bot.release.phases import Phase
from tests.fakes.releases import FakeReleases
from tests.support.values import MORNING, event, instruction, release


@pytest.fixture(params=["fake", "redis"])
def releases(request: pytest.FixtureRequest, redis: Connection) -> Releases:
    return RedisReleases(redis) if request.param == "redis" else FakeReleases()


def ended(record: Release, *, tidied: bool) -> Release:
    return record.model_copy(
        update={"phase": Phase.PROMOTED, "revision": record.revision + 1, "tidied": tidied}
    )


async def test_what_was_never_saved_is_not_there(releases: Releases) -> None:
    assert await releases.load("R-1001") is None
    assert await releases.events("R-1001") == ()
    assert (await releases.recall("R-1001"))[1] == ()
    assert await releases.live() == ()
    assert await releases.history("checkout", 10) == ()


async def test_a_record_comes_back_as_it_was_saved(releases: Releases) -> None:
    saved = release(because="“tägliches” }{ release\n<!channel>", recent=(event(),))
    await releases.save(saved, (event(),), ())
    assert await releases.load("R-1001") == saved
    assert await releases.events("R-1001") == (event(),)


async def test_a_newer_revision_replaces_an_older_one(releases: Releases) -> None:
    await releases.save(release(revision=1), (), ())
    await releases.save(release(revision=2, stage=1), (), ())
    assert await releases.load("R-1001") == release(revision=2, stage=1)


async def test_an_older_revision_is_a_conflict_and_changes_nothing(releases: Releases) -> None:
    await releases.save(release(revision=10), (event(revision=10),), ())
    await releases.instruct("R-1001", instruction("i1"))
    with pytest.raises(Conflict) as refused:
        await releases.save(release(revision=9), (event(EventKind.PAUSED, 9),), ("i1",))
    assert str(refused.value) == "R-1001 stands at revision 10, not 9"
    assert await releases.load("R-1001") == release(revision=10)
    assert await releases.events("R-1001") == (event(revision=10),)
    assert (await releases.recall("R-1001"))[1] == (instruction("i1"),)


async def test_the_same_revision_again_changes_nothing_and_appends_nothing_twice(releases: Releases) -> None:
    for _ in range(2):
        await releases.save(release(revision=1), (event(revision=1), event(EventKind.CLAIMED, 1)), ())
    await releases.save(release(revision=1, stage=5), (event(revision=1, text="again"),), ())
    assert await releases.load("R-1001") == release(revision=1)
    assert await releases.events("R-1001") == (event(revision=1), event(EventKind.CLAIMED, 1))


async def test_events_missed_while_the_store_was_away_fall_into_their_place(releases: Releases) -> None:
    first, second, third = (event(EventKind.WEIGHT_ORDERED, revision) for revision in (1, 2, 3))
    await releases.save(release(revision=3), (first, third), ())
    await releases.save(release(revision=3), (second, third), ())
    assert await releases.events("R-1001") == (first, second, third)


async def test_a_release_is_live_until_it_is_terminal_and_tidied(releases: Releases) -> None:
    await releases.save(release(), (), ())
    await releases.save(release("R-1002", service="cart"), (), ())
    untidy = ended(release(), tidied=False)
    await releases.save(untidy, (), ())
    assert await releases.live() == (untidy, release("R-1002", service="cart"))
    assert await releases.live(besides=["R-1002", "R-9"]) == (untidy,)
    await releases.save(ended(untidy, tidied=True), (), ())
    assert await releases.live() == (release("R-1002", service="cart"),)
    assert await releases.load("R-1001") == ended(untidy, tidied=True)


async def test_a_release_with_a_wish_in_its_inbox_is_never_left_out(releases: Releases) -> None:
    await releases.save(release(), (), ())
    await releases.instruct("R-1001", instruction("press-1"))
    assert await releases.live(besides=["R-1001"]) == (release(),)
    await releases.save(release(), (), ["press-1"])
    assert await releases.live(besides=["R-1001"]) == ()


async def test_history_is_of_one_service_newest_first_and_limited(releases: Releases) -> None:
    in_turn = [
        release(f"R-{1001 + number}", started_at=MORNING + timedelta(minutes=number)) for number in range(4)
    ]
    for record in (in_turn[2], in_turn[0], in_turn[3], in_turn[1]):
        await releases.save(record, (), ())
    await releases.save(release("R-2000", service="cart"), (), ())
    assert await releases.history("checkout", 3) == (in_turn[3], in_turn[2], in_turn[1])
    assert await releases.history("checkout", 0) == ()
    assert await releases.history("cart", 9) == (release("R-2000", service="cart"),)


async def test_a_wish_is_put_once_and_wishes_wait_in_order(releases: Releases) -> None:
    assert [await releases.instruct("R-1001", instruction(id_)) for id_ in ("i9", "i1", "i9", "i5")] == [
        True,
        True,
        False,
        True,
    ]
    assert (await releases.recall("R-1001"))[1] == (instruction("i9"), instruction("i1"), instruction("i5"))
    assert (await releases.recall("R-1002"))[1] == ()


async def test_a_wish_taken_in_is_gone_and_not_put_again(releases: Releases) -> None:
    await releases.instruct("R-1001", instruction("i1"))
    await releases.instruct("R-1001", instruction("i2"))
    await releases.save(release(revision=1), (), ("i1",))
    assert (await releases.recall("R-1001"))[1] == (instruction("i2"),)
    assert not await releases.instruct("R-1001", instruction("i1"))
    assert await releases.instruct("R-1002", instruction("i1"))


async def test_a_wish_put_while_a_pass_saves_is_kept(releases: Releases) -> None:
    await releases.instruct("R-1001", instruction("i1"))
    await asyncio.gather(
        releases.save(release(revision=1), (), ("i1",)), releases.instruct("R-1001", instruction("i2"))
    )
    assert (await releases.recall("R-1001"))[1] == (instruction("i2"),)
