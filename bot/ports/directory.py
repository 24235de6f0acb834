"""Who people are, as the chat service knows them."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """`active`: a full member of our own workspace, not deactivated, no guest, no bot, not of another organisation."""

    id: str
    name: str
    active: bool


class Directory(Protocol):
    """Answers may be up to 60 s old. Raises `Unavailable` when the service cannot be asked within 2 s and nothing is cached."""

    async def person(self, user: str) -> Person | None:
        """None for an unknown id."""
        ...

    async def members(self, channel: str) -> frozenset[str]:
        """User ids in a channel, given as id or `#name`; empty for a channel that does not exist."""
        ...

    async def group(self, handle: str) -> frozenset[str]:
        """User ids in a user group, given as `@handle`; empty for one that does not exist."""
        ...
