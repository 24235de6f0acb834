"""conversations.*: channels, who is in them, what was said in them."""

from typing import Any

from sandbox.slack import seed
from sandbox.slack.api.chat import channel_for
from sandbox.slack.api.paging import page_of
from sandbox.slack.api.tenant import Arguments, Method, SlackError, Tenant, takes
from sandbox.slack.message import Json, Message
from sandbox.slack.seed import Channel


def channel_object(channel: Channel) -> Json:
    """Return the channel object of the Web API."""
    note: Json = {"value": channel.topic, "creator": "U0ANA00001", "last_set": seed.CREATED}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "created": seed.CREATED,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "unlinked": 0,
        "name_normalized": channel.name,
        "is_shared": False,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": seed.TEAM_ID,
        "updated": seed.CREATED * 1000,
        "creator": "U0ANA00001",
        "is_ext_shared": False,
        "shared_team_ids": [seed.TEAM_ID],
        "pending_connected_team_ids": [],
        "is_member": seed.BOT_USER in channel.members,
        "topic": note,
        "purpose": note,
        "previous_names": [],
    }


def _direct_object(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "created": seed.CREATED,
        "is_archived": False,
        "is_im": True,
        "is_org_shared": False,
        "user": channel.im_with,
        "context_team_id": seed.TEAM_ID,
        "updated": seed.CREATED * 1000,
    }


def _info(tenant: Tenant, args: Arguments) -> Json:
    channel = channel_for(tenant, args["channel"])
    shown = _direct_object(channel) if channel.im_with else channel_object(channel)
    if args.get("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"ok": True, "channel": shown}


def _list(tenant: Tenant, args: Arguments) -> Json:
    kinds = args.get("types", "public_channel").split(",")
    listed: list[Json] = []
    for channel in tenant.workspace.channels.values():
        kind = "im" if channel.im_with else "private_channel" if channel.is_private else "public_channel"
        is_hidden = channel.is_archived and args.get("exclude_archived", False)
        if kind in kinds and not is_hidden:
            listed.append(_direct_object(channel) if channel.im_with else channel_object(channel))
    page, cursor = page_of(listed, args)
    return {"ok": True, "channels": page, "response_metadata": {"next_cursor": cursor}}


def _members(tenant: Tenant, args: Arguments) -> Json:
    page, cursor = page_of(channel_for(tenant, args["channel"]).members, args)
    return {"ok": True, "members": page, "response_metadata": {"next_cursor": cursor}}


def _join(tenant: Tenant, args: Arguments) -> Json:
    channel = channel_for(tenant, args["channel"])
    if channel.im_with is not None:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    answer: Json = {"ok": True}
    if seed.BOT_USER in channel.members:
        answer |= {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    else:
        channel.members.append(seed.BOT_USER)
        tenant.workspace.touch()
    return {**answer, "channel": channel_object(channel)}


def _open(tenant: Tenant, args: Arguments) -> Json:
    users = [u for u in args.get("users", "").split(",") if u]
    if "channel" in args:
        channel = channel_for(tenant, args["channel"])
    elif len(users) == 1:
        if users[0] not in tenant.workspace.people:
            raise SlackError("user_not_found")
        channel = tenant.workspace.direct_channel(users[0])
    else:
        raise SlackError("method_not_supported_for_channel_type" if users else "users_list_not_supplied")
    shown = _direct_object(channel) if args.get("return_im") else {"id": channel.id}
    return {"ok": True, "channel": shown}


def _readable(tenant: Tenant, args: Arguments) -> Channel:
    channel = channel_for(tenant, args["channel"])
    if seed.BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _within(messages: list[Message], args: Arguments) -> list[Message]:
    """Those between `oldest` and `latest`, the ends themselves only when `inclusive`."""
    oldest = float(args.get("oldest", 0))
    latest = float(args.get("latest", "inf"))
    ends: tuple[float, ...] = () if args.get("inclusive") else (oldest, latest)
    return [m for m in messages if oldest <= float(m.ts) <= latest and float(m.ts) not in ends]


def _with_thread(tenant: Tenant, message: Message, *, metadata: bool) -> Json:
    shown = message.shown(with_metadata=metadata)
    replies = tenant.workspace.threads(message.channel).get(message.ts, [])
    if replies:
        who = list(dict.fromkeys(reply.user for reply in replies))
        shown |= {"thread_ts": message.ts, "reply_count": len(replies), "reply_users": who}
        shown |= {"reply_users_count": len(who), "latest_reply": replies[-1].ts, "subscribed": True}
    if message.is_reply:
        parent = tenant.workspace.message(message.channel, message.thread_ts or "")
        shown["parent_user_id"] = parent.user if parent else ""
    return shown


def _paged(tenant: Tenant, messages: list[Message], args: Arguments) -> Json:
    page, cursor = page_of(messages, args)
    wants_metadata = bool(args.get("include_all_metadata"))
    answer: dict[str, Any] = {"ok": True, "has_more": bool(cursor)}
    answer["messages"] = [_with_thread(tenant, message, metadata=wants_metadata) for message in page]
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _history(tenant: Tenant, args: Arguments) -> Json:
    channel = _readable(tenant, args)
    shown = [m for m in tenant.workspace.public(channel.id) if not m.is_reply or m.is_broadcast]
    return _paged(tenant, _within(shown, args)[::-1], args)


def _replies(tenant: Tenant, args: Arguments) -> Json:
    channel = _readable(tenant, args)
    parent = tenant.workspace.message(channel.id, args["ts"])
    if parent is None or parent.only_for is not None:
        raise SlackError("thread_not_found")
    replies = (
        [] if parent.is_reply else _within(tenant.workspace.threads(channel.id).get(parent.ts, []), args)
    )
    return _paged(tenant, [parent, *replies], args)


_PAGE = "limit:integer cursor"
_SPAN = f"latest:timestamp oldest:timestamp inclusive:boolean include_all_metadata:boolean {_PAGE}"
METHODS: dict[str, Method] = {
    "conversations.info": Method(
        _info,
        takes("channel", "include_locale:boolean include_num_members:boolean"),
        takes_json=False,
    ),
    "conversations.list": Method(
        _list,
        takes("", f"exclude_archived:boolean types team_id {_PAGE}"),
        takes_json=False,
    ),
    "conversations.members": Method(_members, takes("channel", _PAGE), takes_json=False),
    "conversations.join": Method(_join, takes("channel"), takes_json=True),
    "conversations.open": Method(
        _open,
        takes("", "channel users return_im:boolean prevent_creation:boolean"),
        takes_json=True,
    ),
    "conversations.history": Method(_history, takes("channel", _SPAN), takes_json=True),
    "conversations.replies": Method(_replies, takes("channel ts:timestamp", _SPAN), takes_json=False),
}
