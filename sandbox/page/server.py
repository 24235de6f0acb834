"""The page's own server: static files, the people's side of Slack, the world's telemetry and verbs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.page import verbs
from sandbox.page.world import World, WorldError
from sandbox.serving import LoopbackServer
from sandbox.slack.control import BadRequestError, Control, json_object
from sandbox.slack.emulator import SlackEmulator

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data: http: https:; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


class Page:
    """An async context manager; `url` is what a person opens.

    `suggestions` are example commands offered while somebody types. The page takes its pieces from the
    emulator in this process, so both must run in one loop.
    """

    def __init__(
        self, emulator: SlackEmulator, world: World, suggestions: Sequence[str] = (), port: int = 0
    ) -> None:
        self._emulator = emulator
        self._world = world
        self._suggestions = list(suggestions)
        self._control = Control(emulator.acts)
        self._server = LoopbackServer(_WithHeaders(self._app()), port)

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self._index),
                Route("/page/setup", self._setup),
                Route("/world/telemetry", self._telemetry),
                Route("/world/{verb}", self._act, methods=["POST"]),
                *self._control.routes(),
                Mount("/static", StaticFiles(directory=STATIC)),
            ]
        )

    @property
    def url(self) -> str:
        """Return the address to open; it ends in a slash."""
        return f"{self._server.url}/"

    async def start(self) -> None:
        """Listen; raises OSError when the port is taken."""
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening, and end the streams of screens."""
        self._control.closing.set()
        await self._server.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _index(self, _request: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def _setup(self, _request: Request) -> Response:
        people = self._emulator.workspace.people.values()
        personas = [
            {"id": p.id, "name": p.name, "title": p.title, "color": p.color} for p in people if not p.is_bot
        ]
        return JSONResponse({"personas": personas, "suggestions": self._suggestions})

    async def _telemetry(self, _request: Request) -> Response:
        return JSONResponse({**await self._world.telemetry(), "now": time.time()})

    async def _act(self, request: Request) -> Response:
        verb = request.path_params["verb"]
        if verb not in verbs.ARGUMENTS:
            return JSONResponse({"error": f"no such verb: {verb}"}, 404)
        try:
            said = await verbs.call(self._world, verb, await json_object(request))
        except (BadRequestError, verbs.BadArgumentError) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)
        except WorldError as impossible:
            return JSONResponse({"error": str(impossible)}, 409)
        return JSONResponse({"ok": True, "said": said})


@dataclass(frozen=True)
class _WithHeaders:
    """Adds the same headers to every answer; an answer's own header wins."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
