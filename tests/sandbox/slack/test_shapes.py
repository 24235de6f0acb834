"""The emulator's answers and requests have the shapes that were recorded from Slack itself."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackEmulator
from sandbox.slack.api.methods import METHODS
from tests.sandbox.slack.fake_bot import FakeBot
from tests.sandbox.slack.shapes import recorded, strays
from tests.sandbox.slack.test_people import CARD, modal

RELEASES = "C0RELEASES"
HOME = {"type": "home", "blocks": CARD}
# Newer than the published description of 2021.
NEWER = {
    "chat.postEphemeral": {"markdown_text", "metadata"},
    "chat.postMessage": {"client_msg_id", "markdown_text", "metadata"},
    "chat.update": {"file_ids", "markdown_text", "metadata", "reply_broadcast"},
    "bots.info": {"team_id"},
    "conversations.open": {"prevent_creation"},
    "conversations.replies": {"include_all_metadata"},
    "team.info": {"domain"},
    "usergroups.list": {"team_id"},
    "usergroups.users.list": {"team_id"},
    "views.open": {"interactivity_pointer"},
    "views.push": {"interactivity_pointer"},
}
SAME_TYPE = {"string": {"string", "json", "timestamp", "boolean"}, "number": {"timestamp", "string"}}


def trigger(slack: SlackEmulator) -> str:
    return slack.tenant.capabilities.new_trigger("U0ANA00001")


async def uploaded(slack: SlackEmulator, web: AsyncWebClient) -> Any:
    file = slack.tenant.uploads.expect("chart.png", 1, "")
    file.content = b"x"
    return await web.files_completeUploadExternal(
        files=[{"id": file.id, "title": "p95"}], channel_id=RELEASES
    )


async def pushed(slack: SlackEmulator, web: AsyncWebClient) -> Any:
    slack.tenant.modals.open("U0ANA00001", modal())
    return await web.views_push(trigger_id=trigger(slack), view=modal())


async def updated_view(slack: SlackEmulator, web: AsyncWebClient) -> Any:
    view = slack.tenant.modals.open("U0ANA00001", modal())
    return await web.views_update(view_id=view["id"], hash=view["hash"], view=modal())


async def a_message(slack: SlackEmulator, web: AsyncWebClient) -> str:
    kept = {"event_type": "release", "event_payload": {}}
    posted = await web.chat_postMessage(channel=RELEASES, text="card", blocks=CARD, metadata=kept)
    await web.chat_postMessage(channel=RELEASES, text="reply", thread_ts=posted["ts"])
    return str(posted["ts"])


Call = Callable[[SlackEmulator, AsyncWebClient, str], Awaitable[Any]]
CALLS: dict[str, Call] = {
    "auth.test": lambda _s, w, _ts: w.auth_test(),
    "bots.info": lambda _s, w, _ts: w.bots_info(bot="B0LOCKMAST"),
    "chat.delete": lambda _s, w, ts: w.chat_delete(channel=RELEASES, ts=ts),
    "chat.getPermalink": lambda _s, w, ts: w.chat_getPermalink(channel=RELEASES, message_ts=ts),
    "chat.postEphemeral": lambda _s, w, _ts: w.chat_postEphemeral(
        channel=RELEASES, user="U0BO000001", text="x"
    ),
    "chat.postMessage": lambda _s, w, ts: w.chat_postMessage(
        channel=RELEASES, text="x", thread_ts=ts, blocks=CARD
    ),
    "chat.update": lambda _s, w, ts: w.chat_update(channel=RELEASES, ts=ts, text="y", blocks=CARD),
    "conversations.info": lambda _s, w, _ts: w.conversations_info(channel=RELEASES, include_num_members=True),
    "conversations.join": lambda _s, w, _ts: w.conversations_join(channel=RELEASES),
    "conversations.members": lambda _s, w, _ts: w.conversations_members(channel=RELEASES),
    "conversations.open": lambda _s, w, _ts: w.conversations_open(users="U0BO000001", return_im=True),
    "conversations.replies": lambda _s, w, ts: w.conversations_replies(
        channel=RELEASES, ts=ts, include_all_metadata=True
    ),
    "files.completeUploadExternal": lambda s, w, _ts: uploaded(s, w),
    "files.getUploadURLExternal": lambda _s, w, _ts: w.files_getUploadURLExternal(filename="a.png", length=1),
    "reactions.add": lambda _s, w, ts: w.reactions_add(channel=RELEASES, timestamp=ts, name="eyes"),
    "team.info": lambda _s, w, _ts: w.team_info(),
    "usergroups.list": lambda _s, w, _ts: w.usergroups_list(include_users=True, include_count=True),
    "usergroups.users.list": lambda _s, w, _ts: w.usergroups_users_list(usergroup="S0LEADS001"),
    "users.info": lambda _s, w, _ts: w.users_info(user="U0LOCKMAST"),
    "users.lookupByEmail": lambda _s, w, _ts: w.users_lookupByEmail(email="ana@shop.example"),
    "views.open": lambda s, w, _ts: w.views_open(trigger_id=trigger(s), view=modal()),
    "views.publish": lambda _s, w, _ts: w.views_publish(user_id="U0ANA00001", view=HOME),
    "views.push": lambda s, w, _ts: pushed(s, w),
    "views.update": lambda s, w, _ts: updated_view(s, w),
}


async def test_every_answer_has_a_recorded_shape(slack: SlackEmulator, web: AsyncWebClient) -> None:
    slack.limits.scale = float("inf")
    found: list[str] = []
    for name, call in CALLS.items():
        answer = (await call(slack, web, await a_message(slack, web))).data
        found += [f"{name}{stray}" for stray in strays(answer, recorded(f"samples/api/{name}.json"))]
    assert found == []


async def test_every_request_to_the_bot_has_a_recorded_shape(
    slack: SlackEmulator, bot: FakeBot, web: AsyncWebClient
) -> None:
    ts = await a_message(slack, web)
    await slack.command("ana", RELEASES, "/release status")
    await slack.press("ana", ts, "promote")
    await web.views_open(trigger_id=bot.commands[0]["trigger_id"], view=modal(notify_on_close=True))
    await slack.submit("ana", {"reason": {"why": "x"}})
    slack.tenant.modals.open("U0ANA00001", modal(notify_on_close=True))
    await slack.close_modal("ana")
    await slack.events.deliver({"type": "app_mention", "user": "U0ANA00001", "text": "hi", "ts": ts})
    form = {
        name: False if name == "is_enterprise_install" else held for name, held in bot.commands[0].items()
    }
    sent = {
        "SlashCommandPayload": form,
        "BlockActionPayload": bot.payloads[0],
        "ViewSubmissionPayload": bot.payloads[1],
        "ViewClosedPayload": bot.payloads[2],
        "AppMentionPayload": bot.events[0],
    }
    found = {
        f"{name}{stray}"
        for name, held in sent.items()
        for stray in strays(held, recorded(f"samples/payloads/{name}.json"))
    }
    # The recordings of payloads were cut at the depth where a view's blocks stand.
    cut = {f"View{kind}Payload.view.blocks is not in the recording" for kind in ("Submission", "Closed")}
    assert found == cut


def described() -> dict[str, Any]:
    paths = recorded("web_api_openapi.json")["paths"]
    return {path.strip("/"): next(iter(methods.values())) for path, methods in paths.items()}


def test_every_argument_slack_describes_is_read_and_no_other() -> None:
    for name, method in described().items():
        if name not in METHODS:
            continue
        theirs = {p["name"] for p in method["parameters"]} - {"token"}
        ours = set(METHODS[name].parameters)
        assert (name, ours - theirs, theirs - ours) == (name, NEWER.get(name, set()) & ours, set())


def test_every_argument_slack_demands_is_demanded_and_of_its_type() -> None:
    for name, method in described().items():
        for told in method["parameters"]:
            if name not in METHODS or told["name"] == "token":
                continue
            ours = METHODS[name].parameters[told["name"]]
            assert (name, told["name"], ours.required or not told.get("required", False)) == (
                name,
                told["name"],
                True,
            )
            assert ours.type in SAME_TYPE.get(told["type"], {told["type"]}), f"{name} {told['name']}"


def test_the_methods_that_read_json_are_those_slack_describes() -> None:
    theirs = {name: "application/json" in method["consumes"] for name, method in described().items()}
    ours = {name: METHODS[name].takes_json for name in theirs if name in METHODS}
    assert ours == {name: takes for name, takes in theirs.items() if name in METHODS}


@pytest.mark.parametrize("name", ["chat.postMessage", "chat.update", "views.open", "reactions.add"])
async def test_a_call_without_each_demanded_argument_is_refused(web: AsyncWebClient, name: str) -> None:
    told = [p["name"] for p in described()[name]["parameters"] if p.get("required") and p["name"] != "token"]
    with pytest.raises(SlackApiError) as refused:
        await web.api_call(name, json={})
    errors = refused.value.response["errors"]
    assert sorted(errors) == sorted(f"missing required field: {missing}" for missing in told)
