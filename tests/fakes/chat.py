"""A chat service in memory, for scenarios that read like conversations."""

from dataclasses import dataclass, field

from bot.errors import ReasonCode, Unavailable, refuse
from bot.messages.model import Message, Modal
from bot.ports.chat import Posted, RateLimited

SLACK = "https://hooks.slack.com/"


@dataclass(slots=True)
class Entry:
    """One message in a channel: `versions` from the first text to the one that stands now."""

    at: Posted
    thread: str | None
    versions: list[Message]

    @property
    def message(self) -> Message:
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Whisper:
    """What one person alone saw in a channel."""

    channel: str
    user: str
    message: Message


@dataclass(slots=True)
class FakeChat:
    """`channels` maps `#name` to id. Failures: `away`, `limits` (each call uses one up), `archive`, `delete`.

    Tests read `messages`, `thread`, `edits`, `whispered`, `answers` (by address), `dialogs` (by trigger).
    """

    channels: dict[str, str] = field(default_factory=lambda: {"#shop-releases": "C0SHOP"})
    away: bool = False
    limits: list[float] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    whispers: list[Whisper] = field(default_factory=list)
    answers: dict[str, list[Message]] = field(default_factory=dict)
    dialogs: dict[str, Modal] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    _keys: dict[str, Posted] = field(default_factory=dict)
    _closed: set[str] = field(default_factory=set)
    _count: int = 0

    async def post(self, channel: str, message: Message, *, key: str, thread: str | None = None) -> Posted:
        """Post once a key."""
        self._called("post")
        place = self._channel(channel)
        if key in self._keys:
            at = self._keys[key]
            stands = next(entry for entry in self.entries if entry.at == at)
            if stands.versions[-1].summary != message.summary:
                stands.versions.append(message)
            return at
        self._count += 1
        at = Posted(place, f"1700000000.{self._count:06}")
        self.entries.append(Entry(at, thread, [message]))
        self._keys[key] = at
        return at

    async def update(self, at: Posted, message: Message) -> None:
        """Replace the text of a message that stands."""
        self._called("update")
        self._channel(at.channel)
        for entry in self.entries:
            if entry.at == at:
                entry.versions.append(message)
                return
        raise refuse(ReasonCode.SLACK_UNKNOWN, "Slack says message_not_found")

    async def whisper(self, channel: str, user: str, message: Message) -> None:
        """Say it to one person."""
        self._called("whisper")
        self.whispers.append(Whisper(self._channel(channel), user, message))

    async def respond(self, response_url: str, message: Message) -> None:
        """Answer at an address of Slack's."""
        if not response_url.startswith(SLACK):
            raise refuse(ReasonCode.SLACK_UNKNOWN, "the answer's address is not Slack's")
        self._called("respond")
        self.answers.setdefault(response_url, []).append(message)

    async def open(self, trigger: str, modal: Modal) -> None:
        """Open a dialog."""
        self._called("open")
        self.dialogs[trigger] = modal

    def messages(self, channel: str) -> list[Message]:
        """What stands in the channel now, threads left out."""
        place = self._channel(channel)
        return [entry.message for entry in self.entries if entry.at.channel == place and not entry.thread]

    def thread(self, at: Posted) -> list[Message]:
        """What stands in the thread of a message."""
        return [entry.message for entry in self.entries if entry.thread == at.ts]

    def edits(self, at: Posted) -> list[Message]:
        """Every text a message had, the first one included."""
        return next((entry.versions for entry in self.entries if entry.at == at), [])

    def whispered(self, user: str) -> list[Message]:
        """What that person alone was told."""
        return [whisper.message for whisper in self.whispers if whisper.user == user]

    def delete(self, at: Posted) -> None:
        """Somebody deletes a message."""
        self.entries = [entry for entry in self.entries if entry.at != at]

    def archive(self, channel: str) -> None:
        """Somebody archives a channel: nothing can be written there any more."""
        self._closed.add(self._channel(channel))

    def _called(self, verb: str) -> None:
        self.calls.append(verb)
        if self.away:
            raise Unavailable("slack", "it does not answer")
        if self.limits:
            raise RateLimited(self.limits.pop(0))

    def _channel(self, channel: str) -> str:
        place = self.channels.get(channel, channel)
        if place not in self.channels.values():
            raise refuse(ReasonCode.SLACK_UNKNOWN, "Slack says channel_not_found")
        if place in self._closed:
            raise refuse(ReasonCode.SLACK_UNKNOWN, "Slack says is_archived")
        return place
