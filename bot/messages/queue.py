"""What those who wait for a service are told."""

from bot.messages.model import Code, Message, paragraph
from bot.ports.locks import Waiter


def service_is_free(service: str, waiter: Waiter, command: str) -> Message:
    """For the first in the queue, and nobody else; `command` is the slash command's name."""
    text = f"{service} is free now, and you are the first who waited."
    return Message(
        summary=text,
        blocks=(
            paragraph(
                text, " Nothing was started; type ", Code(text=f"{command} {waiter.command}"), " to go."
            ),
        ),
    )
