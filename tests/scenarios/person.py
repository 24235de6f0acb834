"""Somebody in front of Slack."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.messages.model import Buttons, Message, Modal
from bot.messages.terminal import render
from bot.ports.desks import Origin, Request

if TYPE_CHECKING:
    from tests.scenarios.theatre import Theatre


class Person:
    """Types and presses; reads what comes back."""

    def __init__(self, theatre: "Theatre", user: str, name: str) -> None:
        self._theatre = theatre
        self._dialog: Modal | None = None
        self._origin = Origin(user, name, "T1", "C0SHOP", "shop-releases", "", "trigger", Request(""))

    async def types(self, text: str) -> str:
        """Type a command; what its author alone reads."""
        answer = await self._theatre.bot.front.typed(self.speaks(), text)
        await self._theatre.tick()
        return render(answer)

    async def presses(self, label: str, release: str = "R-1001") -> str | None:
        """Press a button as it stands on the live message now; what the presser alone reads."""
        message = self._theatre.standing(release)
        return await self.presses_on(message, label)

    async def presses_on(self, message: Message, label: str) -> str | None:
        """Press a button of a message that was looked at before."""
        row = [button for block in message.blocks if isinstance(block, Buttons) for button in block.buttons]
        button = next(one for one in row if one.label == label)
        answer = await self._theatre.bot.front.pressed(self.speaks(), button.action, button.value)
        await self._theatre.tick()
        return self._read(answer)

    def _read(self, answer: Message | Modal | None) -> str | None:
        if isinstance(answer, Modal):
            self._dialog = answer
            return f"dialog: {answer.title}"
        return None if answer is None else render(answer)

    async def presses_again(self, value: str) -> str | None:
        """Press *Release it again* beneath a question that this person alone got."""
        return self._read(await self._theatre.bot.front.pressed(self.speaks(), "start_anyway", value))

    async def submits(self, text: str) -> str | None:
        """Fill in the dialog that the last press opened."""
        assert self._dialog is not None
        front = self._theatre.bot.front
        answer = await front.submitted(self.speaks(), self._dialog.action, self._dialog.private, text)
        await self._theatre.tick()
        return None if answer is None else render(answer)

    def speaks(self) -> Origin:
        """Where the next request comes from."""
        self._theatre.presses += 1
        return replace(self._origin, request=Request(f"request-{self._theatre.presses}"))
