"""`lockmaster release …`: the same commands as in Slack, with the operator's own kubeconfig and no running bot."""

import argparse
import asyncio
import getpass
import json
import logging
import re
import secrets as random
import sys
from collections.abc import Sequence

from bot.cli.logs import configure
from bot.cli.starting import configured
from bot.commands.parser import parse
from bot.commands.typed import quoted
from bot.compose import Core, core
from bot.config.catalogue import Catalogue
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.errors import Unavailable
from bot.messages.model import Message
from bot.messages.terminal import render
from bot.release.model import Actor, ActorKind
from bot.usecases.desk import Acting, Desk
from bot.usecases.office import Asker

PLAIN = re.compile(r"[^\s\"'“”„‟«»‘’‚‛＂]+")  # noqa: RUF001  the quotes of the grammar
"""Needs no quotes."""
LINGER = 10.0
"""Seconds that passes under way get before the terminal is given back."""
SAYING = 1.5
"""Seconds that messages not yet said get then."""


def run(arguments: Sequence[str]) -> int:
    """Act, print what Slack would have said, answer 0, 1, 2 or 3."""
    parser = argparse.ArgumentParser(
        prog="lockmaster release", description="Type a command here instead of in Slack.", add_help=False
    )
    parser.add_argument("--json", action="store_true")
    options, words = parser.parse_known_args(arguments)
    configure(logging.ERROR)
    found = configured()
    if found is None:
        return 2
    text = "help" if words in (["-h"], ["--help"]) else " ".join(map(_word, words))
    try:
        return asyncio.run(_act(found, text, as_json=options.json))
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 3


def _word(argument: str) -> str:
    """What the shell took for one argument is one value of the command, whatever is in it."""
    return argument if PLAIN.fullmatch(argument) else quoted(argument)


async def _act(found: tuple[Settings, Secrets, Catalogue], text: str, *, as_json: bool) -> int:
    settings, secrets, catalogue = found
    shown = settings.model_copy(update={"command": "lockmaster release"})
    async with core(shown, secrets, catalogue, watch=False) as parts:
        user, cluster = getpass.getuser(), await parts.cluster.identity()
        actor = Actor(kind=ActorKind.TERMINAL, id=f"{user}@{cluster or 'unknown'}", name=f"{user} (terminal)")
        asker = Asker(actor, "terminal", f"terminal:{random.token_hex(8)}")
        await _look_once(parts)
        message, status = await Desk(parts.office).typed(asker, text)
        print(_json(message, status) if as_json else render(message), flush=True)
        if status == 0 and isinstance(parse(text), Acting):
            await _linger(parts, telling=bool(secrets.slack_bot_token.get()))
    return status


async def _look_once(parts: Core) -> None:
    """A terminal has no sampler running: one look, so that a promotion knows what the metrics say."""
    try:
        await parts.sampler.look()
    except Unavailable:
        return


async def _linger(parts: Core, *, telling: bool) -> None:
    """See what was begun through its first steps, and said; the rest is any bot's, or the next terminal's."""
    saying = asyncio.create_task(parts.deliverer.run() if telling else asyncio.sleep(0))
    if begun := set(parts.office.background):
        await asyncio.wait(begun, timeout=LINGER)
    await asyncio.wait({saying}, timeout=SAYING)
    saying.cancel()


def _json(message: Message, status: int) -> str:
    return json.dumps({"status": status, "summary": message.summary, "text": render(message)})
