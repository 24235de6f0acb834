"""The embedded server: one process a folder, data that stay, no port, and a killed process's server taken over."""

import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from adapters.redis.door import Connection
from adapters.redis.locks import RedisLocks
from adapters.valkey import EmbeddedValkey
from bot.errors import Unavailable
from tests.support.values import hold

HOLDER = """
import asyncio, sys
from pathlib import Path
from adapters.valkey import EmbeddedValkey

async def stay():
    async with EmbeddedValkey(Path(sys.argv[1])):
        print("up", flush=True)
        await asyncio.sleep(60)

asyncio.run(stay())
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def holding(folder: Path) -> "subprocess.Popen[bytes]":
    """Another process that has the embedded server up."""
    holder = subprocess.Popen((sys.executable, "-c", HOLDER, str(folder)), stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"up\n"
    return holder


async def reasons(url: str) -> list[str]:
    connection = Connection.to(url)
    held = await RedisLocks(connection).all()
    await connection.aclose()
    return [lock.reason for lock in held]


async def keep_a_hold(url: str, reason: str) -> None:
    connection = Connection.to(url)
    await RedisLocks(connection).hold(hold(reason=reason), None)
    await connection.aclose()


def servers_in(folder: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in word for word in process.info["cmdline"] or ())
        and "valkey" in (process.info["cmdline"] or [""])[0]
    ]


async def test_data_outlive_the_server(tmp_path: Path) -> None:
    async with EmbeddedValkey(tmp_path) as server:
        await keep_a_hold(server.url, "kept")
    async with EmbeddedValkey(tmp_path) as server:
        assert await reasons(server.url) == ["kept"]
    assert servers_in(tmp_path) == []


async def test_only_its_owner_may_open_the_socket_and_no_port_is_open(tmp_path: Path) -> None:
    async with EmbeddedValkey(tmp_path) as server:
        path = Path(server.url.removeprefix("unix://"))
        assert (mode(path), mode(path.parent)) == (0o700, 0o700)
        (process,) = servers_in(tmp_path)
        assert process.net_connections(kind="inet") == []


async def test_a_second_user_of_the_folder_is_refused(tmp_path: Path) -> None:
    async with EmbeddedValkey(tmp_path):
        with pytest.raises(Unavailable) as refused:
            await EmbeddedValkey(tmp_path).__aenter__()
        assert refused.value.why == f"another process uses {tmp_path / 'valkey'}"


async def test_what_a_killed_process_left_running_is_taken_over_and_stopped_in_the_end(
    tmp_path: Path,
) -> None:
    holder = holding(tmp_path)
    (orphan,) = servers_in(tmp_path)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    async with EmbeddedValkey(tmp_path) as server:
        assert [process.pid for process in servers_in(tmp_path)] == [orphan.pid]
        await keep_a_hold(server.url, "taken over")
    orphan.wait(5)
    assert servers_in(tmp_path) == []


async def test_a_server_that_cannot_start_is_unavailable(tmp_path: Path) -> None:
    files = tmp_path / "valkey" / "appendonlydir"
    files.mkdir(parents=True)
    (files / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(Unavailable) as refused:
        await EmbeddedValkey(tmp_path).__aenter__()
    assert "the embedded Valkey does not start" in refused.value.why
    shutil.rmtree(files)
    async with EmbeddedValkey(tmp_path) as server:
        assert await reasons(server.url) == []


async def test_a_path_too_long_for_a_socket_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="path of its socket is too long"):
        await EmbeddedValkey(tmp_path / ("x" * 100)).__aenter__()
