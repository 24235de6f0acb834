"""How many calls of a method Slack takes, and how long it sends one away for."""

import math
from collections import deque
from dataclasses import dataclass

from sandbox.slack.workspace import Clock


@dataclass(frozen=True)
class Window:
    """At most `calls` within any `seconds`, counted apart for each channel or for the workspace."""

    calls: int
    seconds: float
    per_channel: bool = False


TIER_2 = Window(20, 60)
TIER_3 = Window(50, 60)
TIER_4 = Window(100, 60)
SPECIAL = Window(600, 60)

# https://docs.slack.dev/apis/web-api/rate-limits: posting is about one a second a channel with short bursts.
WINDOWS: dict[str, Window] = {
    "api.test": SPECIAL,
    "auth.test": SPECIAL,
    "chat.postMessage": Window(5, 5, per_channel=True),
    "chat.postEphemeral": TIER_4,
    "chat.getPermalink": SPECIAL,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "usergroups.list": TIER_2,
    "usergroups.users.list": TIER_2,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}


class RateLimits:
    """`scale` multiplies every allowance at run time; `math.inf` switches the limits off."""

    def __init__(self, clock: Clock, scale: float = 1.0) -> None:
        self.scale = scale
        self._clock = clock
        self._taken: dict[tuple[str, str], deque[float]] = {}

    def wait_for(self, method: str, channel: str = "") -> int:
        """Take one call: 0, or the seconds of `Retry-After` when there is none left."""
        window = WINDOWS.get(method, TIER_3)
        if math.isinf(self.scale):
            return 0
        taken = self._taken.setdefault((method, channel if window.per_channel else ""), deque())
        now = self._clock()
        while taken and taken[0] <= now - window.seconds:
            taken.popleft()
        if len(taken) < window.calls * self.scale:
            taken.append(now)
            return 0
        oldest = taken[0] if taken else now
        return max(1, math.ceil(oldest + window.seconds - now))
