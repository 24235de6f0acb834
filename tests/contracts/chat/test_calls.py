"""Our calls against Slack's own published description of the methods."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.slack.chat import SlackChat
from adapters.slack.directory import SlackDirectory
from adapters.slack.door import SlackDoor
from bot.config.secrets import Secret
from bot.messages.model import Message, Modal, paragraph
from sandbox.slack import SlackEmulator
from tests.fakes.clock import FakeClock

DESCRIPTION = Path(__file__).parents[4] / "shared" / "slack" / "web_api_openapi.json"
# newer than the description: https://docs.slack.dev/reference/methods/chat.postMessage
NEWER = {"metadata", "client_msg_id"}
# not in the excerpt
ABSENT = {"conversations.list"}
HELLO = Message(summary="hello", blocks=(paragraph("hello"),))


@pytest.fixture
def methods() -> dict[str, Any]:
    if not DESCRIPTION.exists():
        pytest.skip("Slack's description is not here")
    paths = json.loads(DESCRIPTION.read_text())["paths"]
    return {path[1:]: next(iter(verbs.values())) for path, verbs in paths.items()}


@pytest.fixture
async def slack() -> AsyncIterator[SlackEmulator]:
    """Slack after the adapters have made each of their calls."""
    async with SlackEmulator() as slack:
        door = SlackDoor(slack.api_url, Secret("SLACK_BOT_TOKEN", slack.bot_token))
        chat, directory = SlackChat(door), SlackDirectory(door, FakeClock())
        at = await chat.post("#shop-releases", HELLO, key="R-1")
        await chat.post(at.channel, HELLO, key="R-1/1", thread=at.ts)
        await chat.update(at, HELLO)
        await chat.whisper(at.channel, "U0ANA00001", HELLO)
        await chat.open(
            slack.tenant.capabilities.new_trigger("U0ANA00001"),
            Modal(action="a", title="t", body=(), label="l", submit="s", private="p"),
        )
        await directory.person("U0ANA00001")
        await directory.members("#shop-releases")
        await directory.group("@shop-leads")
        yield slack
        await door.close()


async def test_every_call_is_one_that_slack_describes(slack: SlackEmulator, methods: dict[str, Any]) -> None:
    made = {call.method for call in slack.calls}
    assert made - ABSENT <= methods.keys()
    assert len(made) == 10
    for call in slack.calls:
        described = methods.get(call.method, {"parameters": []})["parameters"]
        known = {parameter["name"] for parameter in described} | NEWER
        required = {parameter["name"] for parameter in described if parameter.get("required")} - {"token"}
        assert call.answer["ok"], call
        assert call.method in ABSENT or call.args.keys() <= known, call
        assert required <= call.args.keys(), call
