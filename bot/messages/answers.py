"""Answers to what was asked for, and short confirmations of what was done."""

from collections.abc import Mapping

from bot.commands.help import help_for
from bot.commands.words import COMMANDS, OPTIONS, Usage
from bot.config.catalogue import Service
from bot.errors import Reason
from bot.messages.cadence import behind
from bot.messages.card import headline
from bot.messages.model import Block, Code, Message, Place, Table, note, paragraph
from bot.messages.refusals import listed
from bot.messages.wording import person, sentence
from bot.release.model import Actor, Release


def said(text: str, *more: str) -> Message:
    """One sentence, and small print."""
    return Message(summary=text, blocks=(paragraph(text), *(note(line) for line in more)))


def started(release: Release, service: Service) -> Message:
    """A release has its lock and goes its way."""
    text = f"{headline(release)} has started."
    stages = ", ".join(str(stage.weight) for stage in release.stages)
    blocks: list[Block] = [paragraph(text)]
    if stages:
        blocks.append(paragraph(f"Stages: {stages}."))
    blocks.append(note("Follow it in ", Place(channel=service.channel), "."))
    return Message(summary=text, blocks=tuple(blocks))


def told_channel(text: str, by: Actor, because: str | None, *more: str) -> Message:
    """An act in the service's channel, why, and small print."""
    why = f": {because}" if because else ""
    said = paragraph(text, " by ", person(by), sentence(why) if why else ".")
    return Message(summary=f"{text} by {by.name}{why}", blocks=(said, *(note(line) for line in more)))


def helped(word: str | None, command: str) -> Message:
    """One row a word, or one word with its examples."""
    usages = help_for(word)
    if word is None:
        lines = (
            *(f"{command} {usage.syntax}" for usage in COMMANDS),
            "",
            "options:",
            *(f"  {usage.syntax}" for usage in OPTIONS),
        )
        return Message(
            summary="What can be typed",
            blocks=(Table(lines=lines), note("More of a word: ", Code(text=f"{command} help promote"))),
        )
    return Message(summary=usages[0].sentence, blocks=tuple(_explained(usage, command) for usage in usages))


def _explained(usage: Usage, command: str) -> Block:
    lines = (
        f"{command} {usage.syntax}",
        usage.sentence,
        *(f"  e.g. {command} {one}" for one in usage.examples),
    )
    return Table(lines=lines)


def checked(
    service: Service, missing: tuple[Reason, ...], *, adopted: bool, late: Mapping[str, float]
) -> Message:
    """Whether a service is ready, and how to mend what is not; and what Lockmaster itself is `late` with."""
    if not missing:
        state = "adopted" if adopted else "not adopted yet; the first release does that as its first stage"
        text = f"{service.name} is ready for releases ({state})."
    else:
        text = f"{service.name} is not ready for releases:"
    rows = (listed("•", reason) for reason in missing)
    return Message(summary=text, blocks=(paragraph(text), *rows, *behind(late)))
