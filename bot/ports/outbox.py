"""Messages that are still to be said: telling never delays acting."""

from enum import IntEnum
from hashlib import sha256
from typing import Protocol, Self

from bot.messages.model import Message
from bot.ports.chat import Posted
from bot.release.lock import Waiter
from bot.release.stored import Stored


class Urgency(IntEnum):
    """Smaller goes first."""

    URGENT = 0
    NOTICE = 1
    CARD = 2


class Parcel(Stored):
    """One message to be said or edited. `key` names the message for good; a newer parcel of a key replaces an older one.

    `thread` is the key of the message in whose thread it goes. `whisper_to` makes it visible to that person alone.
    """

    key: str
    channel: str
    message: Message
    urgency: Urgency
    thread: str | None = None
    whisper_to: str | None = None
    version: int = 0

    @property
    def fingerprint(self) -> str:
        """Equal for two parcels whose reader would see no difference."""
        seen = self.model_dump_json(include={"channel", "message", "thread", "whisper_to"})
        return sha256(seen.encode()).hexdigest()

    @classmethod
    def to_waiter(cls, service: str, waiter: Waiter, message: Message) -> Self:
        """What whoever waited for a service alone is told, once for each wait."""
        key = f"free:{service}:{waiter.by.id}:{waiter.since.timestamp():.3f}"
        return cls(
            key=key, channel=waiter.channel, message=message, urgency=Urgency.URGENT, whisper_to=waiter.by.id
        )


class Outbox(Protocol):
    """Durable; newest wins a key; urgent first, then oldest first."""

    async def put(self, parcel: Parcel) -> None:
        """Leave a message. One that says the same as the last delivered under its key is dropped."""
        ...

    async def take(self, holder: str) -> Parcel | None:
        """The next one that may go now, leased to the holder for some seconds; None when there is none."""
        ...

    async def done(self, parcel: Parcel, at: Posted | None) -> None:
        """It was said (at that place, unless whispered); a newer version put meanwhile stays in the box."""
        ...

    async def put_back(self, parcel: Parcel, seconds: float) -> None:
        """Not now: again in so many seconds."""
        ...

    async def place(self, key: str) -> Posted | None:
        """Where the message of that key stands, once said."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return when something was put, or after that time."""
        ...
