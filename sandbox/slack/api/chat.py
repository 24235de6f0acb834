"""chat.*: posting, editing and deleting messages."""

from typing import Any

from sandbox.slack import seed
from sandbox.slack.api.tenant import Arguments, Method, SlackError, Tenant, takes
from sandbox.slack.blockkit import block_complaints, is_too_long, with_ids
from sandbox.slack.message import Json, Message
from sandbox.slack.seed import Channel

LONGEST_TEXT = 40_000
NO_PREVIEW = "This content can't be displayed."


def checked_blocks(blocks: Any) -> list[Json] | None:
    """Return the blocks of a call, or Slack's refusal; None where none were given."""
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if is_too_long(blocks):
        raise SlackError("msg_blocks_too_long")
    complaints = block_complaints(blocks)
    if complaints:
        raise SlackError("invalid_blocks", complaints)
    return with_ids(blocks)


def checked_content(args: Arguments) -> tuple[str, list[Json] | None]:
    """Text and blocks of a call, at least one of them."""
    text = args.get("text")
    if text and len(text) > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    blocks = checked_blocks(args.get("blocks"))
    if not text and not blocks:
        raise SlackError("no_text")
    return text or NO_PREVIEW, blocks


def channel_for(tenant: Tenant, name: str) -> Channel:
    """Return a conversation by id, by name, or by the person a direct message is for."""
    workspace = tenant.workspace
    if name in workspace.people and name != seed.BOT_USER:
        return workspace.direct_channel(name)
    try:
        channel = workspace.channel(name)
    except KeyError:
        raise SlackError("channel_not_found") from None
    if channel.is_private and seed.BOT_USER not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def writable_channel(tenant: Tenant, name: str) -> Channel:
    """Return a conversation the bot may write to."""
    channel = channel_for(tenant, name)
    if channel.is_archived:
        raise SlackError("is_archived")
    if seed.BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def own_message(tenant: Tenant, args: Arguments, refusal: str) -> Message:
    """Return the bot's own public message that a call names."""
    channel = channel_for(tenant, args["channel"])
    message = tenant.workspace.message(channel.id, args["ts"])
    if message is None or message.only_for is not None:
        raise SlackError("message_not_found")
    if not message.from_bot:
        raise SlackError(refusal)
    return message


def _post_message(tenant: Tenant, args: Arguments) -> Json:
    channel = writable_channel(tenant, args["channel"])
    text, blocks = checked_content(args)
    thread_ts = args.get("thread_ts")
    if thread_ts is not None and tenant.workspace.message(channel.id, thread_ts) is None:
        raise SlackError("thread_not_found")

    def post() -> Message:
        return tenant.workspace.post(
            channel.id,
            seed.BOT_USER,
            text,
            blocks=blocks or [],
            thread_ts=thread_ts,
            metadata=args.get("metadata"),
            is_broadcast=args.get("reply_broadcast", False),
        )

    client_id = args.get("client_msg_id")
    message = tenant.workspace.once(channel.id, client_id, post) if client_id else post()
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": message.shown()}


def _update(tenant: Tenant, args: Arguments) -> Json:
    message = own_message(tenant, args, "cant_update_message")
    if args.get("text") is None and args.get("blocks") is None:
        raise SlackError("no_text")
    text, blocks = checked_content({"text": args.get("text") or message.text, "blocks": args.get("blocks")})
    tenant.workspace.edit(message, text, blocks)
    if args.get("metadata") is not None:
        message.metadata = args["metadata"]
    shown = message.shown()
    for left_out in ("ts", "thread_ts", "reactions", "files"):
        shown.pop(left_out, None)
    return {"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def _post_ephemeral(tenant: Tenant, args: Arguments) -> Json:
    channel = writable_channel(tenant, args["channel"])
    text, blocks = checked_content(args)
    if args["user"] not in channel.members:
        raise SlackError("user_not_in_channel")
    message = tenant.workspace.post(
        channel.id,
        seed.BOT_USER,
        text,
        blocks=blocks or [],
        thread_ts=args.get("thread_ts"),
        only_for=args["user"],
    )
    return {"ok": True, "message_ts": message.ts}


def _delete(tenant: Tenant, args: Arguments) -> Json:
    message = own_message(tenant, args, "cant_delete_message")
    tenant.workspace.delete(message)
    return {"ok": True, "channel": message.channel, "ts": message.ts}


def _permalink(tenant: Tenant, args: Arguments) -> Json:
    channel = channel_for(tenant, args["channel"])
    message = tenant.workspace.message(channel.id, args["message_ts"])
    if message is None:
        raise SlackError("message_not_found")
    link = f"{tenant.origin}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": link}


_CONTENT = (
    "text blocks:json attachments:json link_names:boolean parse metadata:json markdown_text as_user:boolean"
)
_LOOKS = "icon_emoji icon_url username"
METHODS: dict[str, Method] = {
    "chat.postMessage": Method(
        _post_message,
        takes(
            "channel",
            f"{_CONTENT} {_LOOKS} mrkdwn:boolean thread_ts reply_broadcast:boolean unfurl_links:boolean"
            " unfurl_media:boolean client_msg_id",
        ),
        takes_json=True,
    ),
    "chat.update": Method(
        _update,
        takes("channel ts", f"{_CONTENT} reply_broadcast:boolean file_ids:json"),
        takes_json=True,
    ),
    "chat.postEphemeral": Method(
        _post_ephemeral,
        takes("channel user", f"{_CONTENT} {_LOOKS} thread_ts"),
        takes_json=True,
    ),
    "chat.delete": Method(_delete, takes("channel ts:timestamp", "as_user:boolean"), takes_json=True),
    "chat.getPermalink": Method(_permalink, takes("channel message_ts"), takes_json=False),
}
