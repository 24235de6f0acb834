"""A keep-alive HTTP/1.1 client for one address, in as few instructions as a request can be made."""

import asyncio
from dataclasses import dataclass
from typing import cast

import httptools

_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: HTTP status, 0 when nothing did, and the version named in the answer, empty when none was."""

    status: int
    version: str


NO_ANSWER = Answer(0, "")


class ConnectionPool:
    """Connections to one address, as many as are needed at once."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._idle: list[_Connection] = []

    async def send(self, request: bytes) -> Answer:
        """Send one request and read its answer. Errors and silence for 10 s are `NO_ANSWER`; nothing is retried."""
        try:
            connection = await self._connection()
            answer = await connection.exchange(request)
        except OSError:
            return NO_ANSWER
        if connection.usable:
            self._idle.append(connection)
        return answer

    def close(self) -> None:
        """Close the idle connections."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _connection(self) -> "_Connection":
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        _, connection = await asyncio.get_running_loop().create_connection(
            _Connection, self._host, self._port
        )
        return connection


class _Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self) -> None:
        self.usable = True
        self._version = ""
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A stream is what both makers of connections give; uvloop's is of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    async def exchange(self, request: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        self._version = ""
        self._transport.write(request)
        deadline = loop.call_later(_TIMEOUT_S, self.close)
        try:
            return await self._waiting
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            deadline.cancel()

    def close(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        self.usable = False
        self._answer(NO_ANSWER)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if name.lower() == b"x-version":
            self._version = value.decode("latin-1")

    def on_message_complete(self) -> None:
        """Called by the parser at the end of an answer."""
        self.usable = self._parser.should_keep_alive()
        if not self.usable:
            self._transport.close()
        self._answer(Answer(self._parser.get_status_code(), self._version))
        self._parser = httptools.HttpResponseParser(self)

    def _answer(self, answer: Answer) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(answer)
