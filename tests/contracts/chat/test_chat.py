"""The suite of the port `Chat`: on the fake, and on Slack's adapter against the emulator."""

from collections.abc import AsyncIterator
from typing import Protocol
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.slack.chat import SlackChat
from adapters.slack.door import SlackDoor
from bot.config.secrets import Secret
from bot.errors import ReasonCode, Refused, Unavailable
from bot.messages.model import Button, Buttons, Message, Modal, paragraph
from bot.ports.chat import Chat, Posted, RateLimited
from sandbox.serving import LoopbackServer
from sandbox.slack import SlackEmulator
from tests.fakes.chat import SLACK, FakeChat

ROOM = "#shop-releases"
ANA = "U0ANA00001"
BO = "U0BO000001"
HELLO = Message(summary="hello", blocks=(paragraph("hello, everybody"),))
BYE = Message(summary="bye", blocks=(paragraph("bye, everybody"),))
WHY = Modal(action="go_on", title="Go on", body=(paragraph("…"),), label="Reason", submit="Go", private="R-1")


class World(Protocol):
    @property
    def chat(self) -> Chat: ...
    def standing(self) -> list[str]: ...
    def replies(self, at: Posted) -> list[str]: ...
    def told(self, user: str) -> list[str]: ...
    def dialogs(self, user: str) -> list[tuple[str, str, str]]: ...
    async def response_url(self, user: str) -> str: ...
    async def trigger(self, user: str) -> str: ...
    def delete(self, at: Posted) -> None: ...
    def archive(self) -> None: ...
    def go_away(self) -> None: ...
    def limit(self, seconds: int) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self.chat = self._fake = FakeChat()
        self._opened: dict[str, str] = {}

    def standing(self) -> list[str]:
        return [message.summary for message in self._fake.messages(ROOM)]

    def replies(self, at: Posted) -> list[str]:
        return [message.summary for message in self._fake.thread(at)]

    def told(self, user: str) -> list[str]:
        answers = self._fake.answers.get(f"{SLACK}{user}", [])
        return [message.summary for message in (*self._fake.whispered(user), *answers)]

    def dialogs(self, user: str) -> list[tuple[str, str, str]]:
        found = self._fake.dialogs.get(f"trigger of {user}")
        return [(found.action, found.title, found.private)] if found else []

    async def response_url(self, user: str) -> str:
        return f"{SLACK}{user}"

    async def trigger(self, user: str) -> str:
        return f"trigger of {user}"

    def delete(self, at: Posted) -> None:
        self._fake.delete(at)

    def archive(self) -> None:
        self._fake.archive(ROOM)

    def go_away(self) -> None:
        self._fake.away = True

    def limit(self, seconds: int) -> None:
        self._fake.limits.append(seconds)


class OverTheWire:
    def __init__(self, slack: SlackEmulator, chat: SlackChat) -> None:
        self.chat = chat
        self._slack = slack
        self._room = slack.workspace.channel(ROOM)

    def standing(self) -> list[str]:
        return [
            message.text for message in self._slack.workspace.public(self._room.id) if not message.is_reply
        ]

    def replies(self, at: Posted) -> list[str]:
        public = self._slack.workspace.public(at.channel)
        return [message.text for message in public if message.is_reply and message.thread_ts == at.ts]

    def told(self, user: str) -> list[str]:
        return [m.text for m in self._slack.workspace.everything(self._room.id) if m.only_for == user]

    def dialogs(self, user: str) -> list[tuple[str, str, str]]:
        views = [self._slack.screen(user)["modal"]]
        return [(v["callback_id"], v["title"]["text"], v["private_metadata"]) for v in views if v]

    async def response_url(self, user: str) -> str:
        return (await self._typed(user))["response_url"]

    async def trigger(self, user: str) -> str:
        return (await self._typed(user))["trigger_id"]

    async def _typed(self, user: str) -> dict[str, str]:
        """What Slack sends to a bot when that person types a command."""
        heard: list[dict[str, str]] = []

        async def hear(request: Request) -> Response:
            heard.append(dict(parse_qsl((await request.body()).decode())))
            return Response()

        ear = LoopbackServer(Starlette(routes=[Route("/", hear, methods=["POST"])]))
        await ear.start()
        self._slack.link.url = ear.url
        await self._slack.command(user, ROOM, "/release status")
        await ear.stop()
        return heard[0]

    def delete(self, at: Posted) -> None:
        message = self._slack.workspace.message(at.channel, at.ts)
        assert message is not None
        self._slack.workspace.delete(message)

    def archive(self) -> None:
        self._room.is_archived = True

    def go_away(self) -> None:
        self._slack.faults.fail("*", 503)

    def limit(self, seconds: int) -> None:
        self._slack.faults.ratelimit("*", retry_after=seconds)


@pytest.fixture(params=["fake", "slack"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        yield InMemory()
        return
    async with SlackEmulator() as slack:
        door = SlackDoor(slack.api_url, Secret("SLACK_BOT_TOKEN", slack.bot_token))
        yield OverTheWire(slack, SlackChat(door))
        await door.close()


async def test_a_message_stands_in_its_channel(world: World) -> None:
    at = await world.chat.post(ROOM, HELLO, key="R-1")
    assert world.standing() == ["hello"]
    assert at.channel.startswith("C")


async def test_the_same_key_is_said_once_and_answers_where_the_first_stands(world: World) -> None:
    first = await world.chat.post(ROOM, HELLO, key="R-1")
    again = await world.chat.post(ROOM, HELLO, key="R-1")
    other = await world.chat.post(ROOM, HELLO, key="R-2")
    assert again == first
    assert other != first
    assert world.standing() == ["hello", "hello"]


async def test_the_same_key_with_newer_words_is_said_once_and_reads_as_the_newest(world: World) -> None:
    first = await world.chat.post(ROOM, HELLO, key="R-1")
    assert await world.chat.post(ROOM, BYE, key="R-1") == first
    assert world.standing() == ["bye"]


async def test_an_edit_replaces_the_text(world: World) -> None:
    at = await world.chat.post(ROOM, HELLO, key="R-1")
    await world.chat.update(at, BYE)
    assert world.standing() == ["bye"]


async def test_a_reply_stands_in_the_thread_alone(world: World) -> None:
    at = await world.chat.post(ROOM, HELLO, key="R-1")
    await world.chat.post(at.channel, BYE, key="R-1/1", thread=at.ts)
    assert world.standing() == ["hello"]
    assert world.replies(at) == ["bye"]


async def test_a_whisper_is_for_one_person(world: World) -> None:
    await world.chat.whisper(ROOM, ANA, HELLO)
    assert (world.standing(), world.told(ANA), world.told(BO)) == ([], ["hello"], [])


async def test_an_answer_is_for_its_author_alone(world: World) -> None:
    await world.chat.respond(await world.response_url(ANA), HELLO)
    assert (world.standing(), world.told(ANA), world.told(BO)) == ([], ["hello"], [])


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.slack.com.example/commands/1",
        "https://hooks.slack.com@example.com/commands/1",
        "http://hooks.slack.com/commands/1",
        "http://169.254.169.254/latest/meta-data",
        "//hooks.slack.com/commands/1",
        "hooks.slack.com",
        "",
    ],
)
async def test_an_address_that_is_not_slacks_is_refused(world: World, address: str) -> None:
    with pytest.raises(Refused) as refused:
        await world.chat.respond(address, HELLO)
    assert refused.value.reason.text == "the answer's address is not Slack's"


async def test_a_dialog_opens_for_the_person_behind_the_trigger(world: World) -> None:
    await world.chat.open(await world.trigger(ANA), WHY)
    assert world.dialogs(ANA) == [("go_on", "Go on", "R-1")]


async def test_a_channel_that_does_not_exist_is_refused(world: World) -> None:
    with pytest.raises(Refused) as refused:
        await world.chat.post("#nowhere", HELLO, key="R-1")
    assert refused.value.reason.code is ReasonCode.SLACK_UNKNOWN
    assert refused.value.reason.text == "Slack says channel_not_found"


async def test_an_archived_channel_is_refused(world: World) -> None:
    world.archive()
    with pytest.raises(Refused, match="Slack says is_archived"):
        await world.chat.post(ROOM, HELLO, key="R-1")


async def test_an_edit_of_a_deleted_message_is_refused(world: World) -> None:
    at = await world.chat.post(ROOM, HELLO, key="R-1")
    world.delete(at)
    with pytest.raises(Refused, match="Slack says message_not_found"):
        await world.chat.update(at, BYE)


async def test_a_service_that_is_away_is_unavailable(world: World) -> None:
    world.go_away()
    with pytest.raises(Unavailable) as away:
        await world.chat.post(ROOM, HELLO, key="R-1")
    assert away.value.part == "slack"


async def test_a_service_that_asks_for_patience_says_how_long(world: World) -> None:
    world.limit(7)
    with pytest.raises(RateLimited) as limited:
        await world.chat.post(ROOM, HELLO, key="R-1")
    assert limited.value.seconds == 7


async def test_many_repeated_buttons_are_taken(world: World) -> None:
    row = Buttons(buttons=tuple(Button(label="Roll back", action="rollback", value="R-1") for _ in range(30)))
    await world.chat.post(ROOM, Message(summary="hello", blocks=(row,)), key="R-1")
    assert world.standing() == ["hello"]
