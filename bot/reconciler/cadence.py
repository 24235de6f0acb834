"""How far the bot falls behind its own cadence: a look at the metrics each second, each pass when it is due."""

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Final

import structlog

from bot.ports.clock import Clock

log = structlog.get_logger()

LOOKS: Final = "looks at the metrics"
PASSES: Final = "passes"
REMEMBERED: Final = 60.0
"""Seconds for which it is known how late something was."""
BEHIND: Final = 2.5
"""Seconds late that are worth a word: less may be one slow answer of a Prometheus."""


class Cadence:
    """Is told of each look and each pass how late it was; says so in the log, once, when it begins and when it is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._late: defaultdict[str, deque[tuple[float, float]]] = defaultdict(deque)
        self._behind: set[str] = set()

    def note(self, what: str, late: float) -> None:
        """`late` in seconds, 0 or less where it was on time."""
        known = self._late[what]
        while known and known[-1][1] <= late:  # as late as that is nobody's worst any more
            known.pop()
        known.append((self._clock.monotonic(), late))
        worst = self.lags()[what]
        if worst > BEHIND and what not in self._behind:
            self._behind.add(what)
            log.warning("behind the cadence", what=what, late=round(late, 1))
        elif worst <= BEHIND and what in self._behind:
            self._behind.discard(what)
            log.info("back to the cadence", what=what)

    def lags(self) -> Mapping[str, float]:
        """How late each was at worst in the last minute, in seconds."""
        since = self._clock.monotonic() - REMEMBERED
        for known in self._late.values():
            while known and known[0][0] < since:
                known.popleft()
        return {what: max(0.0, known[0][1]) if known else 0.0 for what, known in self._late.items()}

    def behind(self) -> Mapping[str, float]:
        """Those worth a word."""
        return {what: late for what, late in self.lags().items() if late > BEHIND}
