"""What is released, and what fate each attempt has: all of it drawn from the seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What the new version is like, or what people do to it. Its tag ends in this word, so everyone can tell."""

    GOOD = "good"
    """Healthy; goes on by itself."""
    ASKED = "asked"
    """Healthy; a person promotes it at each stage."""
    BAD = "bad"
    """Answers half of its requests with errors from the first one on."""
    LATE = "late"
    """The same once half of the traffic comes."""
    MUTE = "mute"
    """Nobody measures it; a person gives it up."""
    CRASH = "crash"
    """Its pods never get up; a person gives it up."""
    HUMAN = "human"
    """Healthy; a person rolls it back all the same."""
    ALERT = "alert"
    """Healthy; an alert rolls it back."""


THROUGH = {Fate.GOOD, Fate.ASKED}
"""These are promoted."""
WEIGHTS = (10, 50, 100)
"""Percent, the stages of every attempt."""
HIGHEST = {Fate.BAD: 10, Fate.LATE: 50, Fate.MUTE: 10, Fate.CRASH: 0}
"""The weight that no attempt of this fate may pass: there it is shown unhealthy, or cannot be shown healthy."""
_SHARES = {
    Fate.GOOD: 45,
    Fate.ASKED: 10,
    Fate.BAD: 15,
    Fate.LATE: 10,
    Fate.MUTE: 5,
    Fate.CRASH: 5,
    Fate.HUMAN: 5,
    Fate.ALERT: 5,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One release that somebody will start."""

    service: str
    version: str
    fate: Fate

    @property
    def name(self) -> str:
        """What the run's report and its files call it."""
        return f"{self.service}-{self.version}"

    @property
    def command(self) -> str:
        """What is typed to start it."""
        weights = " ".join(f"{weight}%" for weight in WEIGHTS)
        gate = "ask" if self.fate is Fate.ASKED else "auto"
        return f"{self.service} {self.version} canary {weights} every 1s {gate} because chaos"


def fate_of(version: str) -> Fate:
    """Read it off a version."""
    return Fate(version.rpartition("-")[2])


def attempts(seed: int, service: str) -> Iterator[Attempt]:
    """The attempts of one service, without end: each has a version of its own."""
    chance = random.Random(f"{seed}:{service}")
    number = 0
    while True:
        number += 1
        fate = chance.choices(list(_SHARES), weights=list(_SHARES.values()))[0]
        yield Attempt(service, f"v2.{number}.0-{fate}", fate)
