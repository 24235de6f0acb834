"""A listening socket that answers like one pod: a minimal HTTP/1.1 server, cheap enough for hundreds of them."""

import asyncio
import json
import random
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import cast

import httptools

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How pods of one version answer: share of HTTP 500 (0 to 1), time to answer ± jitter, or nothing at all."""

    error_rate: float = 0.0
    latency_ms: float = 20.0
    jitter_ms: float = 5.0
    crash: bool = False


class PodServer:
    """The HTTP server of one pod. `behaviour` may be replaced at any time and counts from the next request."""

    def __init__(self, service: str, version: str, pod: str, behaviour: Behaviour) -> None:
        self.service = service
        self.version = version
        self.behaviour = behaviour
        self.port = 0
        self._answers = {
            status: _answer(status, service, version, pod)
            for status in (HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR)
        }
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    async def listen(self) -> None:
        """Listen on a free port, or again on the port it had. Listening twice is fine."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(partial(_Connection, self), _HOST, self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Crash: connections are reset, and new ones refused."""
        self._unlisten()
        for connection in tuple(self._connections):
            connection.reset()

    async def close(self) -> None:
        """Stop in peace: no new connections, open requests are answered first."""
        self._unlisten()
        for connection in tuple(self._connections):
            connection.finish()
        await self._idle.wait()

    def answer(self) -> bytes:
        """One answer as bytes, drawn by the error rate."""
        failed = random.random() < self.behaviour.error_rate
        return self._answers[HTTPStatus.INTERNAL_SERVER_ERROR if failed else HTTPStatus.OK]

    def delay_s(self) -> float:
        """Seconds until the next answer."""
        jitter = random.uniform(-self.behaviour.jitter_ms, self.behaviour.jitter_ms)
        return max(0.0, self.behaviour.latency_ms + jitter) / 1000

    def opened(self, connection: "_Connection") -> None:
        """A connection was accepted."""
        self._connections.add(connection)
        self._idle.clear()

    def closed(self, connection: "_Connection") -> None:
        """A connection has ended."""
        self._connections.discard(connection)
        if not self._connections:
            self._idle.set()

    def _unlisten(self) -> None:
        if self._server:
            self._server.close()
            self._server = None


class _Connection(asyncio.Protocol):
    """One connection of Envoy: requests come one after another."""

    def __init__(self, server: PodServer) -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._pending: asyncio.TimerHandle | None = None
        self._finishing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A stream is what both makers of connections give; uvloop's is of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._server.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        self._server.closed(self)
        if self._pending:
            self._pending.cancel()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_complete(self) -> None:
        """Called by the parser at the end of a request."""
        self._pending = asyncio.get_running_loop().call_later(self._server.delay_s(), self._reply)

    def reset(self) -> None:
        self._transport.abort()

    def finish(self) -> None:
        self._finishing = True
        if self._pending is None:
            self._transport.close()

    def _reply(self) -> None:
        self._pending = None
        self._transport.write(self._server.answer())
        if self._finishing:
            self._transport.close()


def _answer(status: HTTPStatus, service: str, version: str, pod: str) -> bytes:
    body = json.dumps({"service": service, "version": version, "pod": pod}).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
        f"x-version: {version}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
