"""Between Slack's payloads and the desks: who is answered what, how and when. Knows no Bolt and no HTTP."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from bot.errors import Refused, Unavailable
from bot.messages.model import Message, Modal
from bot.ports.chat import Chat, RateLimited
from bot.ports.desks import ButtonDesk, CommandDesk, Origin, Request
from handlers.slack import payloads

PATIENCE = 2.5
NOT_SAID = (Refused, Unavailable, RateLimited)
Payload = dict[str, Any]
Renderer = Callable[[Message], Payload]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said when a desk has not said anything: `working` (yet), `broken` (a bug)."""

    working: Message
    broken: Message


@dataclass(frozen=True, slots=True)
class Desks:
    """Who takes in what."""

    commands: CommandDesk
    buttons: ButtonDesk


class Talk:
    """Answers in the acknowledgement what can be answered at once; the rest afterwards, through `Chat`."""

    def __init__(self, desks: Desks, chat: Chat, renderer: Renderer, phrases: Phrases) -> None:
        self._desks = desks
        self._chat = chat
        self._render = renderer
        self._phrases = phrases
        self._later: set[asyncio.Task[None]] = set()

    async def typed(self, body: Payload, request: Request) -> Payload:
        """Answer a command to its author alone: the body of the acknowledgement."""
        origin = payloads.of_command(body, request)
        answer = asyncio.ensure_future(self._desks.commands.typed(origin, body.get("text", "")))
        done, _ = await asyncio.wait({answer}, timeout=PATIENCE)
        if done:
            return self._whispered(self._outcome(answer))
        self._afterwards(origin, self._answer_when_done(origin, answer))
        return self._whispered(self._phrases.working)

    def pressed(self, body: Payload, request: Request) -> None:
        """Act on a press once it is acknowledged."""
        origin = payloads.of_press(body, request)
        self._afterwards(origin, self._press(origin, payloads.press(body["actions"][0])))

    def submitted(self, body: Payload, request: Request) -> None:
        """Act on a dialog once it is acknowledged, which closes it."""
        view = body["view"]
        try:
            luggage = payloads.Luggage.unpacked(view.get("private_metadata", ""))
        except ValueError:
            log.warning("a dialog that is not ours was submitted", request=request.id)
            return
        origin = payloads.of_submission(body, request, luggage)
        written = payloads.typed_text(view)
        self._afterwards(origin, self._submit(origin, view["callback_id"], luggage.private, written))

    async def drain(self, seconds: float) -> None:
        """Let what was acknowledged be finished, at most for so long."""
        if self._later:
            await asyncio.wait(self._later, timeout=seconds)
        for task in self._later:
            task.cancel()

    async def _press(self, origin: Origin, press: payloads.Press) -> None:
        answer = await self._desks.buttons.pressed(origin, press.action, press.value)
        match answer:
            case Modal():
                luggage = payloads.Luggage(
                    origin.channel_id, origin.channel_name, origin.response_url, answer.private
                )
                await self._chat.open(
                    origin.trigger_id, answer.model_copy(update={"private": luggage.packed()})
                )
            case Message():
                await self._say(origin, answer)
            case None:
                pass

    async def _submit(self, origin: Origin, action: str, private: str, text: str) -> None:
        answer = await self._desks.buttons.submitted(origin, action, private, text)
        if answer is not None:
            await self._say(origin, answer)

    async def _answer_when_done(self, origin: Origin, answer: asyncio.Future[Message]) -> None:
        await asyncio.wait({answer})
        await self._say(origin, self._outcome(answer))

    async def _say(self, origin: Origin, message: Message) -> None:
        """Tell one person, by the request's own address, or else in the channel it came from."""
        try:
            await self._chat.respond(origin.response_url, message)
        except NOT_SAID as error:
            log.warning("a response_url was not taken", why=str(error), request=origin.request.id)
            try:
                await self._chat.whisper(origin.channel_id, origin.user_id, message)
            except NOT_SAID as again:
                log.warning("an answer could not be given", why=str(again), request=origin.request.id)

    def _outcome(self, answer: asyncio.Future[Message]) -> Message:
        error = answer.exception()
        if error is None:
            return answer.result()
        log.error("a command broke", exc_info=error)
        return self._phrases.broken

    def _whispered(self, message: Message) -> Payload:
        return {"response_type": "ephemeral", **self._render(message)}

    def _afterwards(self, origin: Origin, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(origin, work))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _guarded(self, origin: Origin, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("a press or an answer broke", request=origin.request.id)
            await self._say(origin, self._phrases.broken)
