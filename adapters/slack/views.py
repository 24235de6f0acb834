"""A `Modal` as a view of Slack's: one required input, everything it needs carried inside."""

from adapters.slack.blocks import Json, plain_text, rendered
from bot.messages.model import Modal

TITLE = 24
LABEL = 2_000
MOST_TYPED = 1_000
PRIVATE = 3_000


def view(modal: Modal) -> Json:
    """Make the view for views.open. Raises `ValueError` for a `private` that Slack would not carry."""
    if len(modal.private) > PRIVATE:
        raise ValueError(f"a dialog carries at most {PRIVATE} characters, not {len(modal.private)}")
    asked = {
        "type": "input",
        "block_id": "asked",
        "label": plain_text(modal.label, LABEL),
        "element": {
            "type": "plain_text_input",
            "action_id": "text",
            "multiline": True,
            "min_length": 1,
            "max_length": MOST_TYPED,
        },
        "optional": False,
    }
    return {
        "type": "modal",
        "callback_id": modal.action,
        "title": plain_text(modal.title, TITLE),
        "submit": plain_text(modal.submit, TITLE),
        "private_metadata": modal.private,
        "blocks": [*rendered(modal.body), asked],
    }
