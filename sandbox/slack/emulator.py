"""The emulator as one piece: start it, point the bot at it, type."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from starlette.applications import Starlette
from starlette.routing import Route

from sandbox.serving import LoopbackServer
from sandbox.slack.acts import Acts
from sandbox.slack.api.tenant import Tenant
from sandbox.slack.capabilities import Capabilities
from sandbox.slack.control import Control
from sandbox.slack.events import Events
from sandbox.slack.faults import Faults
from sandbox.slack.limits import RateLimits
from sandbox.slack.link import BotLink
from sandbox.slack.message import Json
from sandbox.slack.modals import Modals
from sandbox.slack.persona import screen
from sandbox.slack.web_api import ApiCall, WebApi
from sandbox.slack.workspace import Clock, Workspace

ACKNOWLEDGE_SECONDS = 3.0
SIGNING_SECRET = "sandbox-signing-secret"  # noqa: S105 - shared by the emulator and the bot of one sandbox
BOT_TOKEN = "xoxb-sandbox-token"  # noqa: S105 - the same


class SlackEmulator:
    """Slack on loopback; an async context manager.

    `bot_url` is the bot's whole request URL (`http://127.0.0.1:3000/slack/events`) and may be set later
    through `link.url`. The bot gets `api_url` as `SLACK_API_URL`, the same secret and the same token.
    `clock` gives Unix seconds and drives trigger ids, response URLs, rate limits and signatures.
    """

    def __init__(
        self,
        port: int = 0,
        bot_url: str = "",
        signing_secret: str = SIGNING_SECRET,
        bot_token: str = BOT_TOKEN,
        clock: Clock = time.time,
        acknowledge_seconds: float = ACKNOWLEDGE_SECONDS,
    ) -> None:
        self.workspace = Workspace(clock)
        self.signing_secret = signing_secret
        self.bot_token = bot_token
        self.limits = RateLimits(clock)
        self.faults = Faults()
        self.link = BotLink(bot_url, signing_secret, acknowledge_seconds, clock)
        self.events = Events(self.link)
        self.tenant = Tenant(self.workspace, Capabilities(clock), Modals(self.workspace))
        self.acts = Acts(self.tenant, self.link, self.events)
        self.control = Control(self.acts)
        self._web_api = WebApi(self.tenant, self.limits, self.faults, bot_token)
        self._server = LoopbackServer(self._app(), port)
        self.command = self.acts.command
        self.press = self.acts.press
        self.press_in_modal = self.acts.press_in_modal
        self.submit = self.acts.submit
        self.close_modal = self.acts.close
        self.open_home = self.acts.open_home

    def _app(self) -> Starlette:
        api = Route("/api/{method}", self._web_api)
        return Starlette(routes=[api, *self.control.app_routes(), *self.control.routes()])

    async def start(self) -> None:
        """Listen; raises OSError when the port is taken."""
        await self._server.start()
        self.tenant.origin = self._server.url

    async def stop(self) -> None:
        """Stop listening and sending."""
        self.control.closing.set()
        await self.events.stop()
        await self._server.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return self._server.port

    @property
    def api_url(self) -> str:
        """Return the value for `SLACK_API_URL`; it ends in `/api/`."""
        return f"{self._server.url}/api/"

    @property
    def calls(self) -> list[ApiCall]:
        """Return every call the bot made, oldest first."""
        return list(self._web_api.calls)

    def calls_of(self, method: str) -> list[ApiCall]:
        """Return the calls of one method, oldest first."""
        return [call for call in self._web_api.calls if call.method == method]

    def screen(self, user: str) -> Json:
        """Return everything a person sees, by her id or handle."""
        return screen(self.tenant, self.workspace.person(user).id)

    def messages(self, user: str, channel: str) -> list[Json]:
        """Return what a person sees in one channel, threads included, oldest first."""
        place = self.workspace.channel(channel).id
        shown: list[list[Json]] = [c["messages"] for c in self.screen(user)["channels"] if c["id"] == place]
        return shown[0] if shown else []

    async def until(self, happened: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until a change of the workspace makes this true; TimeoutError after so many seconds."""
        async with asyncio.timeout(seconds):
            while not happened():
                await self.workspace.next_change()
