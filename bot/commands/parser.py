"""What handlers call: a text as typed becomes a command, or says what is wrong with it."""

from bot.commands.errors import BadCommand, Fault
from bot.commands.model import Command
from bot.commands.nearest import nearest
from bot.commands.reader import read
from bot.commands.spelling import close_words
from bot.commands.typed import plain
from bot.commands.wording import expected
from bot.commands.words import COMMAND_WORDS


def parse(text: str) -> Command:
    """Read what stands behind `/release`; nothing is help. BadCommand for everything that is no command."""
    try:
        return read(text)
    except Fault as fault:
        raise _misspelt(text, fault) or BadCommand(
            text=text,
            column=fault.offset + 1,
            expected=expected(fault.accepts),
            nearest=nearest(text),
            message=fault.message,
        ) from None


def _misspelt(text: str, fault: Fault) -> BadCommand | None:
    """`promot checkout` reads as a service and its version: say that the first word is the wrong one."""
    before = plain(text)[: fault.offset] if fault.accepts == ("VERSION",) else ""
    words = before.split()
    meant = close_words(words[0], COMMAND_WORDS) if len(words) == 1 else []
    if not meant:
        return None
    return BadCommand(
        text=text,
        column=before.index(words[0]) + 1,
        expected=tuple(word for _, word in meant),
        nearest=nearest(text),
        message=f'"{words[0]}" is no command',
    )
