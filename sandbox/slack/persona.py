"""What one person sees of the workspace."""

from dataclasses import dataclass, field

from sandbox.slack import seed
from sandbox.slack.api.tenant import Tenant
from sandbox.slack.message import Json, Message
from sandbox.slack.seed import Channel

NEWEST_SHOWN = 300
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class Seen:
    """What an act showed to its author: new and changed messages, oldest first, and her modal.

    `errors` are complaints beside the inputs of a modal (block id to words); `failure` is Slack's word
    when the bot did not answer a press or a submission.
    """

    messages: list[Json] = field(default_factory=list)
    modal: Json | None = None
    errors: dict[str, str] = field(default_factory=dict)
    failure: str | None = None

    @property
    def texts(self) -> list[str]:
        """Return the texts of the messages."""
        return [message["text"] for message in self.messages]


def screen_message(message: Message, replies: list[Message]) -> Json:
    """Return a message as a screen needs it: Slack's shape, and what the client adds."""
    shown = message.shown() | {"channel": message.channel, "is_ephemeral": message.only_for is not None}
    shown["is_broadcast"] = message.is_broadcast
    if replies:
        who = list(dict.fromkeys(reply.user for reply in replies))
        shown |= {"reply_count": len(replies), "reply_users": who, "latest_reply": replies[-1].ts}
    return shown


def changes_since(tenant: Tenant, user: str, revision: int) -> list[Json]:
    """Return what came or changed on a person's screen after a revision, oldest first."""
    fresh = [m for m in tenant.workspace.visible_to(user) if m.changed_at > revision]
    threads = {channel: tenant.workspace.threads(channel) for channel in {m.channel for m in fresh}}
    by_time = sorted(fresh, key=lambda m: float(m.ts))
    return [screen_message(m, threads[m.channel].get(m.ts, [])) for m in by_time]


def screen(tenant: Tenant, user: str) -> Json:
    """Return everything on a person's screen: channels with messages, modal, home tab, names."""
    workspace = tenant.workspace
    return {
        "revision": workspace.revision,
        "me": user,
        "channels": [_channel(tenant, channel, user) for channel in workspace.channels_of(user)],
        "modal": tenant.modals.top(user),
        "home": workspace.homes.get(user),
        "users": _names(tenant),
        "groups": {group.id: group.handle for group in workspace.groups.values()},
        "channel_names": {c.id: c.name for c in workspace.channels.values()},
        "bot": seed.BOT_USER,
    }


def _channel(tenant: Tenant, channel: Channel, user: str) -> Json:
    threads = tenant.workspace.threads(channel.id)
    visible = [m for m in tenant.workspace.everything(channel.id) if m.only_for in (None, user)]
    return {
        "id": channel.id,
        "name": _name_for(tenant, channel.name, channel.im_with, user),
        "topic": channel.topic,
        "is_im": channel.im_with is not None,
        "members": channel.members,
        "messages": [screen_message(m, threads.get(m.ts, [])) for m in visible[-NEWEST_SHOWN:]],
    }


def _name_for(tenant: Tenant, name: str, im_with: str | None, user: str) -> str:
    if im_with is None:
        return name
    return seed.BOT_NAME if im_with == user else tenant.workspace.people[im_with].name


def _names(tenant: Tenant) -> dict[str, Json]:
    names: dict[str, Json] = {
        person.id: {
            "name": person.name,
            "real_name": person.real_name,
            "title": person.title,
            "color": person.color,
            "is_bot": person.is_bot,
        }
        for person in tenant.workspace.people.values()
    }
    names[SLACKBOT] = {
        "name": "slackbot",
        "real_name": "Slackbot",
        "title": "",
        "color": "757575",
        "is_bot": True,
    }
    return names
