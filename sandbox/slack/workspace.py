"""The state of the workspace: who is in it, what was said, who sees what."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.slack import seed
from sandbox.slack.message import Json, Message
from sandbox.slack.seed import Channel, Person, UserGroup

Clock = Callable[[], float]


class Workspace:
    """Everything Slack would remember. Each change raises `revision` and wakes whoever waits."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.people: dict[str, Person] = {p.id: p for p in seed.people()}
        self.channels: dict[str, Channel] = {c.id: c for c in seed.channels()}
        self.groups: dict[str, UserGroup] = {g.id: g for g in seed.groups()}
        self.homes: dict[str, Json] = {}
        self.revision = 0
        self._messages: dict[str, dict[str, Message]] = {channel: {} for channel in self.channels}
        self._client_ids: dict[tuple[str, str], str] = {}
        self._last_microsecond = 0
        self._changed = asyncio.Event()

    def touch(self) -> int:
        """Count one change and wake the waiting."""
        self.revision += 1
        self._changed.set()
        self._changed = asyncio.Event()
        return self.revision

    async def next_change(self) -> None:
        """Return after the next change."""
        await self._changed.wait()

    def new_ts(self) -> str:
        """Return a timestamp no other message has, later than each before."""
        self._last_microsecond = max(self._last_microsecond + 1, int(self.clock() * 1_000_000))
        seconds, rest = divmod(self._last_microsecond, 1_000_000)
        return f"{seconds}.{rest:06d}"

    def person(self, name: str) -> Person:
        """By id or handle; KeyError when there is nobody."""
        wanted = name.removeprefix("@")
        if wanted in self.people:
            return self.people[wanted]
        for person in self.people.values():
            if person.name == wanted:
                return person
        raise KeyError(f"nobody is called {name!r} here")

    def channel(self, name: str) -> Channel:
        """By id or `#name`; KeyError when there is none."""
        if name in self.channels:
            return self.channels[name]
        wanted = name.removeprefix("#")
        for channel in self.channels.values():
            if channel.name == wanted and channel.im_with is None:
                return channel
        raise KeyError(f"there is no channel {name!r} here")

    def add_person(self, person: Person, *channels: str) -> Person:
        """Let somebody in, and into these channels."""
        self.people[person.id] = person
        for name in channels:
            self.channel(name).members.append(person.id)
        self.touch()
        return person

    def direct_channel(self, user: str) -> Channel:
        """Return the conversation between the bot and one person, opened if it was not."""
        channel_id = "D" + user[1:]
        if channel_id not in self.channels:
            members = [user, seed.BOT_USER]
            self.channels[channel_id] = Channel(channel_id, "directmessage", members, im_with=user)
            self._messages[channel_id] = {}
            self.touch()
        return self.channels[channel_id]

    def post(self, channel: str, user: str, text: str, **more: Any) -> Message:
        """Append a message; `more` holds further fields of `Message`."""
        message = Message(channel, self.new_ts(), user, text, **more)
        message.changed_at = self.touch()
        self._messages[channel][message.ts] = message
        return message

    def edit(self, message: Message, text: str | None, blocks: list[Json] | None) -> None:
        """Replace text, blocks or both, and mark the message as edited."""
        if text is not None:
            message.text = text
        if blocks is not None:
            message.blocks = blocks
        message.edited = {"user": message.user, "ts": self.new_ts()}
        message.changed_at = self.touch()

    def delete(self, message: Message) -> None:
        """Take a message out of its channel."""
        del self._messages[message.channel][message.ts]
        self.touch()

    def message(self, channel: str, ts: str) -> Message | None:
        """Return a message of that channel, ephemeral ones too."""
        return self._messages.get(channel, {}).get(ts)

    def find(self, ts: str) -> Message | None:
        """Return a message of whatever channel; timestamps are unique here."""
        return next((held[ts] for held in self._messages.values() if ts in held), None)

    def everything(self, channel: str) -> Iterator[Message]:
        """All messages of a channel, oldest first."""
        return iter(self._messages[channel].values())

    def public(self, channel: str) -> list[Message]:
        """Return what everybody in a channel sees, oldest first, replies included."""
        return [m for m in self.everything(channel) if m.only_for is None]

    def visible_to(self, user: str) -> list[Message]:
        """Return what one person sees in all her channels, oldest first in each."""
        return [
            message
            for channel in self.channels_of(user)
            for message in self.everything(channel.id)
            if message.only_for in (None, user)
        ]

    def channels_of(self, user: str) -> list[Channel]:
        """Return the conversations a person is in."""
        return [c for c in self.channels.values() if user in c.members]

    def threads(self, channel: str) -> dict[str, list[Message]]:
        """Return the public replies of a channel by the timestamp of what they answer, oldest first."""
        threads: dict[str, list[Message]] = {}
        for message in self.everything(channel):
            if message.is_reply and message.only_for is None:
                threads.setdefault(message.thread_ts or "", []).append(message)
        return threads

    def once(self, channel: str, client_msg_id: str, post: Callable[[], Message]) -> Message:
        """Post unless this id was seen in this channel; the first message counts."""
        first = self._client_ids.get((channel, client_msg_id))
        known = self.message(channel, first) if first is not None else None
        if known is not None:
            return known
        message = post()
        self._client_ids[channel, client_msg_id] = message.ts
        return message
