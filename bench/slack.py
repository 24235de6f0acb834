"""A process of its own: the Slack emulator, with as many people in the channel as the bench lets start a release at once."""

import asyncio
import sys

from bench.services import CHANNEL
from sandbox.slack import SlackEmulator
from sandbox.slack.seed import Person

ENGINEER = "U0ANA00001"
"""Of the emulator's own people, in the channel."""


def crowd(count: int) -> tuple[str, ...]:
    """The ids of that many people."""
    return tuple(f"U0CROWD{number:03}" for number in range(count))


async def main(port: int, people: int, signing_secret: str, bot_token: str) -> None:
    """Serve until killed."""
    async with SlackEmulator(port, signing_secret=signing_secret, bot_token=bot_token) as slack:
        for number, user in enumerate(crowd(people)):
            slack.workspace.add_person(Person(user, f"crowd{number}", f"Crowd {number}"), CHANNEL)
        await asyncio.Event().wait()


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(main(int(given[0]), int(given[1]), given[2], given[3]))
