"""Who types, at any replica, until it is taken in."""

import random
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from bench.services import NAMESPACE
from bot.errors import Unavailable
from bot.release.model import Release
from bot.release.phases import Phase
from sandbox.world.alerts import notice
from tests.chaos.checker import TERMINAL
from tests.chaos.plan import THROUGH, Attempt, Fate, attempts
from tests.chaos.weather import Weather, now
from tests.faults.stand import ANA, BO, Stand, Written
from tests.support.until import work

LOOK = 0.5
UNSEEN = 15.0
"""Seconds after which a start that no route shows is looked for in the store."""
GIVE_UP = 4.0
"""Seconds after which people give up a version that gets nowhere."""
RESCUE = 90.0
"""Seconds after which they give up any."""
STUCK = 240.0
"""Seconds after which the run goes on without this service, which then fails the check."""


@dataclass
class Tally:
    """What came of the attempts: `ends` by fate and phase.

    `rescued` names those that people gave up after long, whose records as they were then are in the run's folder;
    `unasked` names those that were healthy, and did not get through although nobody gave them up;
    `lost` tells of starts that went although the store lost nothing.
    """

    left: int
    started: int = 0
    forgotten: int = 0
    lost: list[str] = field(default_factory=list)
    rescued: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)

    def take(self) -> bool:
        """Take one of the attempts that are left."""
        self.left -= 1
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class Promise:
    """Somebody asked, and was told that their release has started."""

    asked: float
    told: float
    release: str


class People:
    """Everybody who works on one service."""

    def __init__(self, stand: Stand, weather: Weather, service: str, chance: random.Random) -> None:
        self._stand = stand
        self._weather = weather
        self._service = service
        self._chance = chance
        self._promised: Promise | None = None

    async def release(self, seed: int, tally: Tally) -> None:
        """One attempt after another, until none is left."""
        for attempt in attempts(seed, self._service):
            if not tally.take():
                return
            await self._start(attempt)
            tally.started += 1
            while not await self._see_through(attempt, tally):
                tally.forgotten += 1
                if self._promised is not None and not self._weather.forgot(
                    self._promised.asked, self._promised.told
                ):
                    tally.lost.append(f"{self._service} {attempt.version} {self._promised}")
                await self._start(attempt)
            tally.ends[f"{attempt.fate} {self._now.phase}"] += 1
            through = self._now.phase == Phase.PROMOTED or attempt.name in tally.rescued
            if attempt.fate in THROUGH and not through:
                tally.unasked.append(attempt.name)
            if self._now.phase not in TERMINAL:
                tally.stuck.append(self._service)
                return

    @property
    def _now(self) -> Written:
        return self._stand.route(self._service)

    async def _start(self, attempt: Attempt) -> None:
        """Type until somebody says that this version goes its way."""
        while True:
            asked = now()
            said = await self._types(attempt.command, ANA)
            # Whoever types at the same time hears what is said to the others.
            ours = re.search(
                rf"{self._service} \S+ → {re.escape(attempt.version)} \((R-\d+)\)( has started)?", said
            )
            self._promised = Promise(asked, now(), ours[1]) if ours is not None and ours[2] else None
            if ours is not None or self._shows(attempt):
                return
            await work(self._chance.uniform(0.2, 1.0))

    def _shows(self, attempt: Attempt) -> bool:
        return self._now.state.get("to") == attempt.version

    async def _see_through(self, attempt: Attempt, tally: Tally) -> bool:
        """Watch it to its end, and do what its fate says; False when the store has forgotten it before its first pass."""
        began = now()
        while not self._shows(attempt):
            if self._lasted(began) > UNSEEN and not await self._may_begin(began):
                return False
            if self._lasted(began) > RESCUE:
                await self._note(attempt, tally)
            await work(LOOK)
        began = now()
        while self._now.phase not in TERMINAL and self._lasted(began) < STUCK:
            if self._lasted(began) > RESCUE:
                await self._note(attempt, tally)
                await self._types(f"rollback {self._service} because it gets nowhere", BO)
            else:
                await self._act(attempt, self._lasted(began))
            await work(LOOK)
        return True

    async def _note(self, attempt: Attempt, tally: Tally) -> None:
        if attempt.name not in tally.rescued:
            tally.rescued.append(attempt.name)
            release = self._now.state["id"] if self._promised is None else self._promised.release
            with suppress(Unavailable):
                _keep(self._stand.folder / f"{attempt.name}.json", await self._stand.record(release))

    async def _may_begin(self, began: float) -> bool:
        """Whether the store knows of a start that nobody came to yet, or cannot be asked."""
        if self._promised is None or self._lasted(began) > STUCK:
            return False
        try:
            kept = await self._stand.record(self._promised.release)
        except Unavailable:
            return True
        if kept is not None and not kept.live:
            self._promised = None  # it came to its end, and that was told
        return kept is not None and kept.live

    def _lasted(self, since: float) -> float:
        return now() - since

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


def _keep(path: Path, record: Release | None) -> None:
    path.write_text("nothing" if record is None else record.model_dump_json(indent=1), encoding="utf-8")
