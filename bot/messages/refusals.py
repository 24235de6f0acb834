"""How a refusal is said: the tree of reasons, and what to do next. The same in Slack, in the terminal and in the audit."""

from bot.commands.errors import BadCommand
from bot.errors import Reason, Unavailable
from bot.messages.model import Block, Bold, Button, Buttons, Code, Message, Style, Table, note, paragraph
from bot.messages.wording import sentence

WIDEST = 80


def refused(reason: Reason) -> Message:
    """The reason, those beneath it, and the next step of each."""
    text = sentence(reason.text)
    blocks: list[Block] = [paragraph(text), *(listed("•", below) for below in reason.because)]
    if reason.next_step is not None:
        blocks.append(note(sentence(reason.next_step)))
    return Message(summary=text, blocks=tuple(blocks))


def listed(mark: str, reason: Reason) -> Block:
    """One reason of several, with its own next step."""
    step = f" {sentence(reason.next_step)}" if reason.next_step else ""
    return paragraph(f"{mark} {sentence(reason.text)}{step}")


def bad_command(error: BadCommand, command: str) -> Message:
    """The text with a mark beneath the column, what was expected, the nearest valid command."""
    shown = error.text.translate(dict.fromkeys(range(32), " "))
    start = max(0, error.column - WIDEST // 2)
    prefix = f"{command} " if start == 0 else "…"
    pointed = " " * (len(prefix) + error.column - 1 - start) + "▲"
    blocks: list[Block] = [
        paragraph(Bold(text=f"Column {error.column}:"), f" {error.message}"),
        Table(lines=(f"{prefix}{shown[start : start + WIDEST]}", pointed)),
    ]
    if error.expected:
        blocks.append(paragraph(f"Expected {', or '.join(error.expected)}."))
    if error.nearest is not None:
        blocks.append(paragraph("Nearest valid command: ", Code(text=f"{command} {error.nearest}")))
    blocks.append(note("Nothing was done. ", Code(text=f"{command} help"), " explains every word."))
    return Message(summary=f"Column {error.column}: {error.message}", blocks=tuple(blocks))


def unavailable(error: Unavailable) -> Message:
    """A part cannot be asked now; what works all the same."""
    text = f"{error.part.capitalize()} cannot be reached ({error.why}), so this cannot be done now."
    hope = "A rollback works all the same."
    if error.part == "kubernetes":
        hope = "Until it answers no traffic can be moved, not back either."
    return Message(
        summary=text,
        blocks=(paragraph(text), note(f"Try again in a minute. {hope}")),
    )


def sure(text: str, label: str, action: str, value: str) -> Message:
    """A question before something unusual: nothing was done yet."""
    button = Button(label=label, action=action, value=value, style=Style.DANGER)
    return Message(summary=text, blocks=(paragraph(text), Buttons(buttons=(button,))))
