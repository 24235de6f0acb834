"""People type, press and fill in; a bot that checks Slack's signatures answers them."""

from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import ActError, Entered, SlackEmulator
from tests.sandbox.slack.fake_bot import FakeBot

RELEASES = "#shop-releases"
PROMOTE = {
    "type": "button",
    "action_id": "promote",
    "text": {"type": "plain_text", "text": "Promote"},
    "value": "R-1:1",
    "style": "primary",
}
CARD = [{"type": "actions", "block_id": "acts", "elements": [PROMOTE]}]


def modal(**more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "why", "max_length": 10}
    block = {"type": "input", "block_id": "reason", "label": text("Reason"), "element": element}
    return {"type": "modal", "title": text("Go on"), "submit": text("Go on"), "blocks": [block], **more}


def text(words: str) -> dict[str, str]:
    return {"type": "plain_text", "text": words}


async def post(url: str, body: dict[str, Any]) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as got:
        return got.status, await got.text()


async def test_a_commands_acknowledgement_is_shown_to_its_author_alone(
    slack: SlackEmulator, bot: FakeBot
) -> None:
    bot.answers = ["on it", {"response_type": "in_channel", "text": "everybody"}, ""]
    assert (await slack.command("ana", RELEASES, "/release checkout v1.3.0")).texts == ["on it"]
    assert (await slack.command("ana", RELEASES, "/release status")).texts == ["everybody"]
    assert (await slack.command("ana", RELEASES, "/release help")).texts == []
    assert [m["text"] for m in slack.messages("bo", RELEASES)] == ["everybody"]
    assert [c["text"] for c in bot.commands] == ["checkout v1.3.0", "status", "help"]


@pytest.mark.parametrize("status", [401, 500])
async def test_a_command_the_bot_refuses_ends_in_dispatch_failed(
    slack: SlackEmulator, bot: FakeBot, status: int
) -> None:
    bot.answers = [status]
    seen = await slack.command("ana", RELEASES, "/release status")
    assert seen.texts == ['/release failed with the error "dispatch_failed"']
    assert slack.messages("bo", RELEASES) == []


async def test_a_command_to_a_bot_that_is_gone_ends_in_dispatch_failed(
    slack: SlackEmulator, bot: FakeBot
) -> None:
    await bot.stop()
    seen = await slack.command("ana", RELEASES, "/release status")
    assert seen.texts == ['/release failed with the error "dispatch_failed"']


async def test_a_command_that_is_not_acknowledged_in_time_ends_in_operation_timeout(
    slack: SlackEmulator, bot: FakeBot
) -> None:
    slack.link.timeout = 0.05
    bot.hold.clear()
    seen = await slack.command("ana", RELEASES, "/release status")
    assert seen.texts == ['/release failed with the error "operation_timeout"']


async def test_nobody_types_where_she_is_not(slack: SlackEmulator) -> None:
    with pytest.raises(ActError, match="cy is not in #shop-releases"):
        await slack.command("cy", RELEASES, "/release status")
    seen = await slack.command("cy", "#general", "/deploy")
    assert seen.texts == [
        "/deploy is not a valid command. In Slack, all messages that start with / are commands."
    ]


async def test_a_press_carries_value_message_and_a_response_url_for_five_uses(
    slack: SlackEmulator, bot: FakeBot, web: AsyncWebClient
) -> None:
    card = await web.chat_postMessage(channel=RELEASES, text="card", blocks=CARD)
    await slack.press("bo", card["ts"], "promote", "acts")
    (payload,) = bot.payloads
    assert payload["actions"][0]["value"] == "R-1:1"
    assert (payload["user"]["username"], payload["message"]["ts"]) == ("bo", card["ts"])
    answers = [await post(payload["response_url"], {"text": f"{n}"}) for n in range(6)]
    assert answers[:5] == [(200, "ok")] * 5
    assert answers[5] == (404, '{"ok":false,"error":"used_url"}')
    assert [m["text"] for m in slack.messages("bo", RELEASES)] == ["card", "0", "1", "2", "3", "4"]
    assert [m["text"] for m in slack.messages("ana", RELEASES)] == ["card"]


async def test_a_response_url_replaces_and_deletes_an_ephemeral_message(
    slack: SlackEmulator, bot: FakeBot
) -> None:
    bot.answers = [{"text": "sure?", "blocks": CARD}]
    (asked,) = (await slack.command("ana", RELEASES, "/release checkout v1.2.9")).messages
    await slack.press("ana", asked["ts"], "promote")
    url = bot.payloads[0]["response_url"]
    assert "message" not in bot.payloads[0]
    await post(url, {"replace_original": True, "text": "yes"})
    assert [(m["text"], "blocks" in m) for m in slack.messages("ana", RELEASES)] == [("yes", False)]
    await post(url, {"delete_original": True})
    assert slack.messages("ana", RELEASES) == []


async def test_a_response_url_dies_after_half_an_hour(
    slack: SlackEmulator, bot: FakeBot, clock: SimpleNamespace
) -> None:
    await slack.command("ana", RELEASES, "/release status")
    clock.now += 1801
    assert await post(bot.commands[0]["response_url"], {"text": "late"}) == (
        404,
        '{"ok":false,"error":"expired_url"}',
    )


async def test_a_press_on_an_old_screen_sends_what_that_screen_showed(
    slack: SlackEmulator, bot: FakeBot, web: AsyncWebClient
) -> None:
    card = await web.chat_postMessage(channel=RELEASES, text="card", blocks=CARD)
    (old,) = slack.messages("bo", RELEASES)
    await web.chat_update(channel=RELEASES, ts=card["ts"], text="done", blocks=[])
    with pytest.raises(ActError, match="nothing on this screen has the action 'promote'"):
        await slack.press("bo", card["ts"], "promote")
    await slack.press("bo", card["ts"], "promote", entered=Entered(shown=old))
    assert bot.payloads[0]["actions"][0]["value"] == "R-1:1"


async def open_modal(slack: SlackEmulator, bot: FakeBot, web: AsyncWebClient, view: dict[str, Any]) -> None:
    await slack.command("bo", RELEASES, "/release status")
    await web.views_open(trigger_id=bot.commands[-1]["trigger_id"], view=view)


async def test_a_modal_is_filled_in_submitted_and_gone(
    slack: SlackEmulator, bot: FakeBot, web: AsyncWebClient
) -> None:
    await open_modal(slack, bot, web, modal())
    empty = await slack.submit("bo")
    long = await slack.submit("bo", {"reason": {"why": "x" * 11}})
    assert (empty.errors, long.errors) == (
        {"reason": "Please complete this required field."},
        {"reason": "Must be at most 10 characters."},
    )
    assert bot.payloads == []
    done = await slack.submit("bo", {"reason": {"why": "JIRA-12"}})
    assert done.modal is None
    held = bot.payloads[0]["view"]["state"]["values"]["reason"]["why"]
    assert held == {"type": "plain_text_input", "value": "JIRA-12"}


async def test_a_submission_is_answered_with_errors_an_update_a_push_and_a_clear(
    slack: SlackEmulator, bot: FakeBot, web: AsyncWebClient
) -> None:
    await open_modal(slack, bot, web, modal())
    told: dict[str, Any] = {"title": text("Told"), "submit": text("OK")}
    bot.answers = [
        {"response_action": "errors", "errors": {"reason": "too short"}},
        {"response_action": "update", "view": modal(**told)},
        {"response_action": "push", "view": modal()},
        500,
        {"response_action": "clear"},
    ]
    filled = {"reason": {"why": "JIRA-12"}}
    seen = [await slack.submit("bo", filled) for _ in range(5)]
    titles = [step.modal["title"]["text"] if step.modal else None for step in seen]
    assert titles == ["Go on", "Told", "Go on", "Go on", None]
    assert seen[0].errors == {"reason": "too short"}
    assert seen[3].failure == "We had some trouble connecting. Try again?"


async def test_closing_a_modal_is_told_where_it_was_asked_for(
    slack: SlackEmulator, bot: FakeBot, web: AsyncWebClient
) -> None:
    await open_modal(slack, bot, web, modal(notify_on_close=True))
    assert (await slack.close_modal("bo")).modal is None
    assert [p["type"] for p in bot.payloads] == ["view_closed"]


async def test_a_trigger_opens_one_modal_within_three_seconds(
    slack: SlackEmulator, bot: FakeBot, web: AsyncWebClient, clock: SimpleNamespace
) -> None:
    await open_modal(slack, bot, web, modal())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await web.views_open(trigger_id=bot.commands[0]["trigger_id"], view=modal())
    await slack.command("bo", RELEASES, "/release status")
    clock.now += 3.1
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await web.views_open(trigger_id=bot.commands[1]["trigger_id"], view=modal())


async def test_a_mention_is_delivered_again_until_the_bot_takes_it(
    slack: SlackEmulator, bot: FakeBot
) -> None:
    slack.events.retry_delays = (0.0, 0.0, 0.0)
    bot.answers = [500, 500]
    assert await slack.events.deliver({"type": "app_mention", "text": "hi"})
    assert [h.get("x-slack-retry-num") for h in bot.headers] == [None, "1", "2"]
    assert len({e["event_id"] for e in bot.events}) == 1


async def test_naming_the_bot_in_a_channel_it_is_in_is_an_event(slack: SlackEmulator, bot: FakeBot) -> None:
    await slack.command("ana", RELEASES, "@lockmaster what is live?")
    await bot.came.wait()
    assert [(e["event"]["type"], e["event"]["text"]) for e in bot.events] == [
        ("app_mention", "<@U0LOCKMAST> what is live?")
    ]


async def test_the_request_url_is_verified_with_a_challenge(slack: SlackEmulator, bot: FakeBot) -> None:
    bot.answers = [{"challenge": "c-1"}, "something else"]
    assert [await slack.events.verify_url("c-1"), await slack.events.verify_url("c-2")] == [True, False]
