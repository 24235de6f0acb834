"""Pools of connections: to a server, or to wherever the keys live at the moment a connection is opened."""

from typing import Any, Final

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import Connection, SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters.redis.addresses import Address
from adapters.redis.home import Seeker

PATIENCE: Final = 1.0
"""Seconds for a connection to open, and for an answer."""
QUEUE_PATIENCE: Final = 1.5
"""Seconds to wait for one of the pool's connections. A crowd that waits for its turn is no sign that the server is away."""


class SeekingConnection(Connection):
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


class SeekingSSLConnection(SeekingConnection, SSLConnection):
    """The same by TLS."""


def pool_to(url: str, key: str, connections: int) -> tuple[BlockingConnectionPool, Seeker | None]:
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
        return BlockingConnectionPool.from_url(url, **limits), None
    seeker = Seeker(address, key)
    options = {**parse_url(address.of_node("unknown", 1))}
    tls = options.pop("connection_class", None) is SSLConnection
    kind = SeekingSSLConnection if tls else SeekingConnection
    return BlockingConnectionPool(connection_class=kind, seeker=seeker, **{**options, **limits}), seeker
