"""The bot as production runs it: its own process, started again when it dies, as Kubernetes would."""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from sandbox.child import start_child, stop_child
from sandbox.world.polling import until

PROGRAM = (sys.executable, "-m", "bot.cli", "serve")
RESTART_S = 1.0
_TROUBLED_S = 5.0
_READY_S = 20.0
_GRACE_S = 3.0
_TAIL_LINES = 25


class BotError(Exception):
    """The bot did not come up; the text holds the end of its log."""


class Bot:
    """Keeps one `lockmaster serve` alive. `state` is `running`, `starting` or `stopped`."""

    def __init__(self, environment: Mapping[str, str], admin_url: str, log: Path) -> None:
        self._environment = environment
        self._admin_url = admin_url
        self._child: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self.log = log
        self.state = "stopped"

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises `BotError`."""
        await self._spawn()
        self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End it for good, in peace; safe to call twice."""
        if self._keeping:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping
            self._keeping = None
        if self._child:
            await stop_child(self._child, _GRACE_S)
        self.state = "stopped"

    def kill(self) -> None:
        """SIGKILL. It starts again after a second, as a pod's container would."""
        if self._child and self._child.returncode is None:
            self.state = "stopped"
            self._hurry.clear()
            self._child.kill()

    async def start_now(self) -> None:
        """Do not wait for the restart; returns when it is ready or still is not after 20 s."""
        self._hurry.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_READY_S):
                await until(lambda: self.state == "running")

    def tail(self) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])

    async def _keep(self) -> None:
        assert self._child is not None  # noqa: S101  for the type checker: started before it is kept
        while True:
            await self._child.wait()
            await self._rest(RESTART_S if self.state in ("running", "stopped") else _TROUBLED_S)
            with contextlib.suppress(BotError):
                await self._spawn()

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        self._hurry.clear()

    async def _spawn(self) -> None:
        self.state = "starting"
        self._child = await start_child(PROGRAM, self.log, env=self._environment)
        try:
            async with asyncio.timeout(_READY_S):
                await self._ready(self._child)
        except TimeoutError:
            raise BotError(f"the bot is not ready after {_READY_S:.0f} s:\n{self.tail()}") from None
        self.state = "running"

    async def _ready(self, child: asyncio.subprocess.Process) -> None:
        async with aiohttp.ClientSession() as session:
            while not await self._is_ready(session):
                if child.returncode is not None:
                    raise BotError(f"the bot ended with status {child.returncode}:\n{self.tail()}")
                await asyncio.sleep(0.05)

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self._admin_url}/readyz") as answer:
                return answer.ok
        except aiohttp.ClientError:
            return False
