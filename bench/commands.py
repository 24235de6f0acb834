"""Command to acknowledgement: one at a time beside the bare handler, and two hundred people at once."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import aiohttp

from bench.client import PATH, Line
from bench.figures import Figure, Table, most, spread
from bench.slack import ENGINEER, crowd
from bench.stage import Stage

PAUSE = 0.12
"""Seconds between two requests: people do not type faster, and what the last one set off is not measured with the next."""
RATIO = 1.6
ANSWERED_WITHIN = 3.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Seconds of each request, in their order."""

    bare: tuple[float, ...]
    bot: tuple[float, ...]


async def one_by_one(stage: Stage, services: Sequence[str]) -> Pairs:
    """Start a release of each service, at the bare handler and at the bot in turn. Raises RuntimeError for any other answer."""
    bare: list[float] = []
    bot: list[float] = []
    with Line(stage.ports.bare) as to_bare, Line(stage.ports.bot) as to_bot:
        for service in services:
            for line, seconds in ((to_bare, bare), (to_bot, bot)):
                sent = line.post(PATH, *stage.slack.start(service, ENGINEER))
                if sent.status != 200 or b"has started" not in sent.body:
                    raise RuntimeError(f"{service}: {sent.status} {sent.body.decode()[:300]}")
                seconds.append(sent.seconds)
                await asyncio.sleep(PAUSE)
    return Pairs(tuple(bare), tuple(bot))


async def start(stage: Stage, services: Sequence[str]) -> None:
    """Start a release of each, unmeasured."""
    with Line(stage.ports.bot) as line:
        for service in services:
            sent = await asyncio.to_thread(line.post, PATH, *stage.slack.start(service, ENGINEER))
            if b"has started" not in sent.body:
                raise RuntimeError(f"{service}: {sent.status} {sent.body.decode()[:300]}")


@dataclass(frozen=True, slots=True)
class Rush:
    """How many won, were told who holds the lock, or got another answer; the seconds of each."""

    won: int
    told: int
    other: tuple[str, ...]
    seconds: tuple[float, ...]


async def rush(stage: Stage, service: str, people: int) -> Rush:
    """Let so many different people start a release of one service at once."""
    requests = [stage.slack.start(service, user) for user in crowd(people)]
    url = f"http://127.0.0.1:{stage.ports.bot}{PATH}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(body: bytes, headers: dict[str, str]) -> tuple[str, float]:
            began = time.perf_counter()
            async with session.post(url, data=body, headers=headers) as answer:
                text = f"{answer.status} {await answer.text()}"
            return text, time.perf_counter() - began

        answers = await asyncio.gather(*(ask(*request) for request in requests))
    texts = [text for text, _ in answers]
    other = tuple(text for text in texts if "has started" not in text and "is locked" not in text)
    return Rush(
        won=sum("has started" in text for text in texts),
        told=sum("is locked" in text for text in texts),
        other=other,
        seconds=tuple(seconds for _, seconds in answers),
    )


def table(pairs: Pairs, crowded: Rush) -> Table:
    """Both, with their goals."""
    ratio = median(pairs.bot) / median(pairs.bare)
    people = len(crowded.seconds)
    only = crowded.won == 1 and crowded.told == people - 1
    answers = f"{crowded.won} won, {crowded.told} told who holds it"
    if crowded.other:
        answers += f", {len(crowded.other)} other answers, such as `{crowded.other[0][:120]}`"
    return Table(
        "Command → lock held → acknowledged",
        "Signed slash commands on one kept connection each, to the bare handler and to the bot in turn, each for a service that is "
        "free. The bare handler is Starlette on the same uvicorn, uvloop and httptools with the signature check, the form, and the "
        "same Lua script on the same Valkey; the bot also refuses replays, asks roles, looks at the cluster, writes the record and "
        "sets out. What a start sets off goes on while the next one is measured.",
        (
            Figure("bare handler", spread(pairs.bare)),
            Figure("Lockmaster", spread(pairs.bot)),
            most("ratio of the medians", ratio, RATIO, "times"),
            most(
                f"{people} people start one service at once: the last answer",
                max(crowded.seconds),
                ANSWERED_WITHIN,
                "s",
            ),
            Figure("… and what they were told", answers, "one wins, all others are told", met=only),
        ),
    )
