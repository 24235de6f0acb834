"""What people do: type, press, fill in, close. Each act returns what its author sees at once."""

from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.slack import payloads
from sandbox.slack.api.tenant import SlackError, Tenant
from sandbox.slack.api.views import checked_view
from sandbox.slack.capabilities import ResponseTarget
from sandbox.slack.events import Events
from sandbox.slack.inputs import Values, complaints_of, find_element, held_by, state_of
from sandbox.slack.link import BotAnswer, BotLink, NoAnswerError
from sandbox.slack.message import Json, Message
from sandbox.slack.persona import SLACKBOT, Seen, changes_since
from sandbox.slack.responses import deliver
from sandbox.slack.seed import BOT_NAME, BOT_USER, Channel, Person

TROUBLE = "We had some trouble connecting. Try again?"


class ActError(Exception):
    """A person cannot do this: there is no such thing on her screen."""


@dataclass(frozen=True)
class Entered:
    """What goes with a press.

    `value`: the option picked. `state`: what is filled in elsewhere (block id, action id, value).
    `shown`: an older shape of the message, for a press on a screen that is out of date.
    """

    value: Any = None
    state: Values = field(default_factory=dict)
    shown: Json | None = None


NOTHING = Entered()


@dataclass
class Acts:
    """The hands of everybody in the workspace; `commands` are the slash commands the bot registered."""

    tenant: Tenant
    link: BotLink
    events: Events
    commands: tuple[str, ...] = ("/release",)

    async def command(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Seen:
        """Type a line and press Enter: a slash command, or words for everybody."""
        person, place = self._who_where(user, channel)
        before = self.tenant.workspace.revision
        if text.startswith("/"):
            await self._slash(person, place, text)
        else:
            self._say(person, place, text, thread_ts)
        return self._seen(person, before)

    async def press(
        self, user: str, ts: str, action_id: str, block_id: str | None = None, entered: Entered = NOTHING
    ) -> Seen:
        """Press a button or pick an option in a message."""
        person = self._person(user)
        message = next((m for m in self.tenant.workspace.visible_to(person.id) if m.ts == ts), None)
        if message is None:
            raise ActError(f"{person.name} sees no message {ts}")
        shown = entered.shown or message.shown()
        action = self._action(shown.get("blocks", []), action_id, block_id, entered.value)
        place = self.tenant.workspace.channels[message.channel]
        state = state_of(shown.get("blocks", []), entered.state)
        seen_message = replace(message, blocks=shown.get("blocks", []), text=shown["text"])
        payload = payloads.message_action(person, place, seen_message, action, state)
        payload["response_url"] = self._response_url(person, message)
        return await self._interact(person, payload)

    async def press_in_modal(
        self, user: str, action_id: str, block_id: str | None = None, entered: Entered = NOTHING
    ) -> Seen:
        """Press a button or pick an option in the open modal."""
        person, view = self._open_modal(user)
        action = self._action(view["blocks"], action_id, block_id, entered.value)
        filled = view | {"state": state_of(view["blocks"], entered.state)}
        return await self._interact(person, payloads.view_action(person, filled, action))

    async def submit(self, user: str, values: Values | None = None) -> Seen:
        """Submit the open modal; `values`: block id, action id, then a text, an option's value or a list."""
        person, view = self._open_modal(user)
        try:
            state = state_of(view["blocks"], values or {})
        except LookupError as wrong:
            raise ActError(str(wrong)) from None
        errors = complaints_of(view["blocks"], state)
        if errors:
            return Seen(modal=view, errors=errors)
        before = self.tenant.workspace.revision
        trigger = self.tenant.capabilities.new_trigger(person.id)
        try:
            answer = await self.link.interact(
                payloads.view_submission(person, view | {"state": state}, trigger)
            )
            errors = self._after_submit(person, answer)
        except NoAnswerError:
            return replace(self._seen(person, before), failure=TROUBLE)
        return replace(self._seen(person, before), errors=errors)

    async def close(self, user: str) -> Seen:
        """Close the modal in front; the bot hears of it where it asked to."""
        person, view = self._open_modal(user)
        before = self.tenant.workspace.revision
        self.tenant.modals.close(person.id, whole_stack=view["clear_on_close"])
        failure: str | None = None
        if view["notify_on_close"]:
            payload = payloads.view_closed(person, view, is_cleared=view["clear_on_close"])
            try:
                await self.link.interact(payload)
            except NoAnswerError as silent:
                failure = silent.failure
        return replace(self._seen(person, before), failure=failure)

    async def open_home(self, user: str) -> Seen:
        """Look at the bot's home tab."""
        person = self._person(user)
        workspace = self.tenant.workspace
        place = workspace.direct_channel(person.id)
        before = workspace.revision
        event = payloads.app_home_opened(person, place, workspace.homes.get(person.id), workspace.new_ts())
        self.events.send(event)
        return self._seen(person, before)

    def _person(self, user: str) -> Person:
        try:
            return self.tenant.workspace.person(user)
        except KeyError as unknown:
            raise ActError(str(unknown)) from None

    def _who_where(self, user: str, channel: str) -> tuple[Person, Channel]:
        person = self._person(user)
        try:
            place = self.tenant.workspace.channel(channel)
        except KeyError as unknown:
            raise ActError(str(unknown)) from None
        if person.id not in place.members:
            raise ActError(f"{person.name} is not in #{place.name}")
        return person, place

    def _open_modal(self, user: str) -> tuple[Person, Json]:
        person = self._person(user)
        view = self.tenant.modals.top(person.id)
        if view is None:
            raise ActError(f"{person.name} has no modal open")
        return person, view

    def _action(self, blocks: list[Json], action_id: str, block_id: str | None, value: Any) -> Json:
        try:
            block, element = find_element(blocks, action_id, block_id)
            picked = held_by(element, value) if element["type"] != "button" else {}
        except LookupError as wrong:
            raise ActError(str(wrong)) from None
        kept = ("type", "action_id", "text", "value", "style", "url", "placeholder", "confirm")
        action = {name: element[name] for name in kept if name in element}
        return (
            action
            | picked
            | {"block_id": block["block_id"], "action_ts": f"{self.tenant.workspace.clock():.6f}"}
        )

    def _response_url(self, person: Person, message: Message) -> str:
        target = ResponseTarget(person.id, message.channel, message.ts)
        key = self.tenant.capabilities.new_response_key(target)
        return f"{self.tenant.origin}/actions/{key}"

    async def _interact(self, person: Person, payload: Json) -> Seen:
        before = self.tenant.workspace.revision
        payload["trigger_id"] = self.tenant.capabilities.new_trigger(person.id)
        failure: str | None = None
        try:
            await self.link.interact(payload)
        except NoAnswerError as silent:
            failure = silent.failure
        return replace(self._seen(person, before), failure=failure)

    def _seen(self, person: Person, before: int) -> Seen:
        return Seen(changes_since(self.tenant, person.id, before), self.tenant.modals.top(person.id))

    def _say(self, person: Person, place: Channel, text: str, thread_ts: str | None) -> None:
        words = text.replace(f"@{BOT_NAME}", f"<@{BOT_USER}>")
        message = self.tenant.workspace.post(place.id, person.id, words, thread_ts=thread_ts)
        if f"<@{BOT_USER}>" in words and BOT_USER in place.members:
            self.events.send(payloads.app_mention(message))

    async def _slash(self, person: Person, place: Channel, text: str) -> None:
        name = text.split(" ", 1)[0]
        if name not in self.commands:
            words = f"{name} is not a valid command. In Slack, all messages that start with / are commands."
            self.tenant.workspace.post(place.id, SLACKBOT, words, only_for=person.id)
            return
        capabilities = self.tenant.capabilities
        target = ResponseTarget(person.id, place.id)
        tickets = {
            "response_url": f"{self.tenant.origin}/commands/{capabilities.new_response_key(target)}",
            "trigger_id": capabilities.new_trigger(person.id),
        }
        try:
            answer = await self.link.command(payloads.command_fields(person, place, text, tickets))
            self._show_acknowledgement(target, answer)
        except (NoAnswerError, SlackError) as failed:
            word = failed.failure if isinstance(failed, NoAnswerError) else failed.code
            words = f'{name} failed with the error "{word}"'
            self.tenant.workspace.post(place.id, SLACKBOT, words, only_for=person.id)

    def _show_acknowledgement(self, target: ResponseTarget, answer: BotAnswer) -> None:
        body = answer.as_json()
        if body is None and answer.text.strip():
            body = {"text": answer.text}
        if body:
            deliver(self.tenant, target, body)

    def _after_submit(self, person: Person, answer: BotAnswer) -> dict[str, str]:
        body = answer.as_json() or {}
        modals = self.tenant.modals
        match body.get("response_action"):
            case "errors":
                return dict(body["errors"])
            case "clear":
                modals.close(person.id, whole_stack=True)
            case "update" | "push" as how:
                self._show_view(person, how, body.get("view"))
            case _:
                modals.close(person.id)
        return {}

    def _show_view(self, person: Person, how: str, wanted: Any) -> None:
        view = self.tenant.modals.top(person.id)
        try:
            checked = checked_view(wanted, "modal")
        except SlackError:
            raise NoAnswerError("dispatch_failed") from None
        if how == "push":
            self.tenant.modals.push(person.id, checked)
        elif view is not None:
            self.tenant.modals.update(view["id"], None, checked, None)
