"""Which stretch of time to ask about: a ladder, so that a thousand releases share a few questions."""

from bisect import bisect_right
from datetime import timedelta

HARD = timedelta(seconds=10)
LADDER = tuple(timedelta(seconds=s) for s in (10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600))
ARRIVAL = tuple(timedelta(seconds=s) for s in (3, 5, 10, 20, 30, 60))


def window(over: timedelta, elapsed: timedelta) -> timedelta:
    """The longest step of the ladder within both the rule's window and the time the weight has been in effect.

    The shortest step is taken before that much time has passed.
    """
    return LADDER[max(0, bisect_right(LADDER, min(over, elapsed)) - 1)]


def arrival_window(elapsed: timedelta) -> timedelta | None:
    """The longest step that lies wholly after a weight was ordered; None in the first three seconds."""
    fitting = bisect_right(ARRIVAL, elapsed)
    return ARRIVAL[fitting - 1] if fitting else None
