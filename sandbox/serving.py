"""An ASGI application on a loopback port, inside the running event loop."""

import asyncio
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

_KEEP_ALIVE = 120  # seconds; longer than clients keep idle connections, so that none is cut under a request
_GRACE = 1.0  # seconds that requests in flight are given at the end


class LoopbackServer:
    """uvicorn's HTTP without its `Server`, which would take the process's signals and poll for its own end."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._wanted_port = port
        self._state = ServerState()
        self._config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=_KEEP_ALIVE,
        )
        self._listener: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, once it is started."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; requests are answered from now on. After a `stop`, at the same port again."""
        if not self._config.loaded:
            self._config.load()
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            self._protocol, "127.0.0.1", self.port or self._wanted_port, backlog=1024
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Finish what is being answered, then close."""
        if self._listener is None:
            return
        self._listener.close()
        for connection in tuple(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(tuple(self._state.tasks), timeout=_GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await asyncio.sleep(0)  # the last transports close in the next turn of the loop

    def _protocol(self) -> asyncio.Protocol:
        protocol: Any = self._config.http_protocol_class
        made: asyncio.Protocol = protocol(config=self._config, server_state=self._state, app_state={})
        return made
