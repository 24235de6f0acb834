"""The store dies, hangs, refuses, forgets: nothing starts, nothing moves forward, everything can be rolled back, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.redis.locks import RedisLocks
from bot.release.phases import Phase
from bot.usecases.unanswered import BECAUSE
from tests.faults.vault import Vault, vault
from tests.scenarios.conftest import quiet
from tests.scenarios.killing import Killed, kill_at
from tests.support.until import until
from tests.support.values import event, release

AWAY = "Redis cannot be reached ({}), so this cannot be done now."
BY_ROUTE = [
    "ana: start: v1.2.9 → v1.3.0",
    "ana: claimed: holds the route object",
    "Lockmaster: weight_ordered: 50 % to the canary",
    "Lockmaster: weight_observed: 50.0 % of the requests reach the canary",
]
ROLLED_BACK = [
    "ended: stable serves everything, seen in the traffic",
    "Lockmaster: tidied: no canary is left",
]


__all__ = ["quiet"]


@pytest.fixture
async def theatre(tmp_path: Path) -> AsyncIterator[Vault]:
    async with vault(tmp_path) as theatre:
        yield theatre


async def baking(theatre: Vault) -> None:
    await theatre.ana.types("checkout v1.3.0 canary 50% every 1m auto")
    await theatre.until(Phase.BAKING)


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
    await baking(theatre)
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
    await baking(theatre)
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
    await baking(theatre)
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


async def test_f14_a_full_store_refuses_starts_and_forward_steps_until_there_is_room(theatre: Vault) -> None:
    await baking(theatre)
    await theatre.store.client.config_set("maxmemory", "1")
    assert await theatre.quickly(theatre.dee, "payments v2.0.0") == AWAY.format("it answers OOM")
    await theatre.store.client.config_set("maxmemory", "0")
    await theatre.until(Phase.PROMOTED)


async def test_f14_a_read_only_store_refuses_starts_and_lets_roll_back(theatre: Vault) -> None:
    await baking(theatre)
    await theatre.store.client.replicaof("127.0.0.1", "1")
    assert await theatre.quickly(theatre.dee, "payments v2.0.0") == AWAY.format("it answers READONLY")
    await theatre.dee.types("rollback checkout")
    assert theatre.weights() == "100/0"
    await theatre.pass_(60)
    await theatre.store.client.replicaof("NO", "ONE")
    await finds_all_again(theatre, "dee", "as asked")


async def test_f14_a_store_that_reads_its_file_refuses_and_then_goes_on(tmp_path: Path) -> None:
    """The server waits 2 ms at each of its keys, and looks after its callers in between."""
    slow = {"appendonly": "no", "key-load-delay": "2000", "loading-process-events-interval-bytes": "1024"}
    async with vault(tmp_path, **slow) as theatre:
        await baking(theatre)
        await theatre.store.client.mset({f"padding:{number}": "x" * 2048 for number in range(500)})
        await theatre.store.client.save()
        theatre.die()
        starting = asyncio.create_task(asyncio.to_thread(theatre.back))
        told = ""
        while told != AWAY.format("it answers LOADING"):
            told = await theatre.quickly(theatre.dee, "payments v2.0.0")
            assert told.startswith("Redis cannot be reached")
        await starting
        await theatre.until(Phase.PROMOTED)


async def test_f14_a_store_that_forgot_the_scripts_is_sent_them_again(theatre: Vault) -> None:
    await baking(theatre)
    await theatre.store.client.script_flush()
    await theatre.until(Phase.PROMOTED)
    assert await theatre.locked() == {}


async def test_f15_a_flushed_store_is_written_anew_and_the_release_goes_on(theatre: Vault) -> None:
    await baking(theatre)
    await theatre.store.client.flushall()
    await theatre.pass_(12)
    assert await theatre.locked() == {"checkout": "R-1001"}
    assert (await theatre.release()).phase is Phase.BAKING
    assert [one.revision for one in await theatre.releases.events("R-1001")] == [0, 1, 2, 3]
    assert (await theatre.audited())[1:] == BY_ROUTE[1:]
    await theatre.until(Phase.PROMOTED)
    await theatre.pass_(40)
    assert await theatre.locked() == {}
    assert [one.id for one in await theatre.releases.history("checkout", 5)] == ["R-1001"]


async def test_f16_a_lock_whose_release_has_ended_is_given_back_by_itself(theatre: Vault) -> None:
    await baking(theatre)
    await theatre.dee.types("rollback checkout")
    await theatre.pass_(60)
    await RedisLocks(theatre.store).admit(await theatre.release(), event(), None)
    assert await theatre.locked() == {"checkout": "R-1001"}
    await theatre.pass_(12)
    assert await theatre.locked() == {}


async def test_f16_a_lock_of_a_release_that_nobody_knows_is_broken_with_an_audited_reason(
    theatre: Vault,
) -> None:
    await RedisLocks(theatre.store).admit(release("R-7"), event(), None)
    await theatre.store.client.delete(theatre.store.key("release", "R-7"), theatre.store.key("live"))
    await theatre.pass_(30)
    assert "held by ana (R-7)" in await theatre.ana.types("locks")
    assert (await theatre.quickly(theatre.dee, "checkout v1.4.0")).startswith(
        "checkout is locked: held by ana (R-7)"
    )
    assert await theatre.dee.types("unlock checkout") == (
        "checkout is still held by R-7 of ana, which nothing calls live any more.\n"
        'To break its lock, say why: /release unlock checkout because "…".'
    )
    assert await theatre.dee.types("unlock checkout because “ana is on a plane”") == (
        "checkout is unlocked.\nR-7 of ana had left it locked: v1.2.9 → v1.3.0."
    )
    assert (await theatre.audited())[-1] == (
        "dee: unlock: R-7 of ana had left it locked: v1.2.9 → v1.3.0. Because: ana is on a plane"
    )
    assert theatre.channel()[-1].startswith("checkout is unlocked")
    assert (await theatre.quickly(theatre.dee, "checkout v1.4.0")).endswith("has started.")


async def test_f65_without_an_audit_nothing_is_promoted(theatre: Vault) -> None:
    """The store can be read, and takes nothing any more."""
    await baking(theatre)
    await theatre.store.client.config_set("maxmemory", "1")
    await theatre.pass_(120)
    assert theatre.weights() == "50/50"
    assert "The store cannot be reached: nothing moves forward; Roll back works." in theatre.card()
    await theatre.store.client.config_set("maxmemory", "0")
    await theatre.until(Phase.PROMOTED)


async def test_f65_what_is_audited_meanwhile_waits_on_disk_and_comes_home_in_order_and_once(
    theatre: Vault,
) -> None:
    await baking(theatre)
    theatre.die()
    await theatre.dee.types("relese payments")
    await theatre.bo.types("promote payments")
    await theatre.dee.types("rollback checkout")
    await theatre.pass_(60)
    theatre.back()
    await theatre.pass_(40)
    assert [line.split(":")[:2] for line in (await theatre.audited())[4:]] == [
        ["dee", " typed"],
        ["bo", " refused"],
        ["dee", " rollback_ordered"],
        ["dee", " ended"],
        ["Lockmaster", " tidied"],
    ]


async def test_f65_the_audit_of_a_bot_killed_meanwhile_is_brought_home_by_the_next(
    theatre: Vault, tmp_path: Path
) -> None:
    theatre.die()
    await theatre.dee.types("relese payments")
    await theatre.succeed(tmp_path / "audit")
    theatre.back()
    await theatre.pass_(1)
    assert [line.split(":")[:2] for line in await theatre.audited()] == [["dee", " typed"]]
