"""The one place that meets redis-py: connections with limits, scripts, and vendor errors translated."""

import asyncio
import re
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha1
from importlib.resources import files
from typing import Any, Final, Self

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AskError,
    BusyLoadingError,
    ClusterCrossSlotError,
    ClusterDownError,
    MasterDownError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import TimeoutError as TimedOut

from bot.errors import Unavailable

PREFIX: Final = "{lockmaster}"
PATIENCE: Final = 1.0
"""Seconds for a connection to open, and for an answer."""
QUEUE_PATIENCE: Final = 1.5
"""Seconds to wait for one of the pool's connections. A crowd that waits for its turn is no sign that the server is away."""

# Answers that say "not now, or not here": the server's state, not our mistake. The client cuts the word off where it has a class.
_PASSING: Final[dict[type[Exception], str]] = {
    OutOfMemoryError: "OOM",
    ReadOnlyError: "READONLY",
    NoPermissionError: "NOPERM",
    MasterDownError: "MASTERDOWN",
    ClusterDownError: "CLUSTERDOWN",
    ClusterCrossSlotError: "CROSSSLOT",
    TryAgainError: "TRYAGAIN",
    AskError: "MOVED",
}
_WORDS = re.compile(
    r"\b(READONLY|LOADING|OOM|MASTERDOWN|CROSSSLOT|NOREPLICAS|MISCONF|BUSY|NOAUTH|UNBLOCKED)\b"
)
_USES = re.compile(r"^-- uses (.+)$", re.MULTILINE)


class Script:
    """A Lua script of this package, behind the pieces that its first line says it uses."""

    def __init__(self, name: str) -> None:
        folder = files("adapters.redis") / "lua"
        text = (folder / f"{name}.lua").read_text()
        uses = _USES.search(text)
        pieces = [(folder / f"{piece}.lua").read_text() for piece in (uses[1].split() if uses else ())]
        self.text = "\n".join([*pieces, text])
        # The name Redis gives a script; nothing is kept secret by it.
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


def translated(error: Exception) -> Unavailable | None:
    """The error as ours, without addresses; None for one that is a bug of ours, to be raised as it is."""
    if isinstance(error, TimedOut | TimeoutError):
        return Unavailable("redis", "no answer in time")
    if isinstance(error, BusyLoadingError):
        return Unavailable("redis", "it answers LOADING")
    if isinstance(error, Disconnected | OSError):
        return Unavailable("redis", "no connection")
    word = next((word for kind, word in _PASSING.items() if isinstance(error, kind)), None)
    if word is None and isinstance(error, ResponseError) and (found := _WORDS.search(str(error))):
        word = found[1]
    return Unavailable("redis", f"it answers {word}") if word else None


@contextmanager
def door() -> Iterator[None]:
    """Whatever is asked of the vendor is asked inside: its errors come out as `Unavailable`, or as the bugs they are."""
    try:
        yield
    except (TimedOut, Disconnected, ResponseError, TimeoutError, OSError) as error:
        ours = translated(error)
        if ours is None:
            raise
        raise ours from error


class Connection:
    """A bounded pool, the prefix of all keys, and how many replicas must have a lock before it counts."""

    def __init__(self, client: Redis, prefix: str = PREFIX, replicas: int = 0) -> None:
        self.client = client
        self.prefix = prefix
        self.replicas = replicas

    @classmethod
    def to(cls, url: str, *, prefix: str = PREFIX, replicas: int = 0, connections: int = 32) -> Self:
        """Make a pool for `redis://`, `rediss://` or `unix://`; nothing is connected yet.

        No command is retried by the client: what was sent may have been done. A connection the server closed while it lay idle is
        noticed before it is used again.
        """
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=connections,
            timeout=QUEUE_PATIENCE,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
        return cls(Redis.from_pool(pool), prefix, replicas)

    def key(self, *words: str) -> str:
        """The full name of a key."""
        return ":".join((self.prefix, *words))

    async def answer(self, asked: Awaitable[Any]) -> Any:
        """What the server says to one command."""
        with door():
            return await asked

    async def run(self, script: Script, keys: Sequence[str], *arguments: str | int | bytes) -> Any:
        """Run a script; where the server does not know it (yet, or any more), send it along."""
        with door():
            try:
                return await self.client.evalsha(script.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                return await self.client.eval(script.text, len(keys), *keys, *arguments)

    async def run_acknowledged(
        self, script: Script, keys: Sequence[str], *arguments: str | int | bytes
    ) -> tuple[Any, int]:
        """Run a script and count the replicas that have its writes, up to `replicas`.

        Both travel in one pipeline: WAIT counts for the connection that wrote.
        """
        if not self.replicas:
            return await self.run(script, keys, *arguments), 0
        pipeline = self.client.pipeline(transaction=False)
        # The text itself, not its hash: an unknown hash would put WAIT before the write.
        pipeline.eval(script.text, len(keys), *keys, *arguments)
        pipeline.execute_command("WAIT", self.replicas, int(PATIENCE * 500))
        said, acknowledged = await self.answer(pipeline.execute())
        return said, acknowledged

    async def ping(self) -> None:
        """Raise `Unavailable` unless the server answers."""
        with door():
            async with asyncio.timeout(PATIENCE):
                await self.client.ping()

    async def aclose(self) -> None:
        """Close every connection."""
        await self.client.aclose(close_connection_pool=True)
