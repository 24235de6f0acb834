"""What is said of a release that a newer Lockmaster wrote."""

from bot.config.catalogue import Service
from bot.messages.model import Code, Message, note, paragraph
from bot.release.stored import Newer


def named(newer: Newer) -> str:
    """`checkout v1.2.9 → v1.3.0 (R-1001)`, as far as the record can be read."""
    found = newer.fields
    return f"{newer.service} {found.get('from', '?')} → {found.get('to', '?')} ({newer.release})"


def parked(newer: Newer, service: Service, command: str) -> Message:
    """It stands still, why, and what to do."""
    text = f"{named(newer)} stands still."
    return Message(
        summary=text,
        blocks=(
            paragraph(text, f" {newer.reason.text}"),
            note(
                "Run that version again and it goes on. Nothing decides about it meanwhile: no metric, no alert, no deadline. ",
                Code(text=f"{command} rollback {service.name}"),
                " sends all its traffic to stable.",
            ),
        ),
    )


def brought_home(newer: Newer, service: Service) -> Message:
    """Its traffic is at stable; the release itself is not over."""
    text = f"{named(newer)}: all traffic was sent to stable."
    return Message(
        summary=text,
        blocks=(
            paragraph(text, " Its record cannot be read here, so the release is not over."),
            note(
                f"The version that wrote it sees the weights of {service.name} changed, and takes the rollback in or asks."
            ),
        ),
    )
