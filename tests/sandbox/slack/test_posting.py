"""The bot posts, edits and reads messages through Slack's own client."""

from types import SimpleNamespace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackEmulator

RELEASES = "C0RELEASES"
GENERAL = "C0GENERAL1"


def section(text: str = "hello") -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def refusal(call: Any) -> Any:
    with pytest.raises(SlackApiError) as refused:
        await call
    return refused.value.response.data


async def test_a_message_reaches_the_members_of_its_channel_alone(
    slack: SlackEmulator, web: AsyncWebClient
) -> None:
    posted = await web.chat_postMessage(channel="#shop-releases", text="*checkout* <b>")
    assert [m["text"] for m in slack.messages("ana", "#shop-releases")] == ["*checkout* <b>"]
    assert slack.messages("cy", "#shop-releases") == []
    assert posted["channel"] == RELEASES


async def test_the_same_client_msg_id_posts_once_a_channel(slack: SlackEmulator, web: AsyncWebClient) -> None:
    first = await web.chat_postMessage(channel=RELEASES, text="one", client_msg_id="a-1")
    again = await web.chat_postMessage(channel=RELEASES, text="one again", client_msg_id="a-1")
    assert again["ts"] == first["ts"]
    assert [m["text"] for m in slack.messages("bo", "#shop-releases")] == ["one"]


async def test_an_edit_keeps_the_blocks_it_does_not_name(slack: SlackEmulator, web: AsyncWebClient) -> None:
    posted = await web.chat_postMessage(channel=RELEASES, text="a", blocks=[section()])
    await web.chat_update(channel=RELEASES, ts=posted["ts"], text="b")
    (shown,) = slack.messages("ana", "#shop-releases")
    assert (shown["text"], shown["blocks"]) == ("b", [section() | {"block_id": "blk00"}])
    assert shown["edited"]["user"] == "U0LOCKMAST"
    await web.chat_update(channel=RELEASES, ts=posted["ts"], text="c", blocks=[])
    assert "blocks" not in slack.messages("ana", "#shop-releases")[0]


async def test_an_ephemeral_message_is_seen_by_its_reader_and_by_nobody_else(
    slack: SlackEmulator, web: AsyncWebClient
) -> None:
    await web.chat_postEphemeral(channel=RELEASES, user="U0ANA00001", text="psst")
    assert [m["is_ephemeral"] for m in slack.messages("ana", "#shop-releases")] == [True]
    assert slack.messages("bo", "#shop-releases") == []
    history = await web.conversations_history(channel=RELEASES)
    assert history["messages"] == []


async def test_a_thread_is_read_back_with_its_metadata(web: AsyncWebClient) -> None:
    parent = await web.chat_postMessage(channel=RELEASES, text="card")
    kept = {"event_type": "release", "event_payload": {"id": "R-1"}}
    reply = await web.chat_postMessage(channel=RELEASES, text="detail", thread_ts=parent["ts"], metadata=kept)
    thread = await web.conversations_replies(channel=RELEASES, ts=parent["ts"], include_all_metadata=True)
    assert [m["text"] for m in thread["messages"]] == ["card", "detail"]
    assert thread["messages"][0]["reply_count"] == 1
    assert thread["messages"][0]["latest_reply"] == reply["ts"]
    assert thread["messages"][1]["metadata"] == kept
    history = await web.conversations_history(channel=RELEASES)
    assert [m["text"] for m in history["messages"]] == ["card"]


async def test_a_file_is_uploaded_in_three_steps_and_shown(slack: SlackEmulator, web: AsyncWebClient) -> None:
    sent = await web.files_upload_v2(channel=RELEASES, filename="chart.png", content=b"\x89PNG", title="p95")
    assert sent["files"][0]["title"] == "p95"
    (shown,) = slack.messages("ana", "#shop-releases")
    assert [(f["name"], f["mimetype"], f["size"]) for f in shown["files"]] == [("chart.png", "image/png", 4)]


async def test_what_slack_refuses_has_slacks_own_words(slack: SlackEmulator, web: AsyncWebClient) -> None:
    said = slack.workspace.post(RELEASES, "U0ANA00001", "mine")
    slack.limits.scale = float("inf")
    cases = {
        "channel_not_found": web.chat_postMessage(channel="C404", text="x"),
        "not_in_channel": web.chat_postMessage(channel=GENERAL, text="x"),
        "no_text": web.api_call("chat.postMessage", json={"channel": RELEASES}),
        "msg_too_long": web.chat_postMessage(channel=RELEASES, text="x" * 40_001),
        "thread_not_found": web.chat_postMessage(channel=RELEASES, text="x", thread_ts="1.2"),
        "message_not_found": web.chat_update(channel=RELEASES, ts="1.2", text="x"),
        "cant_update_message": web.chat_update(channel=RELEASES, ts=said.ts, text="x"),
        "cant_delete_message": web.chat_delete(channel=RELEASES, ts=said.ts),
        "user_not_in_channel": web.chat_postEphemeral(channel=RELEASES, user="U0CY000001", text="x"),
        "user_not_found": web.users_info(user="U404"),
        "users_not_found": web.users_lookupByEmail(email="x@y.example"),
        "no_such_subteam": web.usergroups_users_list(usergroup="S404"),
        "invalid_trigger_id": web.views_open(
            trigger_id="1.2.3", view={**HOME, "type": "modal", "title": TITLE}
        ),
        "unknown_method": web.api_call("chat.shout"),
        "not_authed": AsyncWebClient(base_url=slack.api_url).auth_test(),
        "invalid_auth": AsyncWebClient("xoxb-other", base_url=slack.api_url).auth_test(),
    }
    assert {(await refusal(call))["error"]: word for word, call in cases.items()} == {w: w for w in cases}


TITLE = {"type": "plain_text", "text": "Why"}
HOME: dict[str, Any] = {"type": "home", "blocks": [section()]}


async def test_a_missing_argument_is_named(web: AsyncWebClient) -> None:
    refused = await refusal(web.api_call("chat.update", json={"text": "x", "blocks": 1}))
    assert refused == {
        "ok": False,
        "error": "invalid_arguments",
        "errors": ["missing required field: channel", "missing required field: ts"],
        "response_metadata": {
            "messages": ["[ERROR] missing required field: channel", "[ERROR] missing required field: ts"]
        },
    }


async def test_a_method_that_reads_no_json_does_not_see_it(web: AsyncWebClient) -> None:
    refused = await refusal(web.api_call("users.info", json={"user": "U0ANA00001"}))
    assert refused["error"] == "invalid_arguments"
    found = await web.api_call("users.info", http_verb="GET", params={"user": "U0ANA00001"})
    assert found["user"]["real_name"] == "Ana Lima"


async def test_too_many_posts_are_sent_away_until_the_window_has_passed(
    slack: SlackEmulator, web: AsyncWebClient, clock: SimpleNamespace
) -> None:
    for _ in range(5):
        await web.chat_postMessage(channel=RELEASES, text="x")
    with pytest.raises(SlackApiError) as refused:
        await web.chat_postMessage(channel=RELEASES, text="x")
    assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (429, "5")
    clock.now += 5
    await web.chat_postMessage(channel=RELEASES, text="x")
    assert [call.status for call in slack.calls_of("chat.postMessage")] == [200] * 5 + [429, 200]


async def test_edits_are_counted_in_the_whole_workspace(
    slack: SlackEmulator, web: AsyncWebClient, clock: SimpleNamespace
) -> None:
    slack.limits.scale = 0.04
    posted = await web.chat_postMessage(channel=RELEASES, text="x")
    for text in "ab":
        await web.chat_update(channel=RELEASES, ts=posted["ts"], text=text)
    refused = await refusal(web.chat_update(channel=RELEASES, ts=posted["ts"], text="c"))
    assert refused == {"ok": False, "error": "ratelimited"}
