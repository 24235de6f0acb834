"""How many connections the world may hold. The rest of the process's files stay for the cluster: a rollback needs one."""

import asyncio
import resource
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST: Final = 1000
PATIENCE: Final = 10.0
"""Seconds for the head of a first request to come; a connection that says nothing keeps others out."""


def places() -> int:
    """Connections that may be open at a time: at most half of the files that the process may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else min(MOST, soft // 2)


class Intake(HttpToolsProtocol):
    """Uvicorn's protocol, bounded: who comes when it is nearly full is answered 503, who comes when it is full is cut off."""

    _late: asyncio.TimerHandle | None = None
    _asked = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take the connection in, or cut it off."""
        most = places()
        self.limit_concurrency = most * 9 // 10
        super().connection_made(transport)
        if len(self.connections) > most:
            transport.abort()
        else:
            self._late = self.loop.call_later(PATIENCE, self._close_if_silent)

    def on_headers_complete(self) -> None:
        """A request has begun."""
        self._asked = True
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def _close_if_silent(self) -> None:
        if not self._asked:
            self.transport.close()


def raise_limit() -> None:
    """Take all the files that the system lets the process have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
