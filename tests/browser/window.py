"""One browser window on the sandbox, and what a person in front of it does and sees."""

import asyncio
import re
from dataclasses import dataclass

from playwright.async_api import Error, Locator, Page, Route, expect


@dataclass
class Window:
    """Everything is found by what is read on the page, never by how it is built."""

    page: Page

    @property
    def line(self) -> Locator:
        return self.page.get_by_label("Message", exact=True)

    @property
    def conversation(self) -> Locator:
        return self.page.get_by_role("region", name="Conversation")

    @property
    def thread(self) -> Locator:
        return self.page.get_by_role("region", name="Replies")

    @property
    def cluster(self) -> Locator:
        return self.page.get_by_role("region", name="The real cluster")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def card(self, service: str) -> Locator:
        """The newest live message of a service."""
        details = self.page.get_by_role("button", name="Details", exact=True)
        messages = self.conversation.get_by_role("listitem").filter(has=details)
        return messages.filter(has_text=re.compile(rf"{service}\s+v")).last

    def told(self, words: str) -> Locator:
        """The newest message that only its author sees and that has these words."""
        return self.conversation.get_by_role("listitem").filter(has_text=words).last

    async def become(self, name: str) -> None:
        await self.page.get_by_role("radio", name=re.compile(f"^{name},")).check()

    async def say(self, text: str) -> None:
        await self.line.fill(text)
        await self.line.press("Enter")

    async def press(self, service: str, label: str) -> None:
        card = self.card(service)
        try:
            await card.get_by_role("button", name=label, exact=True).click()
        except Error as late:
            raise AssertionError(f"no {label} on: {await card.inner_text()}") from late

    async def sees(self, service: str, *words: str) -> None:
        """Wait until the live message of a service holds all of this."""
        for each in words:
            await expect(self.card(service)).to_contain_text(each)

    async def offers(self, service: str, *labels: str) -> None:
        """Wait until the live message has exactly these buttons, beside those that open the thread."""
        buttons = self.card(service).get_by_role("button").filter(has_not_text=re.compile(r"repl(y|ies)"))
        await expect(buttons).to_have_text(list(labels))

    async def look_at(self, service: str) -> None:
        """Choose whose traffic is drawn."""
        await self.cluster.get_by_role("radio", name=service).check()

    async def control(self, label: str) -> None:
        await self.cluster.get_by_role("button", name=label, exact=True).click()

    async def overflow(self) -> list[str]:
        """Whatever in sight is wider than the window."""
        wide = "[...document.querySelectorAll('body *')].filter((n) => n.checkVisibility() && !n.closest('.quiet, .skip')"
        found: list[str] = await self.page.evaluate(
            f"{wide} && n.getBoundingClientRect().right > innerWidth + 1).map((n) => n.outerHTML.slice(0, 90))"
        )
        is_wide = await self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        return [*found, *(["the page scrolls sideways"] if is_wide else [])]

    async def is_told_late(self) -> asyncio.Event:
        """From now on a page that starts hears who may type what only when this is set."""
        told = asyncio.Event()

        async def wait(route: Route) -> None:
            await told.wait()
            await route.continue_()

        await self.page.route("**/page/setup", wait)
        return told

    async def falls_behind(self) -> None:
        """From now on the screen shows what it shows now, as over a bad connection; what is pressed still arrives."""
        seen: list[str] = []

        async def repeat(route: Route) -> None:
            if not seen:
                state = await self.page.request.get(route.request.url.replace("/events?", "/state?"))
                seen.append(f"data: {await state.text()}\n\n")
            await route.fulfill(content_type="text/event-stream", body=seen[0])

        await self.page.route(re.compile("/sandbox/events"), repeat)
        await self.page.reload()

    async def catches_up(self) -> None:
        await self.page.unroute_all()
        await self.page.reload()
