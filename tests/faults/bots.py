"""Bots as processes of their own, started quickly, signalled, and waited for."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp

from sandbox.world.environment import process_environment
from tests.support.until import until

UP = 90.0
LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Death:
    """When a bot kills itself: `before` or `after` the `number`-th call of that name; an empty name is never met.

    With `manner` `stop` it only stops itself (SIGSTOP), and with `block` its event loop stands still for `BLOCKED` seconds. `diary` is
    the path of the file that gets the name of each call; empty for none.
    """

    name: str = ""
    number: int = 0
    moment: str = "before"
    diary: str = ""
    manner: str = "kill"


@dataclass(frozen=True, slots=True)
class Bot:
    """One `lockmaster serve`. `ended` is done with its exit status, negative for a signal."""

    pid: int
    port: int
    admin: int
    log: Path
    ended: asyncio.Future[int]

    def send(self, number: signal.Signals) -> None:
        """Signal it."""
        if not self.ended.done():
            os.kill(self.pid, number)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.send(signal.SIGKILL)
        await self.ended

    async def status(self, path: str, http: aiohttp.ClientSession) -> int:
        """What the admin port answers; 0 where nobody does."""
        try:
            async with http.get(f"http://127.0.0.1:{self.admin}/{path}") as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def ready(self, http: aiohttp.ClientSession) -> None:
        """Wait until it takes work; fails with its log when it ends before."""

        async def is_up() -> bool:
            assert not self.ended.done(), self.log.read_text(encoding="utf-8")[-2000:]
            return await self.status("readyz", http) == 200

        await until(is_up, within=UP)


class Nursery:
    """Forks bots from a process that has imported everything, see `tests.faults.forking`; they die with it."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._ended: dict[int, asyncio.Future[int]] = {}
        self._turn = asyncio.Lock()

    async def start(
        self, own: Mapping[str, str], log: Path, ports: tuple[int, int], death: Death | None = None
    ) -> Bot:
        """Start one with these settings; `ports` are its public one and its admin one."""
        asked = {
            "environment": process_environment(own),
            "log": str(log),
            "death": None if death is None else asdict(death),
        }
        assert self._child.stdin is not None
        async with self._turn:
            self._child.stdin.write(json.dumps(asked).encode() + b"\n")
            pid = await self._born.get()
        return Bot(pid, *ports, log, self._ended[pid])

    async def listen(self) -> None:
        """Take in what the process says, until it ends."""
        assert self._child.stdout is not None
        while line := await self._child.stdout.readline():
            said = json.loads(line)
            if "born" in said:
                self._ended[said["born"]] = asyncio.get_running_loop().create_future()
                self._born.put_nowait(said["born"])
            else:
                self._ended[said["ended"]].set_result(said["status"])


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """Start the process that forks; every bot of it is gone afterwards."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.forking"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    nursery = Nursery(child)
    listening = asyncio.create_task(nursery.listen())
    try:
        yield nursery
    finally:
        assert child.stdin is not None
        child.stdin.close()
        await child.wait()
        await listening
