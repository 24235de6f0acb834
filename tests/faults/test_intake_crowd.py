"""A crowd: every command is answered and none is lost; of all who want one service, one gets it and the others hear who."""

import asyncio
import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bench.services import CHANNEL, TARGET
from bench.slack import crowd
from sandbox.slack.link import FORM, BotLink
from sandbox.slack.payloads import command_fields
from sandbox.slack.seed import Person
from tests.faults.births import nursery, world
from tests.faults.bots import Bot
from tests.faults.stand import ANA, Stand
from tests.faults.stories import SERVICE
from tests.support.until import until

__all__ = ["nursery", "world"]

pytestmark = [pytest.mark.processes, pytest.mark.asyncio(loop_scope="module")]
LATER = "200 Working on it…"
LINES = 100
"""Connections: Slack keeps many, and waits on each for its answer."""


async def typed(world: Stand, bot: Bot, commands: Iterable[tuple[str, str]]) -> list[str]:
    """Who types what, all at once; each answer's status and text, in their order."""
    link = BotLink("", world.credentials.signing_secret, 0, time.time)
    channel = world.slack.workspace.channel(CHANNEL)
    url = f"http://127.0.0.1:{bot.port}/slack/events"
    away = world.slack.api_url.removesuffix("/api/")
    limits = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=LINES), timeout=limits) as http:

        async def one(number: int, user: str, text: str) -> str:
            tickets = {"response_url": f"{away}/commands/{number}", "trigger_id": f"1.{number}"}
            fields = command_fields(Person(user, user.lower(), user), channel, f"/release {text}", tickets)
            body = urlencode(fields).encode()
            async with http.post(
                url, data=body, headers={**link.signed(body), "Content-Type": FORM}
            ) as answer:
                return f"{answer.status} {json.loads(await answer.read())['text']}"

        return await asyncio.gather(*(one(n, *command) for n, command in enumerate(commands)))


async def audited(world: Stand) -> list[str]:
    """The text of every record of the audit log."""
    entries: Any = await world.store.client.xrange(world.store.key("audit"))
    return [json.loads(fields[b"record"])["text"] for _, fields in entries]


async def test_f63_of_two_thousand_commands_at_once_each_is_answered_and_none_is_lost(world: Stand) -> None:
    bot = await world.start_bot()
    await bot.ready(world.http)
    questions = [(ANA, f"status {SERVICE}") for _ in range(1000)]
    nonsense = [(ANA, f"nonsense{number} v1.0.0") for number in range(1000)]

    answers = await typed(
        world, bot, [both for pair in zip(questions, nonsense, strict=True) for both in pair]
    )

    assert set(answers[::2]) <= {"200 Status", LATER}
    others = {
        answer for answer in answers[1::2] if not answer.startswith("200 There is no service “nonsense")
    }
    assert others <= {LATER}
    texts = [text for text in await audited(world) if "nonsense" in text]
    assert (len(texts), len(set(texts))) == (1000, 1000)


async def test_f63_of_two_hundred_who_start_one_service_one_wins_and_all_others_hear_who_holds_it(
    world: Stand,
) -> None:
    people = crowd(200)
    for number, user in enumerate(people):
        world.slack.workspace.add_person(Person(user, f"crowd{number}", f"Crowd {number}"), CHANNEL)
    bot = await world.start_bot()
    await bot.ready(world.http)

    answers = await typed(world, bot, [(user, f"{SERVICE} {TARGET} canary 5% every 1h") for user in people])

    told = dict(zip(people, answers, strict=True))

    def is_everyone_told() -> bool:
        """At once, or a moment later for their eyes alone."""
        for one in world.slack.workspace.everything(world.place):
            if one.only_for is not None and told[one.only_for] == LATER:
                told[one.only_for] = f"200 {one.text}"
        return LATER not in told.values()

    await until(is_everyone_told, within=30)
    [winner] = [user for user, text in told.items() if "has started" in text]
    held = f"200 {SERVICE} is locked: held by {winner.lower()} (R-"
    assert [user for user, text in told.items() if not text.startswith(held)] == [winner]
