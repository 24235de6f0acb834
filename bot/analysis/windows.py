"""Which stretch of time to ask about: a ladder, so that a thousand releases share a few questions."""

from datetime import timedelta

HARD = timedelta(seconds=10)
LADDER = tuple(timedelta(seconds=s) for s in (10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600))
ARRIVAL = tuple(timedelta(seconds=s) for s in (3, 5, 10, 20, 30, 60))


def window(over: timedelta, elapsed: timedelta) -> timedelta:
    """The longest step of the ladder within both the rule's window and the time the weight has been in effect.

    The shortest step is taken before that much time has passed.
    """
    fitting = [step for step in LADDER if step <= min(over, elapsed)]
    return fitting[-1] if fitting else LADDER[0]


def arrival_window(elapsed: timedelta) -> timedelta | None:
    """The longest step that lies wholly after a weight was ordered; None in the first three seconds."""
    fitting = [step for step in ARRIVAL if step <= elapsed]
    return fitting[-1] if fitting else None
