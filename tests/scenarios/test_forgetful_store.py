"""The store was emptied, or kept what nobody needs any more: what the route objects say is written anew, the rest is given back."""

import pytest

from bot.errors import Unavailable
from bot.ports.locks import IdTaken
from bot.release.model import Release
from bot.release.phases import Phase
from bot.release.stored import Newer
from bot.usecases.unanswered import AGAIN, TRIES, take_back
from tests.scenarios.person import Person
from tests.scenarios.theatre import Theatre
from tests.support.values import event, release

BREAK = 'To break its lock, say why: /release unlock checkout because "…".'


async def leave_behind(theatre: Theatre, id_: str = "R-7") -> Release:
    """A lock whose release nobody knows."""
    dead = release(id_)
    await theatre.locks.admit(dead, event(), None)
    del theatre.releases._records[id_]
    return dead


async def test_releases_that_have_ended_are_known_again_too(theatre: Theatre, ana: Person) -> None:
    await ana.types("payments v2.0.0 canary 50% every 5s auto")
    await theatre.until(Phase.PROMOTED)
    await ana.types("checkout v1.3.0 canary 50% every 10m")
    await theatre.pass_(40)
    theatre.flush()
    await theatre.pass_(12)
    assert [one.id for one in await theatre.releases.history("payments", 5)] == ["R-1001"]
    assert (await theatre.release("R-1002")).phase is Phase.BAKING
    assert [lock.release for lock in await theatre.locks.all()] == ["R-1002"]
    assert (await ana.types("rollback payments")).splitlines()[
        0
    ] == "payments v2.0.0 → v1.2.9 (R-1003) has started."


async def test_one_that_is_still_known_is_left_as_it_is(theatre: Theatre, ana: Person) -> None:
    for line in ("payments v2.0.0 canary 50% every 5s auto", "checkout v1.3.0 canary 50% every 5s auto"):
        await ana.types(line)
        await theatre.pass_(80)
    del theatre.releases._records["R-1002"]
    before = await theatre.release("R-1001")
    await theatre.pass_(12)
    assert await theatre.release("R-1001") is before
    assert (await theatre.release("R-1002")).phase is Phase.PROMOTED


async def test_what_a_newer_version_wrote_into_the_store_is_left_alone(
    theatre: Theatre, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 5s auto")
    await theatre.pass_(80)
    await leave_behind(theatre)

    async def newer(id_: str) -> Release:
        raise Newer("Release", {"id": id_, "schema": 99})

    monkeypatch.setattr(theatre.releases, "load", newer)
    assert [one.id for one in await theatre.bot.reconciler.upkeep.look()] == []
    assert [lock.release for lock in await theatre.locks.all()] == ["R-7"]


@pytest.mark.parametrize("no", [Unavailable("redis", "it answers OOM"), IdTaken()], ids=["full", "outrun"])
async def test_what_cannot_be_written_anew_yet_is_tried_again(
    theatre: Theatre, ana: Person, monkeypatch: pytest.MonkeyPatch, no: Exception
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 10m")
    await theatre.until(Phase.BAKING)
    theatre.flush()

    async def refused(*_: object) -> None:
        raise no

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(theatre.locks, "admit", refused)
        await theatre.pass_(12)
        assert await theatre.releases.load("R-1001") is None
    await theatre.pass_(12)
    assert (await theatre.release()).phase is Phase.BAKING


async def test_a_lock_whose_route_is_gone_or_carries_another_may_be_broken(
    theatre: Theatre, ana: Person
) -> None:
    await ana.types("checkout v1.3.0 canary 50% every 5s auto")
    await theatre.until(Phase.PROMOTED)
    await theatre.pass_(40)
    await leave_behind(theatre)
    assert (await ana.types("unlock checkout")).splitlines()[1] == BREAK
    del theatre.cluster.routes["shop", "checkout"]
    assert (await ana.types("unlock checkout")).splitlines()[1] == BREAK
    assert (await ana.types("unlock checkout because “dead”")).splitlines()[0] == "checkout is unlocked."


async def test_a_lock_whose_record_in_the_route_cannot_be_read_is_not_broken(
    theatre: Theatre, ana: Person
) -> None:
    dead = await leave_behind(theatre)
    route = theatre.cluster.route(theatre.service())
    route.managed, route.release, route.state = True, dead.id, "{"
    assert (await ana.types("unlock checkout because “dead”")).splitlines()[
        0
    ] == "checkout is held by the live release R-7 of ana."


async def test_a_start_that_never_can_be_taken_back_is_given_up(theatre: Theatre) -> None:
    theatre.redis.begin()
    task = theatre.bot.office.spawn(take_back(theatre.bot.office, release()))
    await theatre.clock.advance(AGAIN * TRIES)
    assert task.done()
    theatre.redis.end()
    assert (await theatre.releases.recall("R-1001"))[1] == ()
