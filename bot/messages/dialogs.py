"""Dialogs: each asks for one thing."""

from bot.messages.buttons import GO_ON_ANYWAY
from bot.messages.card import headline
from bot.messages.model import Modal, paragraph
from bot.release.model import Release


def reason_wanted(release: Release) -> Modal:
    """Going on without data needs a reason, kept in the history."""
    following = release.following
    step = f"to {following.weight}" if following is not None else "to promotion"
    return Modal(
        action=GO_ON_ANYWAY,
        title="Go on anyway",
        body=(
            paragraph(f"{headline(release)} cannot be shown healthy. Going on {step} is your word for it."),
        ),
        label="Why is it safe?",
        submit="Go on",
        private=release.token,
    )
