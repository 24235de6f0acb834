"""Who types, at any replica, until it is taken in."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp

from bench.services import NAMESPACE
from sandbox.world.alerts import notice
from tests.chaos.checker import TERMINAL
from tests.chaos.plan import Attempt, Fate, attempts
from tests.chaos.weather import Weather
from tests.faults.stand import ANA, BO, Stand, Written
from tests.support.until import work

LOOK = 0.5
UNSEEN = 15.0
"""Seconds after which a start that no route shows has been forgotten by the store."""
GIVE_UP = 4.0
"""Seconds after which people give up a version that gets nowhere."""
RESCUE = 90.0
"""Seconds after which they give up any."""
STUCK = 240.0
"""Seconds after which the run goes on without this service, which then fails the check."""


@dataclass
class Tally:
    """What came of the attempts: `ends` by fate and phase."""

    left: int
    started: int = 0
    forgotten: int = 0
    rescued: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)

    def take(self) -> bool:
        """Take one of the attempts that are left."""
        self.left -= 1
        return self.left >= 0


class People:
    """Everybody who works on one service."""

    def __init__(self, stand: Stand, weather: Weather, service: str, chance: random.Random) -> None:
        self._stand = stand
        self._weather = weather
        self._service = service
        self._chance = chance

    async def release(self, seed: int, tally: Tally) -> None:
        """One attempt after another, until none is left."""
        for attempt in attempts(seed, self._service):
            if not tally.take():
                return
            await self._start(attempt)
            tally.started += 1
            while not await self._see_through(attempt, tally):
                tally.forgotten += 1
                await self._start(attempt)
            tally.ends[f"{attempt.fate} {self._now.phase}"] += 1
            if self._now.phase not in TERMINAL:
                tally.stuck.append(self._service)
                return

    @property
    def _now(self) -> Written:
        return self._stand.route(self._service)

    async def _start(self, attempt: Attempt) -> None:
        """Type until somebody says that this version goes its way."""
        while True:
            said = await self._types(attempt.command, ANA)
            if "has started" in said or f"→ {attempt.version}" in said or self._shows(attempt):
                return
            await work(self._chance.uniform(0.2, 1.0))

    def _shows(self, attempt: Attempt) -> bool:
        return self._now.state.get("to") == attempt.version

    async def _see_through(self, attempt: Attempt, tally: Tally) -> bool:
        """Watch it to its end, and do what its fate says; False when the store has forgotten it before its first pass."""
        began = asyncio.get_running_loop().time()
        while not self._shows(attempt):
            if self._lasted(began) > UNSEEN + self._leaving():
                return False
            await work(LOOK)
        began = asyncio.get_running_loop().time()
        while self._now.phase not in TERMINAL and self._lasted(began) < STUCK:
            if self._lasted(began) > RESCUE:
                await self._types(f"rollback {self._service} because it gets nowhere", BO)
                if attempt.version not in tally.rescued:
                    tally.rescued.append(attempt.version)
            else:
                await self._act(attempt, self._lasted(began))
            await work(LOOK)
        return True

    def _leaving(self) -> float:
        """Seconds that the pods of the release before may take to leave."""
        return 35.0 if self._now.phase in TERMINAL else 0.0

    def _lasted(self, since: float) -> float:
        return asyncio.get_running_loop().time() - since

    async def _act(self, attempt: Attempt, lasted: float) -> None:
        match attempt.fate:
            case Fate.ASKED:
                await self._types(f"promote {self._service}", BO)
            case Fate.HUMAN if self._now.canary:
                await self._types(f"rollback {self._service} because chaos", BO)
            case Fate.ALERT if self._now.canary:
                await self._alert(attempt)
            case Fate.MUTE | Fate.CRASH if lasted > GIVE_UP:
                await self._types(f"rollback {self._service} because chaos", ANA)

    async def _types(self, text: str, user: str) -> str:
        """Type it at one of the replicas; empty when nobody answers."""
        if not (running := self._weather.running()):
            return ""
        self._stand.call(self._chance.choice(running))
        return " ".join(await self._stand.types(text, user))

    async def _alert(self, attempt: Attempt) -> None:
        if not (running := self._weather.running()):
            return
        bot = self._chance.choice(running)
        body = notice(self._service, NAMESPACE, attempt.version, datetime.now(UTC))
        headers = {"authorization": f"Bearer {self._stand.credentials.alert_token}"}
        url = f"http://127.0.0.1:{bot.port}/alerts/alertmanager"
        try:
            async with self._stand.http.post(url, json=body, headers=headers) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return
