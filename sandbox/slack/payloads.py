"""What Slack sends to an app: the shapes of its slash commands, interactions and events."""

import secrets

from sandbox.slack import seed
from sandbox.slack.message import Json, Message
from sandbox.slack.seed import Channel, Person


def command_fields(person: Person, channel: Channel, typed: str, tickets: dict[str, str]) -> dict[str, str]:
    """Return the form of a slash command; `tickets` are its response_url and trigger_id."""
    command, _, text = typed.partition(" ")
    return {
        "token": seed.VERIFICATION_TOKEN,
        "team_id": seed.TEAM_ID,
        "team_domain": seed.TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text.strip(),
        "api_app_id": seed.APP_ID,
        "is_enterprise_install": "false",
        **tickets,
    }


def _interaction(kind: str, person: Person) -> Json:
    return {
        "type": kind,
        "team": {"id": seed.TEAM_ID, "domain": seed.TEAM_DOMAIN},
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team_id},
        "api_app_id": seed.APP_ID,
        "token": seed.VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action(person: Person, channel: Channel, message: Message, action: Json, state: Json) -> Json:
    """Return the block_actions payload of an element in a message, without its tickets."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    payload = _interaction("block_actions", person) | {
        "container": container,
        "channel": {"id": channel.id, "name": channel.name},
        "state": state,
        "actions": [action],
    }
    if message.only_for is None:
        payload["message"] = message.shown()
    return payload


def view_action(person: Person, view: Json, action: Json) -> Json:
    """Return the block_actions payload of an element in a modal, without its trigger."""
    container = {"type": "view", "view_id": view["id"]}
    return _interaction("block_actions", person) | {"container": container, "view": view, "actions": [action]}


def view_submission(person: Person, view: Json, trigger_id: str) -> Json:
    """Return the payload of a submitted modal."""
    return _interaction("view_submission", person) | {"trigger_id": trigger_id, "view": view}


def view_closed(person: Person, view: Json, *, is_cleared: bool) -> Json:
    """Return the payload of a modal that was closed."""
    return _interaction("view_closed", person) | {"view": view, "is_cleared": is_cleared}


def event_envelope(event: Json, at: float) -> Json:
    """Wrap one event as the Events API delivers it."""
    return {
        "token": seed.VERIFICATION_TOKEN,
        "team_id": seed.TEAM_ID,
        "api_app_id": seed.APP_ID,
        "type": "event_callback",
        "event_id": "Ev" + secrets.token_hex(5).upper(),
        "event_time": int(at),
        "event_context": "4-" + secrets.token_hex(16),
        "is_ext_shared_channel": False,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": seed.TEAM_ID,
                "user_id": seed.BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "event": event,
    }


def app_mention(message: Message) -> Json:
    """Return the event of a message that names the bot."""
    event: Json = {"type": "app_mention", "user": message.user, "text": message.text, "ts": message.ts}
    event |= {"team": seed.TEAM_ID, "channel": message.channel, "event_ts": message.ts}
    return event | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def app_home_opened(person: Person, channel: Channel, view: Json | None, event_ts: str) -> Json:
    """Return the event of somebody looking at the bot's home tab."""
    event: Json = {"type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": "home"}
    return event | {"event_ts": event_ts} | ({"view": view} if view is not None else {})
