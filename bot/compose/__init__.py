"""The only place that sees handlers and adapters together."""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from adapters.slack.blocks import payload
from bot.compose.core import Core, core
from bot.compose.wellbeing import Wellbeing
from bot.config.secrets import Secrets
from bot.messages import answers
from bot.usecases.alerting import AlertDesk
from bot.usecases.front import Front
from handlers.app import admin, public, slack_gate
from handlers.slack.talk import Desks, Phrases, Talk

__all__ = ["Bot", "Core", "Wellbeing", "bot", "core"]


@dataclass(slots=True)
class Bot:
    """Both ASGI applications, and what has to run beside them."""

    core: Core
    public: ASGIApp
    admin: ASGIApp
    talk: Talk
    health: Wellbeing

    def loops(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """What runs for as long as the bot does."""
        core = self.core
        parts = (core.sampler, core.follower, core.deliverer, core.journal)
        return core.scheduler.run_forever(), *(part.run() for part in parts)


def bot(parts: Core, secrets: Secrets, command: str) -> Bot:
    """Put the ways in before the core."""
    office = parts.office
    front = Front(office)
    phrases = Phrases(
        working=answers.said("Working on it…"),
        broken=answers.said(
            "Something went wrong inside Lockmaster. It is in its log; nothing more is known here."
        ),
    )
    talk = Talk(Desks(front, front), parts.chat, payload, phrases)
    gate = slack_gate(command, talk, secrets, office.journal, office.clock)
    health = Wellbeing(parts)
    return Bot(parts, public(gate, AlertDesk(office), secrets), admin(health), talk, health)
