"""The readings one judgement is made of."""

from datetime import datetime, timedelta
from typing import NamedTuple

from bot.ports.metrics import Reading

NOTHING = Reading(requests=None, errors=None, p95=None, newest=None)


class Pair(NamedTuple):
    """The same window of both tracks."""

    canary: Reading
    stable: Reading
    window: timedelta


class Samples(NamedTuple):
    """`hard` covers the last 10 s; `errors` and `p95` the windows of their rules, as far as they have passed.

    `whole_errors` and `whole_p95` tell whether the rule's own window (or the bake time, if shorter) has passed in full, so that
    a limit that is broken counts; `same_time` whether the weight is in effect for so long that the shortest window covers the same
    stretch of both tracks' requests. `baseline_p95` (ms) stands in for stable while stable gets no traffic.
    """

    hard: Pair
    errors: Pair
    p95: Pair
    whole_errors: bool
    whole_p95: bool
    same_time: bool
    baseline_p95: float | None
    now: datetime
