"""Slack fails as it is told to, and the control API shows what people see."""

import json
import math
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackEmulator

RELEASES = "C0RELEASES"


async def test_ordered_429s_come_first_and_then_calls_succeed(
    slack: SlackEmulator, web: AsyncWebClient
) -> None:
    slack.faults.ratelimit("chat.postMessage", times=1, retry_after=7)
    with pytest.raises(SlackApiError) as refused:
        await web.chat_postMessage(channel=RELEASES, text="x")
    assert refused.value.response.headers["Retry-After"] == "7"
    await web.chat_postMessage(channel=RELEASES, text="x")


async def test_an_outage_lasts_until_it_is_cleared(slack: SlackEmulator, web: AsyncWebClient) -> None:
    slack.faults.fail("*", 503)
    for call in (web.auth_test, web.team_info):
        with pytest.raises(SlackApiError) as refused:
            await call()
        assert refused.value.response.status_code == 503
    slack.faults.clear()
    assert (await web.auth_test())["user_id"] == "U0LOCKMAST"


async def test_a_dropped_connection_may_or_may_not_have_posted(slack: SlackEmulator) -> None:
    web = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    slack.faults.drop("chat.postMessage", times=1)
    slack.faults.drop("chat.postMessage", times=1, after_effect=True)
    for text in ("lost", "posted"):
        with pytest.raises(aiohttp.ClientError):
            await web.chat_postMessage(channel=RELEASES, text=text)
    assert [m["text"] for m in slack.messages("ana", RELEASES)] == ["posted"]
    assert [call.status for call in slack.calls] == [0, 0]


async def test_a_delay_holds_every_other_fault_back(slack: SlackEmulator, web: AsyncWebClient) -> None:
    slack.faults.delay("auth.test", 0.01, times=math.inf)
    slack.faults.fail("auth.test", 500, times=1)
    with pytest.raises(SlackApiError):
        await web.auth_test()
    assert (await web.auth_test())["ok"] is True


async def ask(slack: SlackEmulator, act: str, body: Any, kind: str = "application/json") -> tuple[int, Any]:
    url = f"http://127.0.0.1:{slack.port}/sandbox/{act}"
    headers = {"content-type": kind}
    async with aiohttp.ClientSession() as http, http.post(url, data=json.dumps(body), headers=headers) as got:
        return got.status, await got.json()


async def test_the_control_api_refuses_what_it_cannot_do(slack: SlackEmulator) -> None:
    assert [
        await ask(slack, "command", {"user": "ana", "channel": "#shop-releases"}),
        await ask(slack, "command", {"user": "eve", "channel": "#general", "text": "x"}),
        await ask(slack, "dance", {"user": "ana"}),
        await ask(slack, "command", ["ana"]),
        await ask(slack, "command", {}, kind="text/plain"),
        await ask(slack, "submit", {"user": "ana"}),
    ] == [
        (400, {"error": "missing: text"}),
        (409, {"error": "\"nobody is called 'eve' here\""}),
        (400, {"error": "no such act: dance"}),
        (400, {"error": "send an object"}),
        (400, {"error": "send application/json"}),
        (409, {"error": "ana has no modal open"}),
    ]


async def test_a_stream_shows_the_screen_at_first_and_after_each_change(
    slack: SlackEmulator, web: AsyncWebClient
) -> None:
    url = f"http://127.0.0.1:{slack.port}/sandbox/events?user=ana"
    async with aiohttp.ClientSession() as http, http.get(url) as stream:
        first = await next_screen(stream)
        await web.chat_postMessage(channel=RELEASES, text="hello")
        second = await next_screen(stream)
    assert [[m["text"] for m in shown["channels"][0]["messages"]] for shown in (first, second)] == [
        [],
        ["hello"],
    ]


async def next_screen(stream: aiohttp.ClientResponse) -> Any:
    async for line in stream.content:
        if line.startswith(b"data: "):
            return json.loads(line[6:])
    raise AssertionError("the stream ended")
