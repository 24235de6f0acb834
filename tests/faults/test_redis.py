"""The store dies, hangs, refuses, forgets: nothing starts, nothing moves forward, everything can be rolled back, nothing is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.release.phases import Phase
from bot.usecases.unanswered import BECAUSE
from tests.faults.vault import AWAY, BY_ROUTE, Vault, vault
from tests.scenarios.conftest import quiet
from tests.scenarios.killing import Killed, kill_at
from tests.support.until import until

ROLLED_BACK = [
    "ended: stable serves everything, seen in the traffic",
    "Lockmaster: tidied: no canary is left",
]


__all__ = ["quiet"]


@pytest.fixture
async def theatre(tmp_path: Path) -> AsyncIterator[Vault]:
    async with vault(tmp_path) as theatre:
        yield theatre


async def finds_all_again(theatre: Vault, who: str, why: str) -> None:
    """The store is back: record, history and audit are whole, the lock is free, and the next one starts."""
    await theatre.pass_(40)
    record = await theatre.release()
    assert (record.phase, record.tidied) == (Phase.ROLLED_BACK, True)
    assert [one.revision for one in await theatre.releases.events("R-1001")] == list(
        range(record.revision + 1)
    )
    told = [line for line in await theatre.audited("R-1001") if ": alert: roll_back: " not in line]
    assert told[4:] == [f"{who}: rollback_ordered: {why}", f"{who}: {ROLLED_BACK[0]}", ROLLED_BACK[1]]
    assert told[:4] == BY_ROUTE
    assert {one.service for one in await theatre.releases.live()} == set()
    assert await theatre.locked() == {}
    assert (await theatre.quickly(theatre.dee, "checkout v1.4.0")).endswith("has started.")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_f01_a_bot_killed_at_the_admission_left_all_of_it_or_nothing(
    theatre: Vault, *, after: bool
) -> None:
    """Lock and record are written by one script: there is no moment between the two."""
    kill_at(theatre.locks, "admit", after=after)
    with pytest.raises(Killed):
        await theatre.ana.types("checkout v1.3.0 canary 50% every 1m auto")
    assert theatre.cluster.writes == []
    assert await theatre.locked() == ({"checkout": "R-1001"} if after else {})
    assert len(await theatre.releases.live()) == int(after)
    theatre.restart()
    if after:
        await theatre.until(Phase.BAKING)
        assert theatre.channel() == ["checkout v1.2.9 → v1.3.0 (R-1001): watching"]
    assert (await theatre.quickly(theatre.dee, "checkout v1.4.0")).startswith(
        "checkout is locked: held by ana (R-1001)" if after else "checkout v1.2.9 → v1.4.0"
    )


@pytest.mark.parametrize("hung", [False, True], ids=["dead", "hung"])
async def test_f10_without_the_store_nothing_starts_and_what_is_live_holds_and_rolls_back(
    theatre: Vault, *, hung: bool
) -> None:
    await theatre.baking()
    if hung:
        theatre.pause()
    else:
        theatre.die()
    told = await theatre.quickly(theatre.dee, "payments v2.0.0")
    assert told in [AWAY.format(why) for why in ("no connection", "no answer in time")]
    if not hung:
        await theatre.pass_(180)
        assert theatre.weights() == "50/50"
        assert "The store cannot be reached: nothing moves forward; Roll back works." in theatre.card()
    assert (
        await theatre.quickly(theatre.dee, "rollback checkout")
        == "Rolling back checkout v1.2.9 → v1.3.0 (R-1001): traffic goes to v1.2.9."
    )
    await until(lambda: theatre.weights() == "100/0")
    if hung:
        theatre.resume()
    else:
        await theatre.pass_(60)
        theatre.back()
    await finds_all_again(theatre, "dee", "as asked")


async def test_f10_a_start_that_the_store_did_late_is_taken_back(theatre: Vault) -> None:
    """What was sent to a store that hangs is done when it goes on; its author was told that nothing is done."""
    await theatre.ana.types("checkout v1.3.0")
    await theatre.until(Phase.BAKING)
    theatre.pause()
    assert await theatre.quickly(theatre.dee, "payments v2.0.0") == AWAY.format("no answer in time")
    theatre.resume()
    await theatre.pass_(20)
    late = await theatre.release("R-1002")
    assert (late.service, late.phase, late.ending and late.ending.text) == (
        "payments",
        Phase.CANCELLED,
        BECAUSE,
    )
    assert not [one for one in theatre.cluster.writes if one.name.startswith("payments")]
    assert await theatre.locked() == {"checkout": "R-1001"}


async def test_f11_in_mid_release_without_the_store_nobody_promotes(theatre: Vault) -> None:
    await theatre.ana.types("checkout v1.3.0 canary 50% every 10s ask")
    await theatre.until(Phase.GATE)
    theatre.die()
    told = await theatre.bo.presses("Promote to 100 %")
    assert told == f"{AWAY.format('no connection')}\nTry again in a minute. A rollback works all the same."
    assert await theatre.quickly(theatre.bo, "promote checkout") == AWAY.format("no connection")
    await theatre.pass_(60)
    assert theatre.weights() == "50/50"
    theatre.back()
    await theatre.pass_(3)
    assert await theatre.bo.presses("Promote to 100 %") is None
    await theatre.pass_(3)
    assert theatre.weights() == "0/100"


@pytest.mark.parametrize("by", ["button", "alert", "command"])
async def test_f11_in_mid_release_without_the_store_each_way_rolls_back(theatre: Vault, by: str) -> None:
    await theatre.baking()
    theatre.die()
    who, why = "bo", "as asked"
    if by == "button":
        assert await theatre.bo.presses("Roll back") is None
    elif by == "alert":
        told = await theatre.alert({"version": "v1.3.0"})
        assert told == "checkout v1.2.9 → v1.3.0 (R-1001): rolled back"
        who, why = "alert HighErrorRate", "HighErrorRate: too many errors"
    else:
        assert await theatre.bo.types("rollback checkout because “too slow”") == (
            "Rolling back checkout v1.2.9 → v1.3.0 (R-1001): traffic goes to v1.2.9."
        )
        why = "too slow"
    assert theatre.weights() == "100/0"
    await theatre.pass_(60)
    theatre.back()
    await finds_all_again(theatre, who, why)


async def test_f12_a_store_that_lost_the_last_write_lets_nobody_past_the_route_object(theatre: Vault) -> None:
    """The second gate: the claim stands in the cluster, and names who holds the service."""
    await theatre.baking()
    await theatre.lose_everything()
    assert await theatre.quickly(theatre.dee, "checkout v1.4.0") == (
        "checkout v1.2.9 → v1.3.0 (R-1001) is live, started by ana at 09:00 UTC."
    )
    await theatre.pass_(12)
    assert (await theatre.quickly(theatre.dee, "checkout v1.4.0")).startswith(
        "checkout is locked: held by ana (R-1001)"
    )
    await theatre.until(Phase.PROMOTED)


async def test_f12_of_two_whom_the_store_let_in_one_moves_traffic(theatre: Vault) -> None:
    """The first admission is lost before its claim; the same number is given again."""
    kill_at(theatre.traffic, "write", after=False)
    assert "R-1001) has started" in await theatre.quickly(
        theatre.ana, "checkout v1.3.0 canary 50% every 1m auto"
    )
    await theatre.lose_everything()
    theatre.restart()
    assert "R-1001) has started" in await theatre.quickly(
        theatre.dee, "checkout v1.4.0 canary 50% every 1m auto"
    )
    await theatre.until(Phase.PROMOTED)
    assert [one.verb for one in theatre.cluster.writes].count("ensure_canary") == 1
    assert theatre.cluster.deployments["shop", "checkout"].image.endswith(":v1.4.0")


@pytest.mark.parametrize("claimed", [True, False], ids=["claimed", "unclaimed"])
async def test_f12_a_release_that_the_store_brings_back_after_its_end_stays_ended(
    theatre: Vault, *, claimed: bool
) -> None:
    """Its last writes are lost; the route object has gone on to another release, which has ended too."""
    await theatre.baking()
    forgotten = await theatre.release()
    if not claimed:
        forgotten = forgotten.model_copy(update={"phase": Phase.PREPARING, "revision": 0})
    await theatre.quickly(theatre.dee, "rollback checkout")
    await theatre.until(Phase.ROLLED_BACK)
    await theatre.pass_(40)
    await theatre.quickly(theatre.dee, "checkout v1.4.0")
    await theatre.pass_(1)  # before it holds the route object, whoever takes it back leaves no trace there
    assert theatre.cluster.route(theatre.service()).release == "R-1002"
    await theatre.quickly(theatre.dee, "rollback checkout")
    await theatre.pass_(40)
    written = theatre.cluster.route(theatre.service()).revision
    await theatre.lose_everything()
    await theatre.locks.admit(forgotten, forgotten.recent[0], None)

    await theatre.quickly(theatre.dee, "rollback checkout")
    await theatre.pass_(12)

    brought_back = await theatre.release("R-1001")
    assert brought_back.phase is Phase.CANCELLED
    assert brought_back.ending is not None
    assert (
        brought_back.ending.text
        == "it had ended before R-1002 began; the store had lost that, as in a failover"
    )
    assert theatre.cluster.route(theatre.service()).revision == written
    assert await theatre.locked() == {}
