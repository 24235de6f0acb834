"""Pools of connections: to a server, or to wherever the keys live at the moment a connection is opened."""

import asyncio
from typing import Any, Final
from weakref import WeakKeyDictionary

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import (
    AbstractConnection,
    Connection,
    SSLConnection,
    UnixDomainSocketConnection,
    parse_url,
)
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters.redis.addresses import Address
from adapters.redis.home import Seeker

PATIENCE: Final = 1.0
"""Seconds for a connection to open, and for an answer."""
QUEUE_PATIENCE: Final = 1.5
"""Seconds to wait for one of the pool's connections. A crowd that waits for its turn is no sign that the server is away."""


class MovingPool(BlockingConnectionPool):
    """Closes a connection before its next use where the keys have moved since it was opened. `moves` counts up with each `leave`."""

    def __init__(self, *, home_of: Seeker | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._home_of = home_of
        self._opened: WeakKeyDictionary[AbstractConnection, object] = WeakKeyDictionary()
        self.moves = 0

    def leave(self) -> None:
        """A server said that it holds the keys no more."""
        self.moves += 1

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        """Called by whoever takes the connection out; to close all that lie idle at once would race with them."""
        if self._opened.get(connection, self._where()) != self._where():
            await connection.disconnect()
        await super().ensure_connection(connection)
        self._opened[connection] = self._where()

    def _where(self) -> object:
        home = self._home_of.home if self._home_of is not None else None
        return (self.moves, home and (home.host, home.port))


class Cancellable(AbstractConnection):
    """Stops sending when it is told to.

    redis-py limits the time by `asyncio.wait_for`, which on Python 3.11 loses a cancellation that comes as the sending ends: whoever
    was told to stop would go on for ever.
    """

    async def send_packed_command(self, *arguments: Any, **options: Any) -> None:
        """Send within a time limit of ours."""
        limit, self.socket_timeout = self.socket_timeout, None
        try:
            async with asyncio.timeout(limit):
                await super().send_packed_command(*arguments, **options)
        finally:
            self.socket_timeout = limit


class TcpConnection(Cancellable, Connection):
    """To a host and port."""


class TlsConnection(Cancellable, SSLConnection):
    """The same by TLS."""


class SocketConnection(Cancellable, UnixDomainSocketConnection):
    """To a server on this machine."""


class SeekingConnection(TcpConnection):
    """Asks for the home of the keys before it connects."""

    def __init__(self, *, seeker: Seeker, **options: Any) -> None:
        super().__init__(**options)
        self._seeker = seeker

    async def connect_check_health(self, *arguments: Any, **options: Any) -> None:
        """Connect to where the keys live now."""
        if not self.is_connected:
            home = await self._seeker.seek()
            self.host, self.port = home.host, home.port
        await super().connect_check_health(*arguments, **options)


class SeekingTlsConnection(SeekingConnection, TlsConnection):
    """The same by TLS."""


_KINDS: Final = {SSLConnection: TlsConnection, UnixDomainSocketConnection: SocketConnection}
"""By what redis-py would take for the URL; TCP is what it names nothing for."""


def pool_to(url: str, key: str, connections: int) -> tuple[MovingPool, Seeker | None]:
    """A bounded pool, and who is asked for the home of the key; nothing is connected yet.

    No command is retried by the client: what was sent may have been done. A connection the server closed while it lay idle is
    noticed before it is used again.
    """
    limits: dict[str, Any] = {
        "max_connections": connections,
        "timeout": QUEUE_PATIENCE,
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }
    address = Address.parse(url)
    if address is None:
        given: dict[str, Any] = {**parse_url(url)}
        kind = _KINDS.get(given.pop("connection_class", None), TcpConnection)
        return MovingPool(connection_class=kind, **{**limits, **given}), None
    seeker = Seeker(address, key)
    given = {**parse_url(address.of_node("unknown", 1))}
    tls = given.pop("connection_class", None) is SSLConnection
    kind = SeekingTlsConnection if tls else SeekingConnection
    return MovingPool(connection_class=kind, home_of=seeker, seeker=seeker, **{**given, **limits}), seeker
