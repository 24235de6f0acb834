"""A message, and the shape in which Slack shows it to an app."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.slack import seed

Json = dict[str, Any]


@dataclass
class Message:
    """One message; `only_for` names the person who sees an ephemeral one."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    only_for: str | None = None
    metadata: Json | None = None
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[Json] = field(default_factory=list)
    changed_at: int = 0
    is_broadcast: bool = False

    @property
    def from_bot(self) -> bool:
        """Whether the app wrote it."""
        return self.user == seed.BOT_USER

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread rather than in the channel."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    def shown(self, *, with_metadata: bool = True) -> Json:
        """Return the message object of the Web API."""
        shape: Json = {
            "type": "message",
            "user": self.user,
            "text": self.text,
            "ts": self.ts,
            "team": seed.TEAM_ID,
        }
        if self.from_bot:
            shape |= {"bot_id": seed.BOT_ID, "app_id": seed.APP_ID, "bot_profile": bot_profile()}
        if self.blocks:
            shape["blocks"] = self.blocks
        if self.thread_ts is not None:
            shape["thread_ts"] = self.thread_ts
        if self.metadata is not None and with_metadata:
            shape["metadata"] = self.metadata
        if self.edited is not None:
            shape["edited"] = self.edited
        if self.reactions:
            shape["reactions"] = [{"name": n, "users": u, "count": len(u)} for n, u in self.reactions.items()]
        if self.files:
            shape["files"] = self.files
        return shape


def bot_profile() -> Json:
    """Return the app as Slack shows it beside each of its messages."""
    icon = "https://shop-sandbox.example/lockmaster.png"
    return {
        "id": seed.BOT_ID,
        "deleted": False,
        "name": seed.BOT_NAME,
        "updated": seed.CREATED,
        "app_id": seed.APP_ID,
        "icons": {"image_36": icon, "image_48": icon, "image_72": icon},
        "team_id": seed.TEAM_ID,
    }
