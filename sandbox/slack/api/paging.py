"""Cursors: opaque to an app, an offset in base64 here as in Slack."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from sandbox.slack.api.tenant import Arguments, SlackError

T = TypeVar("T")
MOST = 1000


def page_of(items: Sequence[T], args: Arguments) -> tuple[list[T], str]:
    """Return the page a call asks for, and the cursor of the next one (empty at the end)."""
    limit = args.get("limit") or 100
    if not 0 < limit <= MOST:
        raise SlackError("invalid_limit")
    start = _offset(args.get("cursor") or "")
    rest = start + limit
    cursor = base64.b64encode(f"next:{rest}".encode()).decode() if rest < len(items) else ""
    return list(items[start:rest]), cursor


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise SlackError("invalid_cursor") from None
