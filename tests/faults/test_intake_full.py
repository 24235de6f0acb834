"""What fills up: the log's pipe, the disk beneath it, the files that the process may open."""

import asyncio
import json
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TextIO

import aiohttp
import psutil
import pytest

from handlers.intake import places
from tests.faults.births import nursery, world
from tests.faults.bots import Bot
from tests.faults.stand import TARGET, Stand
from tests.faults.stories import SERVICE
from tests.support.until import until

__all__ = ["nursery", "world"]

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="module")]
LINES = 30_000
TALKER = f"""
import logging, sys, structlog
from bot.cli.logs import configure
sink = configure()
log = structlog.get_logger()
for number in range({LINES}):
    log.info("step", number=number, text="x" * 100)
print("went on", flush=True)
sys.stdin.readline()
sink.drain(10)
log.info("last")
logging.shutdown()
"""
FILES = 256


async def test_f64_a_log_that_nobody_reads_holds_nobody_up_and_says_later_what_is_missing() -> None:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", TALKER, stdin=pipe, stdout=pipe, stderr=pipe, limit=1 << 12
    )
    assert child.stdout is not None
    async with asyncio.timeout(20):
        assert await child.stdout.readline() == b"went on\n"
        _, read = await child.communicate(b"\n")

    lines = [json.loads(line) for line in read.splitlines()]
    lost = [line["lines"] for line in lines if line["event"] == "log lines were lost"]
    assert lost
    assert sum(lost) + sum(line["event"] == "step" for line in lines) == LINES
    assert lines[-1]["event"] == "last"


@pytest.fixture
def full_disk() -> Iterator[TextIO]:
    with Path("/dev/full").open("w", encoding="utf-8") as found:
        yield found


async def test_f64_a_full_disk_beneath_the_log_ends_nothing(full_disk: TextIO) -> None:
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", TALKER, stdin=nothing, stdout=pipe, stderr=full_disk
    )
    async with asyncio.timeout(20):
        said, _ = await child.communicate()
    assert (said, child.returncode) == (b"went on\n", 0)


def crowd(stack: ExitStack, bot: Bot, people: int) -> None:
    """So many connections that say nothing."""
    for _ in range(people):
        stack.enter_context(socket.create_connection(("127.0.0.1", bot.port)))


def inside(bot: Bot) -> int:
    """How many connections to its public port the bot keeps open."""
    found = psutil.Process(bot.pid).net_connections("tcp")
    return sum(one.status == "ESTABLISHED" and one.laddr.port == bot.port for one in found)


async def health(world: Stand, bot: Bot) -> int | None:
    """What a new request to the public port is answered; None when it is cut off."""
    with suppress(aiohttp.ClientError):
        async with world.http.get(f"http://127.0.0.1:{bot.port}/nothing") as answer:
            return answer.status
    return None


async def test_f64_out_of_files_intake_fails_closed_and_a_failing_canary_is_rolled_back(world: Stand) -> None:
    bot = await world.start_bot()
    await bot.ready(world.http)
    await world.types(f"{SERVICE} {TARGET} canary 50% 100% every 1h ask")
    await world.reaches(SERVICE, "baking")
    resource.prlimit(bot.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
    with ExitStack() as stack:
        crowd(stack, bot, 2 * FILES)
        await until(lambda: inside(bot) == FILES // 2)
        assert await health(world, bot) in (503, None)
        world.traffic.fail([SERVICE])

        await world.reaches(SERVICE, "rolled_back")
        assert world.route(SERVICE).canary == 0
        assert inside(bot) <= FILES // 2
    await until(lambda: answers(world, bot))


async def answers(world: Stand, bot: Bot) -> bool:
    return await health(world, bot) == 404


async def test_f64_with_no_file_left_at_all_what_is_open_stays_open(world: Stand) -> None:
    """Accepting fails; the connections to the cluster stand, and are enough for a rollback."""
    bot = await world.start_bot()
    await bot.ready(world.http)
    await world.types(f"{SERVICE} {TARGET} canary 50% 100% every 1h ask")
    await world.reaches(SERVICE, "baking")
    left = psutil.Process(bot.pid).num_fds()
    resource.prlimit(bot.pid, resource.RLIMIT_NOFILE, (left, left))

    world.traffic.fail([SERVICE])

    await world.reaches(SERVICE, "rolled_back")
    assert await health(world, bot) in (503, None, 404)


async def test_f64_the_world_gets_half_of_the_files_and_never_more_than_a_thousand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits = iter((256, 1_000_000, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "getrlimit", lambda _: (next(limits), 0))
    assert [places(), places(), places()] == [128, 1000, 1000]
