"""Slack's side of the bot's door, and desks that note what they are given."""

import asyncio
import hmac
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from adapters.slack.blocks import payload
from bot.config.secrets import Secret, Secrets
from bot.messages.model import Message, Modal, paragraph
from bot.ports.desks import Alert, AlertReply, Origin
from handlers.app import SLACK_PATH, public, slack_gate
from handlers.slack.talk import Desks, Phrases, Talk
from tests.fakes.chat import FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.journal import FakeJournal
from tests.fakes.outage import Outage
from tests.unit.handlers.asgi import Answer, call

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
FORM = b"application/x-www-form-urlencoded"
ADDRESS = "https://hooks.slack.com/commands/1/2/3"


def message(text: str) -> Message:
    return Message(summary=text, blocks=(paragraph(text),))


@dataclass
class Desk:
    """Every desk in one. `answer` is what it says; an exception is raised; `slow` holds it until set."""

    answer: Message | Modal | Exception | None = None
    heard: list[tuple[Any, ...]] = field(default_factory=list)
    slow: asyncio.Event | None = None

    async def _hear(self, *said: Any) -> Any:
        self.heard.append(said)
        if self.slow:
            await self.slow.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def typed(self, origin: Origin, text: str) -> Message:
        found: Message = await self._hear("typed", origin, text)
        return found

    async def pressed(self, origin: Origin, action: str, value: str) -> Message | Modal | None:
        found: Message | Modal | None = await self._hear("pressed", origin, action, value)
        return found

    async def submitted(self, origin: Origin, action: str, private: str, text: str) -> Message | None:
        found: Message | None = await self._hear("submitted", origin, action, private, text)
        return found

    async def fired(self, alerts: tuple[Alert, ...]) -> AlertReply:
        raise NotImplementedError


class SlackWorld:
    """The whole public application over fakes, and requests as Slack makes them."""

    def __init__(self, secret: str | None = SECRET) -> None:
        self.clock = FakeClock()
        self.outage = Outage()
        self.desk = Desk(message("done"))
        self.chat = FakeChat()
        self.talk = Talk(
            Desks(self.desk, self.desk), self.chat, payload, Phrases(message("working"), message("broken"))
        )
        secrets = Secrets(
            Secret("SLACK_BOT_TOKEN"),
            Secret("SLACK_SIGNING_SECRET", secret),
            Secret("LOCKMASTER_ALERT_TOKEN"),
        )
        journal = FakeJournal(self.clock, self.outage)
        gate = slack_gate("/release", self.talk, secrets, journal, self.clock)
        self.app = public(gate, self.desk, secrets)

    def signed(self, body: bytes, secret: str = SECRET, age: int = 0) -> dict[str, bytes]:
        stamp = str(int(self.clock.now().timestamp()) - age).encode()
        mac = hmac.new(secret.encode(), b"v0:" + stamp + b":" + body, "sha256").hexdigest()
        return {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": b"v0=" + mac.encode(),
            "Content-Type": FORM,
        }

    async def send(self, body: bytes, headers: dict[str, bytes] | None = None) -> Answer:
        return await call(self.app, SLACK_PATH, body, self.signed(body) if headers is None else headers)

    async def command(self, text: str, name: str = "/release") -> Answer:
        return await self.send(command(text, name))

    async def interact(self, given: dict[str, Any]) -> Answer:
        return await self.send(urlencode({"payload": json.dumps(given)}).encode())


def command(text: str, name: str = "/release") -> bytes:
    fields = {
        "token": "x",
        "team_id": "T1",
        "channel_id": "C0SHOP",
        "channel_name": "shop-releases",
        "user_id": "U1",
        "user_name": "ana",
        "command": name,
        "text": text,
        "response_url": ADDRESS,
        "trigger_id": "1.2.3",
    }
    return urlencode(fields).encode()


def press(action: str = "promote", value: str = "R-1") -> dict[str, Any]:
    return {
        "type": "block_actions",
        "team": {"id": "T1", "domain": "shop"},
        "user": {"id": "U1", "username": "ana", "team_id": "T1"},
        "trigger_id": "1.2.3",
        "channel": {"id": "C0SHOP", "name": "shop-releases"},
        "response_url": ADDRESS,
        "actions": [{"action_id": action, "block_id": "b", "type": "button", "value": value}],
    }


def submission(private: str, text: str) -> dict[str, Any]:
    return {
        "type": "view_submission",
        "team": {"id": "T1", "domain": "shop"},
        "user": {"id": "U1", "username": "ana", "team_id": "T1"},
        "trigger_id": "4.5.6",
        "view": {
            "callback_id": "go_on",
            "private_metadata": private,
            "state": {"values": {"asked": {"text": {"type": "plain_text_input", "value": text}}}},
        },
    }
