"""What those who wait for a service are told."""

from bot.messages.model import Code, Message, paragraph


def service_is_free(service: str, command: str) -> Message:
    """For the first in the queue, and nobody else; `command` is what they had typed."""
    text = f"{service} is free now, and you are the first who waited."
    return Message(
        summary=text,
        blocks=(paragraph(text, " Nothing was started; type ", Code(text=command), " to go."),),
    )
