"""What goes wrong: replicas, store and API server, one thing after another, drawn from the seed."""

import asyncio
import random
import shutil
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from redis.exceptions import RedisError

from sandbox.kube import Interference
from tests.faults.bots import Bot
from tests.faults.stand import Stand
from tests.support.until import work

REPLICAS = 3
_FAILURES = (
    Interference(method="PATCH", status=409),
    Interference(method="PATCH", status=429, retry_after=1),
    Interference(method="PATCH", status=500),
    Interference(method="PATCH", status=504, applied=True),
    Interference(method="PATCH", status=504, applied=True, delay=2.0),
    Interference(method="POST", status=504, applied=True),
    Interference(method="POST", status=503),
    Interference(method="DELETE", status=500),
    Interference(method="DELETE", status=504, applied=True),
    Interference(method="GET", status=500),
)


@dataclass
class Weather:
    """`counted` says how often each thing went wrong; what the store alone knew of one of the times `forgotten` is lost."""

    stand: Stand
    chance: random.Random
    counted: Counter[str] = field(default_factory=Counter)
    forgotten: list[tuple[float, float]] = field(default_factory=list)
    stopped: set[int] = field(default_factory=set)
    over: bool = False

    async def blow(self) -> None:
        """Go on until it is over; what is away then comes back first."""
        troubles: dict[Callable[[], Awaitable[None]], int] = {
            self.kill: 20,
            self.stop: 12,
            self.answers_fail: 40,
            self.watches_drop: 8,
            self.api_goes_away: 4,
            self.store_restarts: 6,
            self.store_fails_over: 4,
            self.store_is_flushed: 1,
        }
        while not self.over:
            await work(self.chance.uniform(0.2, 1.6))
            trouble = self.chance.choices(list(troubles), weights=list(troubles.values()))[0]
            self.counted[trouble.__name__] += 1
            await trouble()

    def running(self) -> list[Bot]:
        """The replicas that live and are not stopped."""
        return [bot for bot in self.stand.bots if not bot.ended.done() and bot.pid not in self.stopped]

    def forgot(self, asked: float, told: float) -> bool:
        """Whether the store may have lost what it took in between these moments."""
        return any(since <= told and asked <= to for since, to in self.forgotten)

    async def calm(self) -> None:
        """Have everything up again."""
        self.stand.kube.interferences.lift_all()
        for bot in self.stand.bots:
            if bot.pid in self.stopped:
                bot.send(signal.SIGCONT)
        self.stopped.clear()
        while len(self.running()) < REPLICAS:
            await self.stand.start_bot()

    async def kill(self) -> None:
        """A replica dies, and is started again a little later."""
        if not self.running():
            return
        await self.chance.choice(self.running()).kill()
        await work(self.chance.uniform(0.0, 1.5))
        await self.stand.start_bot()

    async def stop(self) -> None:
        """A replica is paused, longer than any patience, and wakes up."""
        if len(self.running()) < REPLICAS:
            return
        bot = self.chance.choice(self.running())
        bot.send(signal.SIGSTOP)
        self.stopped.add(bot.pid)
        asyncio.get_running_loop().call_later(self.chance.uniform(1.0, 15.0), self._wake, bot)

    def _wake(self, bot: Bot) -> None:
        bot.send(signal.SIGCONT)
        self.stopped.discard(bot.pid)

    async def answers_fail(self) -> None:
        """Some of the next requests fail, or only seem to."""
        for _ in range(self.chance.randint(1, 8)):
            self.stand.kube.interferences.add(self.chance.choice(_FAILURES))

    async def watches_drop(self) -> None:
        """Every watch ends, and the past is forgotten: 410."""
        self.stand.kube.store.compact()
        self.stand.kube.watches.drop()

    async def api_goes_away(self) -> None:
        """Nobody reaches the API server for a while."""
        await self.stand.kube.unplug()
        try:
            await work(self.chance.uniform(0.5, 3.0))
        finally:
            await self.stand.kube.plug()

    async def store_restarts(self) -> None:
        """The store is away for a while, and has everything."""
        await self.stand.redis.kill()
        try:
            await work(self.chance.uniform(0.0, 2.0))
        finally:
            await self.stand.redis.start()

    async def store_fails_over(self) -> None:
        """The store goes on from what a replica had that was a little behind."""
        folder = self.stand.folder / "redis"
        behind = self.stand.folder / "behind"
        began = now()
        _copy(folder, behind)
        try:
            await work(self.chance.uniform(0.05, 0.6))
        finally:
            await self._go_on_from(behind)
            self.forgotten.append((began, now()))

    async def _go_on_from(self, behind: Path) -> None:
        folder = self.stand.folder / "redis"
        await self.stand.redis.kill()
        shutil.rmtree(folder)
        behind.rename(folder)  # noqa: ASYNC240  one file-system call
        await self.stand.redis.start()

    async def store_is_flushed(self) -> None:
        """The store loses all it knew."""
        try:
            await self.stand.store.client.flushall()
        except (RedisError, OSError):
            return
        self.forgotten.append((0.0, now()))


def _copy(folder: Path, to: Path) -> None:
    """Copy what a running store writes; files that it replaces meanwhile are copied again."""
    while True:
        try:
            shutil.copytree(folder, to)
        except shutil.Error:
            shutil.rmtree(to)
        else:
            return


def now() -> float:
    """The loop's time."""
    return asyncio.get_running_loop().time()
