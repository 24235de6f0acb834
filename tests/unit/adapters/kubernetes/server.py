"""A tiny API server that answers as the test says, and remembers what it was asked."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(slots=True)
class Script:
    """`answers` are given in turn; the last one again and again."""

    answers: deque[Answer] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def next_request(self, within: float) -> None:
        """Give the sockets their turns until a request comes, or so many seconds have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.arrived.wait()
        self.arrived.clear()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Remember the request; answer it as is its turn."""
        text = await request.text()
        body = json.loads(text) if text else None
        self.asked.append(
            Asked(request.method, request.path, dict(request.query), dict(request.headers), body)
        )
        self.arrived.set()
        give = self.answers[0] if len(self.answers) == 1 else self.answers.popleft()
        return await give(request)

    def kubeconfig(self, directory: Path, token: str = "first") -> Path:
        """Write a kubeconfig whose current user is ana."""
        config = {
            "current-context": "here",
            "clusters": [{"name": "here", "cluster": {"server": self.url}}],
            "users": [{"name": "ana", "user": {"token": token}}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "ana"}}],
        }
        path = directory / "kubeconfig"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        return path


def say(body: Any, status: int = 200, **headers: str) -> Answer:
    """Answer with JSON."""

    async def give(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return give


def refuse(status: int, message: str, **headers: str) -> Answer:
    """Answer with a `Status`."""
    return say({"kind": "Status", "message": message, "code": status}, status, **headers)


def stream(*events: Any, then: asyncio.Event | None = None) -> Answer:
    """Answer a watch with those events, and close at once, or when the test says so."""

    async def give(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for event in events:
            await response.write(json.dumps(event).encode() + b"\n")
        if then is not None:
            await then.wait()
        return response

    return give


async def hang_up(request: web.Request) -> web.StreamResponse:
    """Cut the connection without an answer."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def never(_: web.Request) -> web.StreamResponse:
    """Give no answer while the asker waits."""
    await asyncio.Event().wait()
    return web.Response()


async def html(_: web.Request) -> web.StreamResponse:
    """Answer as a broken proxy does."""
    return web.Response(status=502, text="<html>Bad Gateway</html>")


@asynccontextmanager
async def scripted(*answers: Answer) -> AsyncIterator[Script]:
    """Serve the answers on a free port."""
    script = Script(deque(answers))
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", script.answer)
    async with TestServer(application) as server:
        script.url = str(server.make_url("")).rstrip("/")
        yield script
