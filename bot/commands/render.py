"""The canonical text of a command: what the parser reads back as the same value."""

from collections.abc import Iterator
from typing import assert_never

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
from bot.commands.typed import quoted
from bot.release.duration import render_duration


def render(command: Command) -> str:
    """Write a command so that parse(render(command)) == command."""
    return " ".join(word for word in _words(command) if word)


def _words(command: Command) -> Iterator[str]:
    match command:
        case Start():
            yield from _start(command)
        case Plan(start):
            yield from ("plan", *_start(start))
        case Lock():
            yield from _lock(command)
        case Promote() | Pause() | Resume() | Rollback() | Unlock():
            yield from _act(command)
        case Status() | History() | Check() | Adopt() | Unadopt():
            yield from (_word(command), command.service or "")
        case Show(release):
            yield from ("show", release)
        case Help(word):
            yield from ("help", word or "")
        case Locks():
            yield "locks"
        case _:
            assert_never(command)


def _start(start: Start) -> Iterator[str]:
    yield from (start.service, str(start.version))
    if start.weights is not None:
        yield from ("canary", *(f"{weight.number}%" for weight in start.weights))
    if start.every is not None:
        yield from ("every", render_duration(start.every))
    if start.gate is not None:
        yield start.gate
    yield from _because(start.because)


def _act(command: Promote | Pause | Resume | Rollback | Unlock) -> Iterator[str]:
    yield from (_word(command), command.service)
    if isinstance(command, Promote) and command.full:
        yield "--full"
    if isinstance(command, Rollback) and command.to is not None:
        yield from ("to", str(command.to))
    yield from _because(command.because)


def _lock(lock: Lock) -> Iterator[str]:
    yield from ("lock", lock.service, quoted(lock.reason))
    if lock.lasting is not None:
        yield from ("for", render_duration(lock.lasting))


def _because(reason: str | None) -> Iterator[str]:
    if reason is not None:
        yield from ("because", quoted(reason))


def _word(command: Command) -> str:
    return type(command).__name__.lower()
