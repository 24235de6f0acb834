"""The one place that meets redis-py: connections with limits, scripts, and vendor errors translated."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha1
from importlib.resources import files
from typing import Any, Final, Self

from redis.asyncio import Redis
from redis.exceptions import (
    AskError,
    BusyLoadingError,
    ClusterCrossSlotError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import TimeoutError as TimedOut

from adapters.redis.home import Seeker
from adapters.redis.pool import PATIENCE, MovingPool, pool_to
from bot.errors import Unavailable

PREFIX: Final = "{lockmaster}"
ACKNOWLEDGING: Final = 500
"""Milliseconds that replicas have to acknowledge a lock."""

# Answers that say "not now, or not here": the server's state, not our mistake. The client cuts the word off where it has a class.
_PASSING: Final[dict[type[Exception], str]] = {
    OutOfMemoryError: "OOM",
    ReadOnlyError: "READONLY",
    NoPermissionError: "NOPERM",
    MasterDownError: "MASTERDOWN",
    ClusterDownError: "CLUSTERDOWN",
    ClusterCrossSlotError: "CROSSSLOT",
    TryAgainError: "TRYAGAIN",
    MovedError: "MOVED",
    AskError: "ASK",
}
_ELSEWHERE: Final = ("READONLY", "MOVED")
_WORDS = re.compile(
    r"\b(READONLY|LOADING|OOM|MASTERDOWN|CROSSSLOT|NOREPLICAS|MISCONF|BUSY|NOAUTH|UNBLOCKED)\b"
)
_USES = re.compile(r"^-- uses (.+)$", re.MULTILINE)


class Elsewhere(Unavailable):
    """The server does not hold the keys any more. It has done nothing."""


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
    kind = Elsewhere if word in _ELSEWHERE else Unavailable
    return kind("redis", f"it answers {word}") if word else None


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

    def __init__(
        self, pool: MovingPool, seeker: Seeker | None, url: str, prefix: str, replicas: int | None
    ) -> None:
        self.client = Redis.from_pool(pool)
        self._pool = pool
        self.prefix = prefix
        self._url = url
        self._seeker = seeker
        self._replicas = replicas

    @classmethod
    def to(
        cls, url: str, *, prefix: str = PREFIX, replicas: int | None = None, connections: int = 32
    ) -> Self:
        """Make a pool for `redis://`, `rediss://`, `unix://` or a form of `addresses`; nothing is connected yet.

        Without `replicas` Sentinels and clusters are asked: one replica must have a lock where the master has any.
        """
        pool, seeker = pool_to(url, prefix, connections)
        return cls(pool, seeker, url, prefix, replicas)

    @property
    def moves(self) -> int:
        """How often a server said that it holds the keys no more."""
        return self._pool.moves

    @property
    def replicas(self) -> int:
        """How many must have a lock. Those that belong to the master count, not those in reach: a partition looks like having none."""
        if self._replicas is not None or self._seeker is None or self._seeker.home is None:
            return self._replicas or 0
        return min(1, self._seeker.home.replicas)

    async def home(self) -> str:
        """The plain URL of the server that holds the keys, as last seen."""
        if self._seeker is None:
            return self._url
        with door():
            return self._seeker.url(await self._seeker.known())

    def key(self, *words: str) -> str:
        """The full name of a key."""
        return ":".join((self.prefix, *words))

    async def answer(self, asked: Awaitable[Any]) -> Any:
        """What the server says to one command."""
        try:
            with door():
                return await asked
        except Elsewhere:
            self._pool.leave()
            raise

    async def run(self, script: Script, keys: Sequence[str], *arguments: str | int | bytes) -> Any:
        """Run a script; where the server does not know it (yet, or any more), send it along."""

        async def evaluate() -> Any:
            try:
                return await self.client.evalsha(script.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                return await self.client.eval(script.text, len(keys), *keys, *arguments)

        return await self._follow(evaluate)

    async def run_acknowledged(
        self, script: Script, keys: Sequence[str], *arguments: str | int | bytes
    ) -> tuple[Any, int]:
        """Run a script and count the replicas that have its writes, up to `replicas`.

        Both travel in one pipeline: WAIT counts for the connection that wrote.
        """
        await self.home()
        if not self.replicas:
            return await self.run(script, keys, *arguments), 0

        async def evaluate() -> list[Any]:
            pipeline = self.client.pipeline(transaction=False)
            # The text itself, not its hash: an unknown hash would put WAIT before the write.
            pipeline.eval(script.text, len(keys), *keys, *arguments)
            pipeline.execute_command("WAIT", self.replicas, ACKNOWLEDGING)
            return await pipeline.execute()

        said, acknowledged = await self._follow(evaluate)
        return said, acknowledged

    async def ping(self) -> None:
        """Raise `Unavailable` unless the server takes writes: one that was demoted answers everything else."""
        with door():
            async with asyncio.timeout(PATIENCE):
                await self.answer(self.client.set(self.key("seen", "ping"), b"1", px=1000))

    async def _follow(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The answer; where the keys have moved, that of their new home."""
        try:
            return await self.answer(ask())
        except Elsewhere:
            return await self.answer(ask())

    async def aclose(self) -> None:
        """Close every connection."""
        if self._seeker is not None:
            await self._seeker.aclose()
        await self.client.aclose(close_connection_pool=True)
