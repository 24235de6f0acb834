"""Saying things to people."""

from dataclasses import dataclass
from typing import Protocol

from bot.messages.model import Message, Modal


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands: channel id and timestamp."""

    channel: str
    ts: str


class RateLimited(Exception):  # noqa: N818  an answer, not an error
    """The service asks for patience: `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"rate limited for {seconds:g} s")
        self.seconds = seconds


class Chat(Protocol):
    """Raises `Unavailable("slack", …)`, `RateLimited`, or `Refused` when the place cannot be written to."""

    async def post(self, channel: str, message: Message, *, key: str, thread: str | None = None) -> Posted:
        """Post once: the same `key` again answers where the first stands (channel is an id or `#name`)."""
        ...

    async def update(self, at: Posted, message: Message) -> None:
        """Replace the text of a message."""
        ...

    async def whisper(self, channel: str, user: str, message: Message) -> None:
        """Say it to one person alone."""
        ...

    async def respond(self, response_url: str, message: Message) -> None:
        """Answer a command or a press to its author alone. Refuses an address that is not Slack's."""
        ...

    async def open(self, trigger: str, modal: Modal) -> None:
        """Open a dialog for the person behind a trigger id."""
        ...
