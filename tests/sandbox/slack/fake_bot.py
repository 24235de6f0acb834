"""A bot that answers as it was told and remembers what Slack sent it."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from slack_sdk.signature import Clock as SdkClock
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.serving import LoopbackServer
from sandbox.slack.emulator import SIGNING_SECRET

Json = dict[str, Any]
Answer = Json | str | int


class _InjectedClock(SdkClock):
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def now(self) -> float:
        return self._now()


class FakeBot:
    """`answers` come in their order: a dict is JSON, a string text, a number an HTTP status."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.commands: list[dict[str, str]] = []
        self.payloads: list[Json] = []
        self.events: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[Answer] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.came = asyncio.Event()
        self._verifier = SignatureVerifier(SIGNING_SECRET, _InjectedClock(now))
        self._server = LoopbackServer(
            Starlette(routes=[Route("/slack/events", self._serve, methods=["POST"])])
        )

    @property
    def url(self) -> str:
        return f"{self._server.url}/slack/events"

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hold.set()
        await self._server.stop()

    async def stop(self) -> None:
        await self._server.stop()

    async def _serve(self, request: Request) -> Response:
        body = await request.body()
        if not self._verifier.is_valid_request(body, dict(request.headers)):
            return PlainTextResponse("wrong signature", 401)
        self.headers.append(dict(request.headers))
        came = self._remember(body, request.headers["content-type"])
        self.came.set()
        await self.hold.wait()
        answer = await self.answer(came)
        if isinstance(answer, dict):
            return JSONResponse(answer)
        if isinstance(answer, int):
            return PlainTextResponse("", answer)
        return PlainTextResponse(answer)

    async def answer(self, _came: Json) -> Answer:
        return self.answers.pop(0) if self.answers else ""

    def _remember(self, body: bytes, kind: str) -> Json:
        if kind == "application/json":
            self.events.append(json.loads(body))
            return self.events[-1]
        form: Json = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if "payload" in form:
            self.payloads.append(json.loads(form["payload"]))
            return self.payloads[-1]
        self.commands.append(form)
        return form
