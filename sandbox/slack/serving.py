"""One uvicorn server inside the loop that is already running, on loopback alone."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp, Receive


class _QuietServer(uvicorn.Server):
    """Leaves the signals to whoever started the loop, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.leaving = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """Tick ten times a second as the original does, but leave at once when told to."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.leaving.wait(), 0.1)


class LoopbackServer:
    """Serves one ASGI application on 127.0.0.1; `port` 0 means any free one."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._wanted = port
        self._server: _QuietServer | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = port

    @property
    def url(self) -> str:
        """The origin, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Bind and answer; raises OSError when the port is taken."""
        listener = socket.create_server(("127.0.0.1", self._wanted), backlog=2048)
        self.port = listener.getsockname()[1]
        self._server = _QuietServer(self._config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.listening.wait()

    async def stop(self) -> None:
        """Close the listener and every connection; waits a second at most for open answers."""
        if self._server is None or self._task is None:
            return
        self._server.should_exit = True
        self._server.leaving.set()
        await self._task
        self._server = self._task = None


def abort_connection(receive: Receive) -> None:
    """Drop the client's TCP connection without an answer; ASGI itself has no word for it."""
    cycle = getattr(receive, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise RuntimeError("this server does not show its transport, so a connection cannot be dropped")
    transport.abort()
