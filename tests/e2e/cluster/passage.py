"""A plain HTTP door before the real API server, where requests are refused, held back, or done and reported as failed.

Point a kubeconfig at it by `Plane.kubeconfig(…, server=passage.url)`; whoever asks shows their own token. What happens to requests
is said by `sandbox.kube.Interference`, as with the emulator; `passage.cut()` drops every request under way, watches too. A watch
whose reader has gone is read on until then, or until the server ends it.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Self

import aiohttp
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from sandbox.kube.interference import Interference, Interferences
from sandbox.serving import LoopbackServer
from tests.e2e.cluster.api import cut_off
from tests.e2e.cluster.plane import Plane
from tests.support.until import until

_HOP = {b"host", b"connection", b"content-length", b"transfer-encoding"}
"""Headers of one hop alone."""


class Passage:
    """Use `Passage.before`."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._under_way: set[asyncio.Task[None]] = set()
        self._beginning = 0
        self._interferences = Interferences(self._forward)
        self._server = LoopbackServer(self._interferences)

    @classmethod
    @asynccontextmanager
    async def before(cls, plane: Plane) -> AsyncIterator[Self]:
        """Open a door to that cluster."""
        context = ssl.create_default_context(cafile=str(plane.certificate))
        async with aiohttp.ClientSession(
            plane.url,
            connector=aiohttp.TCPConnector(ssl=context, limit=0),
            timeout=aiohttp.ClientTimeout(total=None),
            auto_decompress=False,
            skip_auto_headers=("Accept-Encoding",),
        ) as session:
            passage = cls(session)
            await passage._server.start()
            try:
                yield passage
            finally:
                # A connection that is given up in the middle of its TLS handshake would outlast the test's loop.
                await until(lambda: not passage._beginning)
                passage.cut()
                await passage._server.stop()

    @property
    def url(self) -> str:
        """Where it answers: `http://127.0.0.1:PORT`."""
        return self._server.url

    def interfere(self, interference: Interference) -> str:
        """Put one in force; the id lifts it again."""
        return self._interferences.add(interference)

    def lift(self, name: str) -> None:
        """End one."""
        self._interferences.lift(name)

    def cut(self) -> None:
        """Drop every request under way."""
        for task in tuple(self._under_way):
            task.cancel()

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.create_task(self._answer(scope, receive, send))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope["raw_path"].decode()
        query = scope["query_string"].decode()
        headers = {name.decode(): value.decode() for name, value in request.headers.raw if name not in _HOP}
        sent = self._session.request(
            request.method,
            f"{path}?{query}" if query else path,
            data=await request.body() or None,
            headers=headers,
        )
        async with await self._begun(sent) as answer, cut_off(answer):
            kept = [(name, value) for name, value in answer.raw_headers if name.lower() not in _HOP]
            await send({"type": "http.response.start", "status": answer.status, "headers": kept})
            async for piece in answer.content.iter_any():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body"})

    async def _begun(self, sent: Awaitable[aiohttp.ClientResponse]) -> aiohttp.ClientResponse:
        self._beginning += 1
        try:
            return await sent
        finally:
            self._beginning -= 1
