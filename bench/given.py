"""A process of its own: the bare handler with what is given to the product beside the lock, and nothing that it adds.

The bot's own gate stands before it (signature, Bolt, the claim against replays) and the grammar reads the command; nobody is asked for
roles, nothing is looked at, no record is made and no message written. What is slower than this is Lockmaster's own doing.
"""

import asyncio
import sys

import uvloop

from adapters.clock import SystemClock
from adapters.redis.door import Connection
from adapters.redis.journal import RedisJournal
from adapters.slack.blocks import payload
from adapters.slack.chat import SlackChat
from adapters.slack.door import SlackDoor
from bench.bare import Locking, serve
from bot.commands.model import Start
from bot.commands.parser import parse
from bot.config.secrets import Secrets
from bot.messages import answers
from bot.messages.model import Message
from bot.ports.desks import Origin
from handlers.app import slack_gate
from handlers.slack.talk import Desks, Phrases, Talk


class Desk:
    """Reads a command and takes its lock. There are no buttons here."""

    def __init__(self, locking: Locking) -> None:
        self._locking = locking

    async def typed(self, origin: Origin, text: str) -> Message:
        """Answer whether the lock was taken."""
        command = parse(text)
        if not isinstance(command, Start) or not await origin.request.first_time:  # type: ignore[misc]  # the gate sets it
            raise ValueError(f"a new start was expected: {text}")
        return answers.said(await self._locking.take(command.service, origin.user_id))

    async def pressed(self, origin: Origin, action: str, value: str) -> None:
        """Do nothing."""

    async def submitted(self, origin: Origin, action: str, private: str, text: str) -> None:
        """Do nothing."""


async def main(port: int, redis_url: str, secret: str) -> None:
    """Serve it."""
    redis = Connection.to(redis_url, prefix="{given}")
    secrets = Secrets.of({"SLACK_SIGNING_SECRET": secret})
    desk, said = Desk(Locking(redis)), answers.said("never said")
    chat = SlackChat(SlackDoor("http://127.0.0.1:1/", secrets.slack_bot_token))
    talk = Talk(Desks(desk, desk), chat, payload, Phrases(said, said))
    await serve(port, slack_gate("/release", talk, secrets, RedisJournal(redis), SystemClock()))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
