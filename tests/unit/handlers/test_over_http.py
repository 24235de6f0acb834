"""The public application and the Slack adapter over real HTTP, with the emulator as Slack."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from adapters.clock import SystemClock
from adapters.slack.blocks import payload
from adapters.slack.chat import SlackChat
from adapters.slack.door import SlackDoor
from bot.config.secrets import Secret, Secrets
from bot.messages.model import Button, Buttons, Message, Modal, paragraph
from handlers.app import SLACK_PATH, public, slack_gate
from handlers.slack.talk import Desks, Phrases, Talk
from sandbox.serving import LoopbackServer
from sandbox.slack import SlackEmulator
from tests.fakes.clock import FakeClock
from tests.fakes.journal import FakeJournal
from tests.unit.handlers.slack_world import Desk, message

ROOM = "#shop-releases"
WHY = Modal(action="go_on", title="Go on", body=(), label="Reason", submit="Go on", private="R-1")
ASK = Buttons(buttons=(Button(label="Go on", action="go_on", value="R-1"),))


@dataclass
class Stage:
    slack: SlackEmulator
    desk: Desk
    talk: Talk
    chat: SlackChat

    def told(self, user: str) -> list[str]:
        person = self.slack.workspace.person(user).id
        room = self.slack.workspace.channel(ROOM).id
        return [m.text for m in self.slack.workspace.everything(room) if m.only_for == person]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with SlackEmulator() as slack:
        secrets = Secrets(
            Secret("SLACK_BOT_TOKEN", slack.bot_token),
            Secret("SLACK_SIGNING_SECRET", slack.signing_secret),
            Secret("LOCKMASTER_ALERT_TOKEN"),
        )
        door = SlackDoor(slack.api_url, secrets.slack_bot_token)
        chat, desk = SlackChat(door), Desk(message("done"))
        talk = Talk(Desks(desk, desk), chat, payload, Phrases(message("working"), message("broken")))
        gate = slack_gate("/release", talk, secrets, FakeJournal(FakeClock()), SystemClock())
        bot = LoopbackServer(public(gate, desk, secrets))
        await bot.start()
        slack.link.url = f"{bot.url}{SLACK_PATH}"
        yield Stage(slack, desk, talk, chat)
        await talk.drain(1)
        await bot.stop()
        await door.close()


async def test_a_command_is_answered_to_its_author_alone(stage: Stage) -> None:
    await stage.slack.command("ana", ROOM, "/release status")
    assert (stage.told("ana"), stage.told("bo")) == (["done"], [])


async def test_a_press_opens_a_dialog_and_its_reason_arrives(stage: Stage) -> None:
    at = await stage.chat.post(ROOM, Message(summary="?", blocks=(paragraph("?"), ASK)), key="R-1")
    stage.desk.answer = WHY
    await stage.slack.press("bo", at.ts, "go_on")
    await stage.slack.until(lambda: stage.slack.screen("bo")["modal"] is not None)
    stage.desk.answer = message("gone on")
    await stage.slack.submit("bo", {"asked": {"text": "the night is quiet"}})
    await stage.slack.until(lambda: stage.told("bo") == ["gone on"])
    (_, pressed, *what), (_, submitted, *why) = stage.desk.heard
    assert (what, why) == (["go_on", "R-1"], ["go_on", "R-1", "the night is quiet"])
    assert (pressed.user_name, pressed.channel_id) == (submitted.user_name, submitted.channel_id)
    assert stage.told("ana") == []
