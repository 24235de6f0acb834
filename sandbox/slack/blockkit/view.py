"""Modals and home tabs."""

from typing import Any

from sandbox.slack.blockkit.elements import plain_text
from sandbox.slack.blockkit.message import block_complaints
from sandbox.slack.blockkit.schema import (
    Check,
    Complaints,
    Shape,
    anything,
    array,
    at,
    boolean,
    by_type,
    string,
)

MOST_BLOCKS = 100

_both: dict[str, Check] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255),
    "external_id": string(255),
}
_any_blocks = array(anything, 10_000, least=0)  # counted and checked by `block_complaints`
_modal = Shape(
    {"title": plain_text(24), "blocks": _any_blocks},
    {
        **_both,
        "submit": plain_text(24),
        "close": plain_text(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_home = Shape({"blocks": _any_blocks}, _both)
_view = by_type({"modal": _modal, "home": _home})


def view_complaints(view: Any) -> list[str]:
    """Everything Slack would say against this view, without its leading `[ERROR]`."""
    found = list(_view(view, "/view"))
    if found:
        return found
    blocks = view["blocks"]
    return [*block_complaints(blocks, MOST_BLOCKS, "/view/blocks"), *_needs_submit(view)]


def _needs_submit(view: dict[str, Any]) -> Complaints:
    has_input = any(isinstance(block, dict) and block.get("type") == "input" for block in view["blocks"])
    if view["type"] == "modal" and has_input and "submit" not in view:
        yield at("missing required field: submit", "/view")
