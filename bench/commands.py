"""Command to acknowledgement: one at a time beside the bare handler, and two hundred people at once."""

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import aiohttp

from bench.client import PATH, Line
from bench.figures import Figure, Table, most, spread
from bench.slack import ENGINEER, crowd
from bench.stage import Stage

PAUSE = 0.15
"""Seconds between two requests: the steps that a start takes at once are over by then."""
STARTED = re.compile(rb"has started|Working on it")
"""An answer; the second kind is the acknowledgement of a command that takes longer than 2.5 s."""
TRIES = 20
RATIO = 1.6
ANSWERED_WITHIN = 3.0


@dataclass(frozen=True, slots=True)
class Turns:
    """Seconds of each request, in their order: at the bare handler, at the one with the given parts, at the bot."""

    bare: tuple[float, ...]
    given: tuple[float, ...]
    bot: tuple[float, ...]

    def ratios(self) -> tuple[float, float]:
        """The medians of the given parts and of the bot, in those of the bare handler."""
        return median(self.given) / median(self.bare), median(self.bot) / median(self.bare)


async def one_by_one(stage: Stage, services: Sequence[str]) -> Turns:
    """Start a release of each service at the two handlers and at the bot in turn. Raises RuntimeError for any other answer."""
    ports = (stage.ports.bare, stage.ports.given, stage.ports.bot)
    found: tuple[list[float], ...] = ([], [], [])
    with ExitStack() as stack:
        lines = [stack.enter_context(Line(port)) for port in ports]
        for service in services:
            for line, seconds in zip(lines, found, strict=True):
                seconds.append(_start(stage, line, service))
                await asyncio.sleep(PAUSE)
    bare, given, bot = map(tuple, found)
    return Turns(bare, given, bot)


def _start(stage: Stage, line: Line, service: str) -> float:
    sent = line.post(PATH, *stage.slack.start(service, ENGINEER))
    if sent.status != 200 or not STARTED.search(sent.body):
        raise RuntimeError(f"{service}: {sent.status} {sent.body.decode()[:300]}")
    return sent.seconds


async def start(stage: Stage, services: Sequence[str]) -> None:
    """Start a release of each, unmeasured. A machine that is busy with other things may need another try."""
    with Line(stage.ports.bot) as line:
        for service in services:
            await _insist(stage, line, service)


async def _insist(stage: Stage, line: Line, service: str) -> None:
    for _ in range(TRIES):
        sent = await asyncio.to_thread(line.post, PATH, *stage.slack.start(service, ENGINEER))
        if STARTED.search(sent.body) or b"is locked" in sent.body:
            return
        await asyncio.sleep(1.0)
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


def table(quiet: Turns, busy: Turns, crowded: Rush) -> Table:
    """Both, with their goals."""
    (floor, ratio), (busy_floor, busy_ratio) = quiet.ratios(), busy.ratios()
    people = len(crowded.seconds)
    only = crowded.won == 1 and crowded.told == people - 1
    answers = f"{crowded.won} won, {crowded.told} told who holds it"
    if crowded.other:
        answers += f", {len(crowded.other)} other answers, such as `{crowded.other[0][:120]}`"
    return Table(
        "Command → lock held → acknowledged",
        "Signed slash commands on one kept connection each, to the bare handler, the given parts and the bot in turn, with "
        f"{PAUSE * 1000:.0f} ms of rest between them, each for a service that is free. The bare handler is Starlette on the same "
        "uvicorn, uvloop and httptools with the signature check, the form, and the same Lua script on the same Valkey. The given "
        "parts are the bot's own gate with Bolt, the claim against replays and the grammar before that script: the floor of whatever "
        "is built of them. The bot also asks roles, looks at the cluster, writes the record and the message, and sets out. No canary "
        "gets ready meanwhile, so the releases started before do no more than wait; `busy` is measured while they all move.",
        (
            Figure("bare handler", spread(quiet.bare)),
            Figure("the given parts", f"{spread(quiet.given)}, {floor:.2f} times"),
            Figure("Lockmaster", spread(quiet.bot)),
            most("ratio of the medians", ratio, RATIO, "times"),
            Figure("bare handler, busy", spread(busy.bare)),
            Figure("the given parts, busy", f"{spread(busy.given)}, {busy_floor:.2f} times"),
            Figure("Lockmaster, busy", f"{spread(busy.bot)}, {busy_ratio:.1f} times"),
            most(
                f"{people} people start one service at once: the last answer",
                max(crowded.seconds),
                ANSWERED_WITHIN,
                "s",
            ),
            Figure("… and what they were told", answers, "one wins, all others are told", met=only),
        ),
    )
