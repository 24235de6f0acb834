"""Whether the loops that run for as long as the bot does still turn, although the event loop does."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.ports.clock import Clock

LONGEST: Final = 300.0
"""Seconds that one round may take. Every call of a round has a time limit of its own, but with the cluster away a round over many
releases adds them up; and a bot that is started anew for nothing helps nobody."""


class Watchdog:
    """Compares how often each loop went round with what it was when it was asked before."""

    def __init__(self, clock: Clock, rounds: Callable[[], Mapping[str, int]]) -> None:
        self._clock = clock
        self._rounds = rounds
        self._last: dict[str, tuple[int, float]] = {}

    def stuck(self) -> tuple[str, ...]:
        """The loops that have not gone round for too long, by name. A pause between two questions is held against none."""
        now = self._clock.monotonic()
        for name, count in self._rounds().items():
            if self._last.get(name, (-1, now))[0] != count:
                self._last[name] = count, now
        return tuple(sorted(name for name, (_, since) in self._last.items() if now - since > LONGEST))
