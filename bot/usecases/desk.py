"""Where what was typed and pressed comes in: text to command, command to use case, failure to words."""

from typing import assert_never

import structlog

from bot.commands.errors import BadCommand
from bot.commands.model import (
    Adopt,
    Check,
    Command,
    Help,
    History,
    Lock,
    Locks,
    Pause,
    Plan,
    Promote,
    Resume,
    Rollback,
    Show,
    Start,
    Status,
    Unadopt,
    Unlock,
)
from bot.commands.parser import parse
from bot.commands.render import render
from bot.errors import Reason, ReasonCode, Refused, TargetGone, Unavailable
from bot.messages import answers, refusals
from bot.messages.model import Message
from bot.usecases import adopting, locking, looking, moving, rolling_back, starting
from bot.usecases.office import Asker, Office

log = structlog.get_logger()

Looking = Status | History | Show | Check | Locks | Help | Plan
Acting = Start | Promote | Pause | Resume | Rollback | Lock | Unlock | Adopt | Unadopt


class Desk:
    """Takes commands as text. Every failure people can cause or suffer becomes a message."""

    def __init__(self, office: Office) -> None:
        self.office = office

    async def typed(self, asker: Asker, text: str) -> tuple[Message, int]:
        """Act on a command; answers its author, and with the exit status of a terminal: 0, 1, 2 or 3."""
        try:
            command = parse(text)
        except BadCommand as error:
            await self.office.audit(asker, "typed", ReasonCode.BAD_COMMAND, str(error), about=(None, None))
            return refusals.bad_command(error, self.office.command), 2
        return await self.answer(asker, command)

    async def answer(self, asker: Asker, command: Command) -> tuple[Message, int]:
        """The same for a command at hand."""
        try:
            if not isinstance(command, Start):  # asks at its last moment before anything changes
                await asker.only_once()
            return await perform(self.office, asker, command), 0
        except (Refused, TargetGone) as error:
            reason = error.reason if isinstance(error, Refused) else gone(error)
            text = f"{render(command)}: {reason.text}"
            service = getattr(command, "service", None)
            await self.office.audit(asker, "refused", reason.code, text, about=(service, None))
            return refusals.refused(reason), 1
        except Unavailable as error:
            log.warning("unavailable", part=error.part, why=error.why, command=type(command).__name__)
            return refusals.unavailable(error), 3


def gone(error: TargetGone) -> Reason:
    """What was asked for needs an object that is not there."""
    return Reason(ReasonCode.TARGET_GONE, f"{error}.")


async def perform(office: Office, asker: Asker, command: Command) -> Message:
    """One command to its use case."""
    if isinstance(command, Looking):
        return await _look(office, asker, command)
    return await _act(office, asker, command)


async def _look(office: Office, asker: Asker, command: Looking) -> Message:
    match command:
        case Status():
            return await looking.status(office, command)
        case History():
            return await looking.history(office, command)
        case Show():
            return await looking.show(office, command)
        case Check():
            return await looking.check(office, command)
        case Locks():
            return await locking.locks(office)
        case Plan():
            return await starting.plan(office, asker, command.start)
        case Help():
            return answers.helped(command.word, office.command)
        case _:
            assert_never(command)


async def _act(office: Office, asker: Asker, command: Acting) -> Message:
    match command:
        case Start():
            return await starting.start(office, asker, command)
        case Promote():
            return await moving.promote(office, asker, command)
        case Pause():
            return await moving.pause(office, asker, command)
        case Resume():
            return await moving.resume(office, asker, command)
        case Rollback():
            return await rolling_back.rollback(office, asker, command)
        case Lock():
            return await locking.lock(office, asker, command)
        case Unlock():
            return await locking.unlock(office, asker, command)
        case Adopt():
            return await adopting.adopt(office, asker, command)
        case Unadopt():
            return await adopting.unadopt(office, asker, command)
        case _:
            assert_never(command)
