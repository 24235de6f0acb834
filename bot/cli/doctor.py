"""`lockmaster doctor`: ask every part the bot depends on, and every service whether it is ready for releases."""

import argparse
import asyncio
import json
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.analysis.looks import tracks
from bot.cli.logs import configure
from bot.cli.starting import configured
from bot.compose import Core, core
from bot.config.catalogue import Catalogue
from bot.config.secrets import Secrets
from bot.config.settings import Settings
from bot.errors import Refused, TargetGone, Unavailable

PATIENCE = 6.0
"""Seconds each question may take."""


def run(arguments: Sequence[str]) -> int:
    """0 when everything answers and every service is ready, 1 when a service is not, 3 when a part does not answer."""
    parser = argparse.ArgumentParser(
        prog="lockmaster doctor", description="Ask every part and every service."
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    configure(logging.CRITICAL)
    found = configured()
    if found is None:
        return 2
    answers = asyncio.run(_examine(*found))
    if options.json:
        print(json.dumps({name: answer.text for name, answer in answers.items()}))
    else:
        for name, answer in answers.items():
            print(f"{'✗' if answer.status else '✓'} {name:<24} {answer.text}")
    return max(answer.status for answer in answers.values())


@dataclass(frozen=True, slots=True)
class Answer:
    """What a part or a service said; the status is the exit status it asks for."""

    text: str
    status: int


async def _examine(settings: Settings, secrets: Secrets, catalogue: Catalogue) -> dict[str, Answer]:
    async with core(settings, secrets, catalogue, watch=False) as parts:
        services = catalogue.services.values()
        answers = {
            "redis": await _ask(parts.store.ping()),
            "prometheus": await _ask(_metrics(parts, catalogue)),
            "slack": await _ask(_channels(parts, catalogue)),
        }
        for service in services:
            answers[f"service {service.name}"] = await _ask(_ready(parts, service.name))
    return answers


async def _ask(question: Awaitable[object]) -> Answer:
    try:
        async with asyncio.timeout(PATIENCE):
            await question
    except (Refused, TargetGone) as error:
        return Answer(str(error), 1)
    except Unavailable as error:
        return Answer(str(error), 3)
    except TimeoutError:
        return Answer(f"no answer in {PATIENCE:g} s", 3)
    return Answer("ok", 0)


async def _metrics(parts: Core, catalogue: Catalogue) -> None:
    keys = [key for service in catalogue.services.values() for key in tracks(service)]
    await parts.metrics.read(keys, timedelta(seconds=10))


async def _channels(parts: Core, catalogue: Catalogue) -> None:
    for channel in sorted({service.channel for service in catalogue.services.values()}):
        if not await parts.office.directory.members(channel):
            raise Unavailable("slack", f"{channel} does not exist, or the bot is not in it")


async def _ready(parts: Core, name: str) -> None:
    missing = await parts.office.traffic.examine(parts.office.service(name))
    if missing:
        raise Refused(missing[0])
