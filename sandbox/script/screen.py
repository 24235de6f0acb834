"""The conversation as people saw it, printed while it happens."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self

from sandbox.script.rendered import lines_of, squeezed
from sandbox.script.steps import Place
from sandbox.slack import SlackEmulator
from sandbox.slack.message import Json, Message

Print = Callable[[str], None]
_INDENT = " " * 9


@dataclass
class Screen:
    """Follows the workspace; an async context manager. Times are seconds since it began.

    A live message, the one with buttons, is printed when its words have changed; new numbers alone are no news.
    """

    slack: SlackEmulator
    out: Print
    began: float = field(default_factory=time.monotonic)
    since: int = 0
    old: dict[str, list[Json]] = field(default_factory=dict)
    _heard: list[str] = field(default_factory=list)
    _told: dict[str, str] = field(default_factory=dict)
    _live: set[str] = field(default_factory=set)
    _following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.since = self._start = self.slack.workspace.revision
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._following:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        self._look()

    def say(self, who: str, *lines: str) -> None:
        """Print one entry: the time, who, and what; further lines beneath."""
        first, *rest = lines or ("",)
        seconds = time.monotonic() - self.began
        self.out(f"{int(seconds) // 60:2d}:{seconds % 60:04.1f}  {who:<7} {first}")
        for line in rest:
            self.out(f"{_INDENT}{'':<7} {line}".rstrip())

    def hear(self, who: str, *lines: str) -> None:
        """Print what somebody was told elsewhere than in the workspace; it counts as an answer."""
        self.say(who, *lines)
        self._heard.append(squeezed(" ".join(lines)))

    def mark(self) -> None:
        """Something is done now: words are looked for from here on."""
        self._look()
        self._heard.clear()
        self.since = self.slack.workspace.revision

    def card(self) -> Message | None:
        """The newest live message."""
        return next(reversed(self.cards()), None)

    def cards(self) -> list[Message]:
        """Live messages posted since the script began, oldest first."""
        return [each for each in self._messages(self._start) if each.ts in self._live]

    def texts(self, place: Place) -> Iterator[str]:
        """Everything that stands at a place, squeezed: the newest card, or what was said there since the last act."""
        if place == "card":
            card = self.card()
            yield from [self._text(card)] if card else []
        else:
            found = (each for each in self._messages(self.since) if self._place(each) == place)
            yield from (self._text(each) for each in found)
            yield from self._heard if place == "answer" else ()

    def channel(self) -> list[str]:
        """The channel as it stands now, with threads beneath their messages."""
        lines: list[str] = []
        for message in self._messages(0):
            if message.only_for is None and not message.is_reply:
                lines += [f"┃ {line}" for line in self.lines(message)]
                for reply in self.slack.workspace.threads(message.channel).get(message.ts, []):
                    lines += [f"┃    ↳ {line}" for line in self.lines(reply)]
                lines.append("")
        return lines[:-1]

    def lines(self, message: Message) -> list[str]:
        """A message as it is read."""
        workspace = self.slack.workspace
        names = {person.id: f"@{person.name}" for person in workspace.people.values()}
        names |= {group.id: f"@{group.handle}" for group in workspace.groups.values()}
        names |= {channel.id: f"#{channel.name}" for channel in workspace.channels.values()}
        return lines_of(message.shown(), names)

    async def _follow(self) -> None:
        while True:
            self._look()
            await self.slack.workspace.next_change()

    def _look(self) -> None:
        for message in self._messages(self._start):
            if not message.from_bot and message.only_for is None:
                continue
            if any(block["type"] == "actions" for block in message.blocks) and message.only_for is None:
                self._live.add(message.ts)
                self._remember(message)
            news = self._news(message)
            if self._told.get(message.ts) != news:
                self._told[message.ts] = news
                self._print(message)

    def _remember(self, message: Message) -> None:
        shapes = self.old.setdefault(message.ts, [])
        if not shapes or shapes[-1]["blocks"] != message.blocks:
            shapes.append({"blocks": message.blocks, "text": message.text, "ts": message.ts})

    def _news(self, message: Message) -> str:
        """What makes it worth printing again: all words of it, for a live message without numbers."""
        text = "\n".join(self.lines(message))
        return re.sub(r"[\d.,:]+", "0", text) if message.ts in self._live else text

    def _print(self, message: Message) -> None:
        lines = self.lines(message)
        match self._place(message):
            case "answer":
                person = self.slack.workspace.people[message.only_for or ""]
                self.say(f"→ {person.name}", *lines)
            case "thread":
                self.say("  ↳", *lines)
            case "card":
                self.say("card", *(f"│ {line}" for line in lines))
            case "notice":
                self.say("notice", *lines)

    def _place(self, message: Message) -> Place:
        if message.only_for is not None:
            return "answer"
        if message.is_reply:
            return "thread"
        return "card" if message.ts in self._live else "notice"

    def _text(self, message: Message) -> str:
        return squeezed(" ".join(self.lines(message)))

    def _messages(self, since: int) -> Iterable[Message]:
        workspace = self.slack.workspace
        everything = (
            each for name in tuple(workspace.channels) for each in tuple(workspace.everything(name))
        )
        # Words of people are printed where they are typed.
        fresh = (each for each in everything if each.changed_at > since and (each.from_bot or each.only_for))
        return sorted(fresh, key=lambda each: float(each.ts))
