"""An ASGI application on a loopback port, inside the running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

_KEEP_ALIVE = 120  # seconds; longer than clients keep idle connections, so that none is cut under a request
_GRACE = 1


class LoopbackServer:
    """uvicorn without its signal handlers, so that several of them share a process."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._app = app
        self._wanted_port = port
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, once it is started."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; requests are answered from now on."""
        listener = socket.create_server(("127.0.0.1", self._wanted_port), backlog=1024)
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=_GRACE,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))

    async def stop(self) -> None:
        """Finish what is being answered, then close."""
        if self._server and self._task:
            self._server.should_exit = True
            await self._task


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signals to whoever runs the loop."""
        yield
