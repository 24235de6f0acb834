"""Nothing is promoted without an audit, and what is audited while the store is away is neither lost nor doubled."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.release.phases import Phase
from tests.faults.vault import Vault, vault
from tests.scenarios.conftest import quiet

__all__ = ["quiet"]


@pytest.fixture
async def theatre(tmp_path: Path) -> AsyncIterator[Vault]:
    async with vault(tmp_path) as theatre:
        yield theatre


async def test_f65_without_an_audit_nothing_is_promoted(theatre: Vault) -> None:
    """The store can be read, and takes nothing any more."""
    await theatre.baking()
    await theatre.store.client.config_set("maxmemory", "1")
    await theatre.pass_(120)
    assert theatre.weights() == "50/50"
    assert "The store cannot be reached: nothing moves forward; Roll back works." in theatre.card()
    await theatre.store.client.config_set("maxmemory", "0")
    await theatre.until(Phase.PROMOTED)


async def test_f65_what_is_audited_meanwhile_waits_on_disk_and_comes_home_in_order_and_once(
    theatre: Vault,
) -> None:
    await theatre.baking()
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
