"""What Slack hands an app for a short while: trigger ids and response URLs."""

import secrets
from dataclasses import dataclass

from sandbox.slack.workspace import Clock

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5


class CapabilityError(Exception):
    """Refused, with Slack's own word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Trigger:
    """The right to open one modal for one person."""

    user: str
    until: float
    is_used: bool = False


@dataclass
class ResponseTarget:
    """Where a response URL leads: a person in a channel, and the message that was pressed."""

    user: str
    channel: str
    message_ts: str | None
    until: float
    uses_left: int = RESPONSE_USES


class Capabilities:
    """Issues and redeems both."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._triggers: dict[str, Trigger] = {}
        self._targets: dict[str, ResponseTarget] = {}

    def new_trigger(self, user: str) -> str:
        """Return a trigger id that lives three seconds."""
        key = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[key] = Trigger(user, self._clock() + TRIGGER_SECONDS)
        return key

    def redeem_trigger(self, key: str) -> str:
        """Return the person it was issued for; works once."""
        trigger = self._triggers.get(key)
        if trigger is None:
            raise CapabilityError("invalid_trigger_id")
        if trigger.is_used:
            raise CapabilityError("exchanged_trigger_id")
        if self._clock() > trigger.until:
            raise CapabilityError("expired_trigger_id")
        trigger.is_used = True
        return trigger.user

    def new_target(self, user: str, channel: str, message_ts: str | None) -> str:
        """Return the last part of a response URL."""
        key = f"{secrets.randbelow(10**12)}/{secrets.token_urlsafe(18)}"
        self._targets[key] = ResponseTarget(user, channel, message_ts, self._clock() + RESPONSE_SECONDS)
        return key

    def redeem_target(self, key: str) -> ResponseTarget:
        """Where it leads; five times within thirty minutes."""
        target = self._targets.get(key)
        if target is None:
            raise CapabilityError("no_such_url")
        if self._clock() > target.until:
            raise CapabilityError("expired_url")
        if target.uses_left == 0:
            raise CapabilityError("used_url")
        target.uses_left -= 1
        return target
