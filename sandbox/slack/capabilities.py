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


@dataclass(frozen=True)
class ResponseTarget:
    """Where an answer lands: with a person in a channel, and on the message that was pressed, if any."""

    user: str
    channel: str
    message_ts: str | None = None


@dataclass
class ResponseTicket:
    """The right to answer there a few times."""

    target: ResponseTarget
    until: float
    uses_left: int = RESPONSE_USES


class Capabilities:
    """Issues and redeems both."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._triggers: dict[str, Trigger] = {}
        self._tickets: dict[str, ResponseTicket] = {}

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

    def new_response_key(self, target: ResponseTarget) -> str:
        """Return the last part of a response URL."""
        key = f"{secrets.randbelow(10**12)}/{secrets.token_urlsafe(18)}"
        self._tickets[key] = ResponseTicket(target, self._clock() + RESPONSE_SECONDS)
        return key

    def redeem_response_key(self, key: str) -> ResponseTarget:
        """Return where it leads; five times within thirty minutes."""
        ticket = self._tickets.get(key)
        if ticket is None:
            raise CapabilityError("no_such_url")
        if self._clock() > ticket.until:
            raise CapabilityError("expired_url")
        if ticket.uses_left == 0:
            raise CapabilityError("used_url")
        ticket.uses_left -= 1
        return ticket.target
