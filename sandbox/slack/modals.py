"""Views: the modals each person has open, as a stack, and home tabs."""

import secrets

from sandbox.slack import seed
from sandbox.slack.blockkit import with_ids
from sandbox.slack.message import Json
from sandbox.slack.workspace import Workspace

MOST_IN_STACK = 3


class ViewError(Exception):
    """Refused, with Slack's own word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def new_view(wanted: Json, root: str | None = None, previous: str | None = None) -> Json:
    """Return the view object of the Web API for what an app asked to show."""
    view_id = "V" + secrets.token_hex(5).upper()
    view: Json = {
        "id": view_id,
        "team_id": seed.TEAM_ID,
        "type": wanted["type"],
        "private_metadata": wanted.get("private_metadata", ""),
        "callback_id": wanted.get("callback_id", ""),
        "external_id": wanted.get("external_id", ""),
        "state": {"values": {}},
        "hash": _new_hash(),
        "clear_on_close": wanted.get("clear_on_close", False),
        "notify_on_close": wanted.get("notify_on_close", False),
        "root_view_id": root or view_id,
        "previous_view_id": previous,
        "app_id": seed.APP_ID,
        "app_installed_team_id": seed.TEAM_ID,
        "bot_id": seed.BOT_ID,
    }
    return view | _visible(wanted)


def _new_hash() -> str:
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"


def _visible(wanted: Json) -> Json:
    parts: Json = {"title": wanted.get("title", {"type": "plain_text", "text": "Home", "emoji": True})}
    parts |= {
        "blocks": with_ids(wanted["blocks"]),
        "submit": wanted.get("submit"),
        "close": wanted.get("close"),
    }
    parts["submit_disabled"] = wanted.get("submit_disabled", False)
    return parts


class Modals:
    """What each person has open; the last of a stack is the one she sees."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stacks: dict[str, list[Json]] = {}

    def top(self, user: str) -> Json | None:
        """Return the modal in front, if any."""
        stack = self._stacks.get(user)
        return stack[-1] if stack else None

    def open(self, user: str, wanted: Json) -> Json:
        """Show a modal in place of whatever was open."""
        view = new_view(wanted)
        self._stacks[user] = [view]
        self._workspace.touch()
        return view

    def push(self, user: str, wanted: Json) -> Json:
        """Show a modal over the open one."""
        stack = self._stacks.get(user, [])
        if not stack:
            raise ViewError("not_found")
        if len(stack) >= MOST_IN_STACK:
            raise ViewError("push_limit_reached")
        view = new_view(wanted, stack[0]["id"], stack[-1]["id"])
        stack.append(view)
        self._workspace.touch()
        return view

    def update(
        self, view_id: str | None, external_id: str | None, wanted: Json, expected: str | None
    ) -> Json:
        """Replace what an open view shows; `expected` is the hash the app last saw."""
        for stack in self._stacks.values():
            for index, view in enumerate(stack):
                is_meant = (
                    view["id"] == view_id
                    if view_id
                    else bool(external_id) and view["external_id"] == external_id
                )
                if is_meant:
                    stack[index] = self._replaced(view, wanted, expected)
                    return stack[index]
        raise ViewError("not_found")

    def _replaced(self, view: Json, wanted: Json, expected: str | None) -> Json:
        if expected is not None and expected != view["hash"]:
            raise ViewError("hash_conflict")
        fresh = new_view(wanted, view["root_view_id"], view["previous_view_id"])
        fresh["id"] = view["id"]
        if view["previous_view_id"] is None:
            fresh["root_view_id"] = view["id"]
        self._workspace.touch()
        return fresh

    def close(self, user: str, *, whole_stack: bool = False) -> None:
        """Close the modal in front, or all of them."""
        stack = self._stacks.get(user, [])
        if stack:
            stack.pop()
        if whole_stack:
            stack.clear()
        self._workspace.touch()
