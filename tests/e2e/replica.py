"""One `lockmaster serve` as a process of its own, which can be stopped, killed and frozen."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from sandbox.child import start_child, stop_child
from sandbox.world.environment import process_environment
from tests.support.until import until

PROGRAM = (sys.executable, "-m", "bot.cli", "serve")
UP = 60.0


@dataclass
class Replica:
    """`user` is who it is at the API server; `port` takes Slack's requests and alerts, `admin` answers /readyz and so on."""

    user: str
    port: int
    admin: int
    settings: Mapping[str, str]
    log: Path
    program: tuple[str, ...] = PROGRAM
    _child: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def slack_url(self) -> str:
        """Where Slack sends."""
        return f"http://127.0.0.1:{self.port}/slack/events"

    @property
    def alerts_url(self) -> str:
        """Where Alertmanager sends."""
        return f"http://127.0.0.1:{self.port}/alerts/alertmanager"

    @property
    def pid(self) -> int:
        """Of its process, which must have been started."""
        assert self._child is not None
        return self._child.pid

    async def start(self) -> None:
        """Start it, and return when it is ready. It may be started again after it ended."""
        environment = process_environment(self.settings)
        self._child = await start_child(self.program, self.log, env=environment)
        async with aiohttp.ClientSession() as session:

            async def is_ready() -> bool:
                assert self._child is not None
                assert self._child.returncode is None, self.tail()
                try:
                    async with session.get(f"http://127.0.0.1:{self.admin}/readyz") as answer:
                        return answer.ok
                except aiohttp.ClientError:
                    return False

            await until(is_ready, within=UP)

    async def stop(self) -> None:
        """SIGTERM, and wait for its end; safe to call twice, also on one that is frozen."""
        if self._child is not None:
            self.wake()
            await stop_child(self._child)

    async def leave(self) -> int:
        """SIGTERM; its exit status, however long that takes it within a bound."""
        assert self._child is not None
        self._send(signal.SIGTERM)
        async with asyncio.timeout(UP):
            return await self._child.wait()

    async def kill(self) -> None:
        """SIGKILL."""
        self._send(signal.SIGKILL)
        assert self._child is not None
        await self._child.wait()

    def freeze(self) -> None:
        """SIGSTOP: it does nothing any more, and does not know."""
        self._send(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT."""
        self._send(signal.SIGCONT)

    def logged(self) -> str:
        """All of its log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self) -> str:
        """The end of its log."""
        return self.logged()[-4000:]

    def _send(self, number: signal.Signals) -> None:
        if self._child is not None and self._child.returncode is None:
            self._child.send_signal(number)
