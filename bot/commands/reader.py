"""From a text to a command, or to the place where it stops being one."""

import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

from lark import Lark, Token, UnexpectedInput
from lark.parsers.lalr_interactive_parser import InteractiveParser

from bot.commands import values
from bot.commands.errors import Fault
from bot.commands.model import Command, Help, Plan, Start
from bot.commands.typed import (
    LONGEST_REASON,
    REASON_EXAMPLE,
    joined,
    plain,
    quoted,
    requoted,
    unquoted,
    word_at,
)
from bot.commands.words import COMMANDS
from bot.release.duration import parse_duration
from bot.release.gate import Gate
from bot.release.version import is_version
from bot.release.weight import Weight

MOST_WEIGHTS: Final = 20
END: Final = "$END"

# Built once, when this module is imported: before the first command, and never for a process that reads none.
GRAMMAR: Final = Lark.open(
    "grammar.lark", rel_to=__file__, parser="lalr", lexer="contextual", g_regex_flags=re.IGNORECASE | re.ASCII
)

_BUILDS: Final = {usage.word: usage.builds for usage in COMMANDS}
# The field of the command that a word of the language opens, and the value of those that need no other word.
_FIELDS: Final = {
    "_CANARY": "weights",
    "_EVERY": "every",
    "_AUTO": "gate",
    "_ASK": "gate",
    "_BECAUSE": "because",
    "_FULL": "full",
    "_TO": "to",
    "_FOR": "lasting",
}
_FLAGS: Final = {"_AUTO": Gate.AUTO, "_ASK": Gate.ASK, "_FULL": True}
_MAY_END_A_REASON: Final = frozenset(["every", "auto", "ask", "to", "for", "--full"])


def keyword(terminal: str) -> str | None:
    """Give the word a terminal stands for; None for one that holds a value."""
    if not terminal.startswith("_"):
        return None
    return "--full" if terminal == "_FULL" else terminal[1:].lower()


def read(text: str) -> Command:
    """Read a text as typed; Fault where it is no command."""
    text = plain(text)
    reading = _Reading(text, GRAMMAR.parse_interactive(text))
    try:
        for token in reading.parser.iter_parse():
            reading.take(token)
    except UnexpectedInput as error:
        raise reading.stopped(cast("int", error.pos_in_stream)) from None
    try:
        reading.parser.feed_eof()  # type: ignore[no-untyped-call]  # lark's lack
    except UnexpectedInput:
        raise reading.stopped(len(text.rstrip())) from None
    return reading.command()


@dataclass(slots=True)
class _Reading:
    """What the words so far have said."""

    text: str
    parser: InteractiveParser
    command_words: list[str] = field(default_factory=list)
    option: str = ""
    fields: dict[str, Any] = field(default_factory=dict)

    def take(self, token: Token) -> None:
        """Take one token; the grammar has found it in its place."""
        if token.type in _FIELDS:
            self._open_option(token)
        elif word := keyword(token.type):
            self.command_words.append(word)
        else:
            try:
                self._take_value(token.type, str(token), token.start_pos or 0)
            except ValueError as error:
                raise self._fault(token.start_pos or 0, str(error)) from None

    def command(self) -> Command:
        """Build the command of a text that the grammar has accepted to its end."""
        match self.command_words:
            case ["plan"]:
                return Plan(Start(**self.fields))
            case [word]:
                return _BUILDS[word](**self.fields)
            case _:
                return Start(**self.fields) if self.fields else Help()

    def stopped(self, offset: int) -> Fault:
        """Say where the grammar did not accept what comes next, and what it would have accepted."""
        word = word_at(self.text, offset)
        if not word:
            return self._fault(offset, "the command is not complete")
        accepts = self._accepts()
        if "QUOTED" in accepts:
            return self._fault(
                offset, "these quotes do not pair up", self.text[:offset] + requoted(self.text[offset:])
            )
        return self._fault(offset, f'"{word:.40}" is {"too much" if accepts == (END,) else "not known"} here')

    def _open_option(self, token: Token) -> None:
        self.option = _FIELDS[token.type]
        if self.option in self.fields:
            said_twice = "auto or ask is" if self.option == "gate" else f"{keyword(token.type)} is"
            raise self._fault(token.start_pos or 0, f"{said_twice} said already")
        if token.type in _FLAGS:
            self.fields[self.option] = _FLAGS[token.type]

    def _take_value(self, terminal: str, text: str, offset: int) -> None:
        match terminal:
            case "SERVICE":
                self.fields["service"] = self._service(text)
            case "VERSION":
                self.fields[self.option or "version"] = values.version(text)
            case "WEIGHT":
                self.fields["weights"] = _ascending(self.fields.get("weights", ()), text)
            case "DURATION":
                self.fields[self.option] = parse_duration(text)
            case "RELEASE":
                self.fields["release"] = values.release(text)
            case "WORD":
                self.fields["word"] = values.explained(text)
            case _:
                reason = unquoted(text) if terminal == "QUOTED" else self._rest(text, offset)
                self.fields["reason" if self.command_words == ["lock"] else "because"] = _short(reason)

    def _service(self, text: str) -> str:
        if self.command_words and is_version(text):
            raise ValueError(
                f'"{self.command_words[0]}" is a command, so no service of this name can be released'
            )
        return values.service(text)

    def _rest(self, text: str, offset: int) -> str:
        """Read an unquoted reason; refuse it where its last words could also be an option."""
        words = text.split()
        for length in (1, 2):
            reason, option = words[:-length], words[-length:]
            if option[0].lower() not in _MAY_END_A_REASON:
                continue
            quotes = quoted(" ".join(reason) or REASON_EXAMPLE)
            mended = joined(f"{self.text[:offset]} {quotes} {' '.join(option)}")
            if _is_command(mended):
                raise self._fault(
                    offset,
                    f'quote the reason, so that it is plain whether "{" ".join(option)}" is part of it',
                    mended,
                )
        return joined(text)

    def _fault(self, offset: int, message: str, *mends: str) -> Fault:
        return Fault(offset, message, self._accepts(), mends)

    def _accepts(self) -> tuple[str, ...]:
        """List the terminals that may come next, in the order of the grammar, without options already said."""
        possible = self.parser.accepts()  # type: ignore[no-untyped-call]  # lark's lack
        if not self.command_words and not self.fields:
            possible.discard(END)  # nothing is help, but nobody who typed something meant that
        names = [terminal.name for terminal in GRAMMAR.terminals] + [END]
        return tuple(name for name in names if name in possible and _FIELDS.get(name) not in self.fields)


def _is_command(text: str) -> bool:
    try:
        read(text)
    except Fault:
        return False
    return True


def _ascending(before: tuple[Weight, ...], text: str) -> tuple[Weight, ...]:
    weight = Weight.parse(text)
    if before and weight <= before[-1]:
        raise ValueError(f'"{text}" is not above {before[-1]}: weights ascend, such as 5% 25% 50% 100%')
    if len(before) == MOST_WEIGHTS:
        raise ValueError(f"a release has at most {MOST_WEIGHTS} weights")
    return (*before, weight)


def _short(reason: str) -> str:
    if not reason:
        raise ValueError("the reason is empty")
    if len(reason) > LONGEST_REASON:
        raise ValueError(f"a reason has at most {LONGEST_REASON} characters, and this one has {len(reason)}")
    return reason
