"""The rules a canary is judged by, pinned in the release at its start."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot.release.fields import Duration, Percentage
from bot.release.frozen import Frozen


class ErrorRule(Frozen):
    """Error share of requests, in percent: `limit` over the window `over`, `hard` over the last 10 s."""

    limit: Percentage | None = None
    over: Duration = timedelta(minutes=2)
    hard: Percentage | None = None


class LatencyRule(Frozen):
    """P95 latency: at most so much worse than stable (percent), at most `limit`, and a hard bound (percent)."""

    worse_than_stable: Percentage | None = None
    limit: Duration | None = None
    over: Duration = timedelta(minutes=2)
    hard: Percentage | None = None


class Rules(Frozen):
    """What a canary is held to, and how many requests a judgement needs."""

    errors: ErrorRule = ErrorRule()
    p95: LatencyRule = LatencyRule()
    min_requests: Annotated[int, Field(ge=1)] = 50
    hard_min_requests: Annotated[int, Field(ge=1)] = 20
