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
        blamed = _blame_the_first_word(text, fault)
        raise BadCommand(
            text=text,
            column=blamed.offset + 1,
            expected=expected(blamed.accepts),
            nearest=nearest(text),
            message=blamed.message,
        ) from None


def _blame_the_first_word(text: str, fault: Fault) -> Fault:
    """`promot checkout` reads as a service and its version: say that the first word is the wrong one."""
    if fault.accepts != ("VERSION",):
        return fault
    spaced = plain(text)
    words = spaced[: fault.offset].split()
    meant = close_words(words[0], COMMAND_WORDS) if len(words) == 1 else []
    if not meant:
        return fault
    offset = len(spaced) - len(spaced.lstrip())
    return Fault(offset, f'"{words[0]}" is no command', tuple(f"_{word.upper()}" for _, word in meant))
