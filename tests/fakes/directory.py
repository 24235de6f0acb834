"""A directory in memory. Passes the contract suite of the real adapter."""

from dataclasses import dataclass, field

from bot.errors import Unavailable
from bot.ports.directory import Person


@dataclass(slots=True)
class FakeDirectory:
    """`people` by id, `channels` by `#name` and id, `groups` by `@handle`; nothing answers while `away`."""

    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, frozenset[str]] = field(default_factory=dict)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    away: bool = False

    def add(self, user: str, name: str, *channels: str, active: bool = True) -> Person:
        """Let a person in, as a member of the channels."""
        self.people[user] = person = Person(user, name, active)
        for channel in channels:
            self.channels[channel] = self.channels.get(channel, frozenset()) | {user}
        return person

    def team(self, handle: str, *users: str) -> None:
        """Set who is in a user group."""
        self.groups[handle] = frozenset(users)

    async def person(self, user: str) -> Person | None:
        """None for an unknown id."""
        self._ask()
        return self.people.get(user)

    async def members(self, channel: str) -> frozenset[str]:
        """Empty for a channel that does not exist."""
        self._ask()
        return self.channels.get(channel, frozenset())

    async def group(self, handle: str) -> frozenset[str]:
        """Empty for a group that does not exist."""
        self._ask()
        return self.groups.get(handle, frozenset())

    def _ask(self) -> None:
        if self.away:
            raise Unavailable("slack", "it does not answer")
