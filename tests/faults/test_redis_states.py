"""The store is full, read-only, reading its file, without scripts, emptied; or holds a lock of somebody who is gone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.redis.locks import RedisLocks
from bot.release.phases import Phase
from tests.faults.vault import AWAY, BY_ROUTE, Vault, vault
from tests.scenarios.conftest import quiet
from tests.support.values import event, release

__all__ = ["quiet"]


@pytest.fixture
async def theatre(tmp_path: Path) -> AsyncIterator[Vault]:
    async with vault(tmp_path) as theatre:
        yield theatre


async def test_f14_a_full_store_refuses_starts_and_forward_steps_until_there_is_room(theatre: Vault) -> None:
    await theatre.baking()
    await theatre.store.client.config_set("maxmemory", "1")
    assert await theatre.quickly(theatre.dee, "payments v2.0.0") == AWAY.format("it answers OOM")
    await theatre.store.client.config_set("maxmemory", "0")
    await theatre.until(Phase.PROMOTED)


async def test_f14_a_read_only_store_refuses_starts_and_lets_roll_back(theatre: Vault) -> None:
    await theatre.baking()
    await theatre.store.client.replicaof("127.0.0.1", "1")
    assert await theatre.quickly(theatre.dee, "payments v2.0.0") == AWAY.format("it answers READONLY")
    await theatre.dee.types("rollback checkout")
    assert theatre.weights() == "100/0"
    await theatre.pass_(60)
    await theatre.store.client.replicaof("NO", "ONE")
    await theatre.pass_(40)
    assert (await theatre.release()).phase is Phase.ROLLED_BACK
    assert await theatre.locked() == {}


async def test_f14_a_store_that_reads_its_file_refuses_and_then_goes_on(tmp_path: Path) -> None:
    """The server waits 2 ms at each of its keys, and looks after its callers in between."""
    slow = {"appendonly": "no", "key-load-delay": "2000", "loading-process-events-interval-bytes": "1024"}
    async with vault(tmp_path, **slow) as theatre:
        await theatre.baking()
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
    await theatre.baking()
    await theatre.store.client.script_flush()
    await theatre.until(Phase.PROMOTED)
    assert await theatre.locked() == {}


async def test_f15_a_flushed_store_is_written_anew_and_the_release_goes_on(theatre: Vault) -> None:
    await theatre.baking()
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
    await theatre.baking()
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
