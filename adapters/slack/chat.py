"""The port `Chat` over Slack's Web API."""

from uuid import NAMESPACE_URL, uuid5

from adapters.slack.blocks import payload
from adapters.slack.door import SlackDoor
from adapters.slack.views import view
from bot.messages.model import Message, Modal
from bot.ports.chat import Posted

_KEYS = uuid5(NAMESPACE_URL, "https://lockmaster.dev/messages")


class SlackChat:
    """Raises `Unavailable("slack", …)`, `RateLimited`, or `Refused` (`SLACK_UNKNOWN`, with Slack's own word)."""

    def __init__(self, door: SlackDoor) -> None:
        self._door = door

    async def post(self, channel: str, message: Message, *, key: str, thread: str | None = None) -> Posted:
        """Post once: Slack itself drops a second message of the same `client_msg_id` and answers with the first.

        That may say what was true before whoever posted it died; then it is edited.
        """
        said = payload(message) | {
            "channel": channel,
            "client_msg_id": str(uuid5(_KEYS, key)),
            "metadata": {"event_type": "lockmaster", "event_payload": {"key": key}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if thread is not None:
            said["thread_ts"] = thread
        answer = await self._door.call("chat.postMessage", **said)
        at = Posted(answer["channel"], answer["ts"])
        if answer.get("message", said)["text"] != said["text"]:
            await self.update(at, message)
        return at

    async def update(self, at: Posted, message: Message) -> None:
        """Replace the text of a message."""
        await self._door.call("chat.update", channel=at.channel, ts=at.ts, **payload(message))

    async def whisper(self, channel: str, user: str, message: Message) -> None:
        """Say it to one person alone."""
        await self._door.call("chat.postEphemeral", channel=channel, user=user, **payload(message))

    async def respond(self, response_url: str, message: Message) -> None:
        """Answer a command or a press to its author alone; what stands in the channel is left as it is."""
        said = payload(message) | {"response_type": "ephemeral", "replace_original": False}
        await self._door.post(response_url, said)

    async def open(self, trigger: str, modal: Modal) -> None:
        """Open a dialog for the person behind a trigger id, which lives for 3 s."""
        await self._door.call("views.open", trigger_id=trigger, view=view(modal))
