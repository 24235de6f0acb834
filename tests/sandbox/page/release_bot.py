"""A bot with just enough of a release to try the page: a card, buttons, a thread, a modal."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from tests.sandbox.slack.fake_bot import Answer, FakeBot, Json

RELEASES = "C0RELEASES"


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mark(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(action_id: str, text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": words(text), "value": "R-1042:2:1", **more}


CONFIRM = {
    "title": words("Promote to 50 %?"),
    "text": mark("*v1.3.0* gets half of all requests."),
    "confirm": words("Promote"),
    "deny": words("Not yet"),
}


def card(weight: int) -> list[Json]:
    fields = [
        mark(f"*Traffic*\nordered {weight} %, observed {weight - 0.2:.1f} %"),
        mark("*Verdict*\n:white_check_mark: healthy, 14,210 requests"),
        mark("*Errors*\ncanary 0.12 %, stable 0.11 %, limit 0.50 %"),
        mark("*p95*\ncanary 182 ms, stable 179 ms, limit +20 %"),
    ]
    return [
        {"type": "header", "text": words("checkout v1.2.9 → v1.3.0")},
        {
            "type": "context",
            "elements": [mark("canary, R-1042, started by <@U0ANA00001>, approved by <@U0BO000001>")],
        },
        {"type": "section", "text": mark("`●━━━━●━━━━◐────○`  5 %  *25 %*  50 %  100 %")},
        {"type": "section", "fields": fields},
        {
            "type": "actions",
            "block_id": "acts",
            "elements": [
                button("promote", "Promote to 50 %", style="primary", confirm=CONFIRM),
                button("pause", "Pause"),
                button("rollback", "Roll back", style="danger"),
                button("anyway", "Go on anyway"),
            ],
        },
        {"type": "divider"},
        {
            "type": "context",
            "elements": [mark("Next decision in 3:20, see <https://shop.example/r|the dashboard>")],
        },
    ]


REASON: Json = {
    "type": "modal",
    "title": words("Go on anyway"),
    "submit": words("Go on"),
    "blocks": [
        {"type": "section", "text": mark("There is *no data* for `v1.3.0`. Why go on?")},
        {
            "type": "input",
            "block_id": "reason",
            "label": words("Reason"),
            "hint": words("Everybody in #shop-releases will read it."),
            "element": {
                "type": "plain_text_input",
                "action_id": "text",
                "multiline": True,
                "max_length": 300,
            },
        },
        {
            "type": "input",
            "block_id": "risk",
            "optional": True,
            "label": words("Also"),
            "element": {
                "type": "checkboxes",
                "action_id": "boxes",
                "options": [{"text": words("Page the lead"), "value": "page"}],
            },
        },
        {
            "type": "input",
            "block_id": "pace",
            "optional": True,
            "label": words("Pace"),
            "element": {
                "type": "static_select",
                "action_id": "choice",
                "options": [
                    {"text": words("Slow"), "value": "slow"},
                    {"text": words("Fast"), "value": "fast"},
                ],
            },
        },
    ],
}


class ReleaseBot(FakeBot):
    """Answers as a release would; `web` is its way back into the workspace."""

    web: AsyncWebClient
    card_ts = ""

    async def answer(self, came: Json) -> Answer:
        if "command" in came:
            return await self._command(came)
        if came.get("type") == "block_actions":
            await self._pressed(came)
        if came.get("type") == "view_submission":
            reason = came["view"]["state"]["values"]["reason"]["text"]["value"]
            await self.web.chat_postMessage(
                channel=RELEASES, thread_ts=self.card_ts, text=f"Went on: _{reason}_"
            )
        return ""

    async def _command(self, came: Json) -> Answer:
        if not came["text"].startswith("checkout"):
            return f"I don't know `{came['text']}`, <@{came['user_id']}>.\nTry one of\n• `/release status`\n• `/release help`"
        posted = await self.web.chat_postMessage(channel=RELEASES, text="checkout v1.3.0", blocks=card(25))
        self.card_ts = posted["ts"]
        await self.web.chat_postMessage(
            channel=RELEASES, thread_ts=self.card_ts, text="Stage 1: *5 %*, healthy :tada:"
        )
        return "Release *R-1042* of `checkout` has started."

    async def _pressed(self, came: Json) -> None:
        action = came["actions"][0]["action_id"]
        if action == "anyway":
            await self.web.views_open(trigger_id=came["trigger_id"], view=REASON)
        if action == "promote":
            await self.web.chat_update(channel=RELEASES, ts=self.card_ts, text="checkout", blocks=card(50))
