"""Requests from Slack to the bot, signed as Slack signs them."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.message import Json
from sandbox.slack.workspace import Clock

Failure = Literal["operation_timeout", "dispatch_failed"]
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class NoAnswerError(Exception):
    """The bot did not answer as Slack wants; `failure` is the word Slack shows."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure: Failure = failure


@dataclass(frozen=True)
class BotAnswer:
    """What the bot sent back with a 2xx."""

    text: str
    content_type: str

    def as_json(self) -> Json | None:
        """Return the body as an object, or None where it is none."""
        if JSON not in self.content_type or not self.text.strip():
            return None
        try:
            held = json.loads(self.text)
        except ValueError:
            return None
        return held if isinstance(held, dict) else None


@dataclass
class BotLink:
    """Where the bot listens (`url` is its whole request URL), and how long Slack waits for it."""

    url: str
    signing_secret: str
    timeout: float
    clock: Clock

    async def interact(self, payload: Json) -> BotAnswer:
        """Send an interaction: a form with the payload as JSON."""
        return await self.post(urlencode({"payload": json.dumps(payload)}).encode(), FORM)

    async def command(self, fields: dict[str, str]) -> BotAnswer:
        """Send a slash command: a form."""
        return await self.post(urlencode(fields).encode(), FORM)

    async def event(self, envelope: Json, headers: dict[str, str] | None = None) -> BotAnswer:
        """Send an event: JSON."""
        return await self.post(json.dumps(envelope).encode(), JSON, headers)

    async def post(self, body: bytes, kind: str, headers: dict[str, str] | None = None) -> BotAnswer:
        """Post a signed body; raises `NoAnswerError` unless a 2xx comes in time."""
        sent = self.signed(body) | {"Content-Type": kind, "User-Agent": "Slackbot 1.0"} | (headers or {})
        # A new connection each time: one kept from a bot that was killed since would look like a failure.
        session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.timeout))
        try:
            async with session, session.post(self.url, data=body, headers=sent, allow_redirects=False) as got:
                text = await got.text()
                if not 200 <= got.status < 300:  # noqa: PLR2004 - the class of HTTP statuses that mean success
                    raise NoAnswerError("dispatch_failed")
                return BotAnswer(text, got.headers.get("content-type", ""))
        except TimeoutError:
            raise NoAnswerError("operation_timeout") from None
        except aiohttp.ClientError:
            raise NoAnswerError("dispatch_failed") from None

    def signed(self, body: bytes) -> dict[str, str]:
        """Return the two headers that prove a body is Slack's."""
        stamp = str(int(self.clock()))
        base = b"v0:" + stamp.encode() + b":" + body
        digest: Any = hmac.new(self.signing_secret.encode(), base, hashlib.sha256)
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest.hexdigest()}"}
