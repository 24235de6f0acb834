"""The store dies under bots that are processes of their own; the terminal is one more."""

import asyncio
import sys

import pytest

from bot.release.phases import Phase
from sandbox.world.environment import process_environment
from sandbox.world.ports import free_ports
from tests.faults.births import nursery, world
from tests.faults.stand import TARGET, Stand
from tests.faults.stories import SERVICE
from tests.support.until import until

__all__ = ["nursery", "world"]

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="module")]
START = f"{SERVICE} {TARGET} canary 50% 100% every 1s ask"


async def terminal(world: Stand, *words: str) -> tuple[int, str]:
    """What `lockmaster release` answers, and prints."""
    own = process_environment(world.environment(*free_ports(2)))
    program = (sys.executable, "-m", "bot.cli", "release", *words)
    child = await asyncio.create_subprocess_exec(*program, env=own, stdout=-1, stderr=-1)
    out, _ = await child.communicate()
    return child.returncode or 0, out.decode()


async def test_f11_the_terminal_rolls_back_without_the_store_and_the_bot_records_it_afterwards(
    world: Stand,
) -> None:
    bot = await world.start_bot()
    await bot.ready(world.http)
    await world.types(START)
    await world.reaches(SERVICE, "gate")
    await world.redis.kill()
    refused, told = await terminal(world, "promote", SERVICE)
    assert (refused, told.splitlines()[0]) == (
        3,
        "Redis cannot be reached (no connection), so this cannot be done now.",
    )
    done, told = await terminal(world, "rollback", SERVICE, "because", "too slow")
    assert (done, told.split(":")[0].split(" ")[:2]) == (0, ["Rolling", "back"])
    assert world.route(SERVICE).canary == 0
    await world.redis.start()

    async def recorded() -> bool:
        record = await world.record("R-1001")
        return record is not None and record.phase is Phase.ROLLED_BACK

    await until(recorded, within=40)
