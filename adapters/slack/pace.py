"""How fast one may go: a few at once, then one by one."""

import math


class Pace:
    """`burst` at once, and one every `interval` seconds in the long run. Times are monotonic seconds."""

    def __init__(self, interval: float, burst: int) -> None:
        self._interval = interval
        self._slack = interval * (burst - 1)
        self._next = -math.inf

    def reserve(self, now: float) -> float:
        """Take the next turn and say when it is, now or later."""
        turn = max(self._next, now - self._slack)
        self._next = turn + self._interval
        return max(turn, now)
