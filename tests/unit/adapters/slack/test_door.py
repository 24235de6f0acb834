"""The way to Slack when Slack, or what stands before it, misbehaves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack import door as module
from adapters.slack.door import SlackDoor, SlackRefusal
from bot.config.secrets import Secret
from bot.errors import Unavailable
from bot.ports.chat import RateLimited

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Slack:
    """Answers as a test says."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.answer: Answer = self._ok
        self.released = asyncio.Event()

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path, request.headers.get("Authorization", "")))
        return await self.answer(request)

    async def _ok(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": True})

    def says(self, answer: Callable[[], web.Response]) -> None:
        async def give(_: web.Request) -> web.StreamResponse:
            return answer()

        self.answer = give


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
async def server(slack: Slack) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", slack.take)
    server = TestServer(app)
    await server.start_server()
    yield server
    slack.released.set()
    await server.close()


@pytest.fixture
async def door(server: TestServer) -> AsyncIterator[SlackDoor]:
    door = SlackDoor(str(server.make_url("/api/")), Secret("SLACK_BOT_TOKEN", "xoxb-1"))
    yield door
    await door.close()


async def why(door: SlackDoor) -> str:
    with pytest.raises(Unavailable) as away:
        await door.call("chat.postMessage", channel="C1")
    assert away.value.part == "slack"
    return away.value.why


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda: web.Response(status=502, text="<html>", content_type="text/html"), "it answered 502"),
        (lambda: web.Response(text="<html>", content_type="text/html"), "it answered 200"),
        (lambda: web.Response(text="{", content_type="application/json"), "it answered 200"),
        (lambda: web.json_response([1]), "it did not answer as Slack does"),
        (lambda: web.Response(text="ok"), "it did not answer as Slack does"),
        (lambda: web.json_response({"ok": False, "error": "internal_error"}), "internal_error"),
        (lambda: web.json_response({"ok": False, "error": "token_revoked"}), "token_revoked"),
    ],
)
async def test_what_may_work_later_is_unavailable(
    slack: Slack, door: SlackDoor, answer: Callable[[], web.Response], said: str
) -> None:
    slack.says(answer)
    assert await why(door) == said


async def test_a_refusal_keeps_slacks_word(slack: Slack, door: SlackDoor) -> None:
    slack.says(lambda: web.json_response({"ok": False, "error": "is_archived"}))
    with pytest.raises(SlackRefusal) as refused:
        await door.call("chat.postMessage", channel="C1")
    assert refused.value.word == "is_archived"


@pytest.mark.parametrize(("header", "seconds"), [("30", 30.0), ("soon", 1.0), (None, 1.0)])
async def test_too_many_calls_say_when_to_come_again(
    slack: Slack, door: SlackDoor, header: str | None, seconds: float
) -> None:
    headers = {"Retry-After": header} if header else {}
    slack.says(lambda: web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers))
    with pytest.raises(RateLimited) as limited:
        await door.call("chat.postMessage", channel="C1")
    assert limited.value.seconds == seconds


async def test_a_slack_that_hangs_is_unavailable(
    slack: Slack, door: SlackDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.05)

    async def hang(_: web.Request) -> web.StreamResponse:
        await slack.released.wait()
        return web.Response()

    slack.answer = hang
    assert await why(door) == "no answer within 0.05 s"


async def test_a_slack_that_is_not_there_is_unavailable(server: TestServer, door: SlackDoor) -> None:
    await server.close()
    assert await why(door) == "it cannot be reached"


async def test_a_changed_token_counts_at_once(slack: Slack, server: TestServer, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("xoxb-1\n")
    door = SlackDoor(str(server.make_url("/api/")), Secret("SLACK_BOT_TOKEN", file=token))
    await door.call("chat.postMessage", channel="C1")
    token.unlink()
    token.write_text("xoxb-22\n")
    await door.call("chat.postMessage", channel="C1")
    await door.close()
    assert [header for _, header in slack.requests] == ["Bearer xoxb-1", "Bearer xoxb-22"]


async def test_without_a_token_nothing_is_asked(slack: Slack, server: TestServer) -> None:
    door = SlackDoor(str(server.make_url("/api/")), Secret("SLACK_BOT_TOKEN"))
    assert await why(door) == "SLACK_BOT_TOKEN (or SLACK_BOT_TOKEN_FILE) must be set"
    await door.close()
    assert slack.requests == []


async def test_an_answer_goes_nowhere_else_when_its_address_redirects(
    slack: Slack, server: TestServer, door: SlackDoor
) -> None:
    slack.says(lambda: web.Response(status=302, headers={"Location": "/stolen"}))
    with pytest.raises(SlackRefusal, match="Slack says status 302"):
        await door.post(str(server.make_url("/commands/1")), {"text": "hello"})
    assert [path for path, _ in slack.requests] == ["/commands/1"]


async def test_an_address_that_was_used_up_is_refused_in_slacks_word(
    slack: Slack, server: TestServer, door: SlackDoor
) -> None:
    slack.says(lambda: web.json_response({"ok": False, "error": "used_url"}, status=404))
    with pytest.raises(SlackRefusal, match="Slack says used_url"):
        await door.post(str(server.make_url("/commands/1")), {"text": "hello"})
