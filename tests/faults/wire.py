"""The wire between the adapters and an API server: a test says of each request what becomes of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

HOP = {"transfer-encoding", "connection", "content-length", "content-encoding", "host"}


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a request: whether the server gets it, and what its sender hears of it.

    `heard` is a status that takes the answer's place, None for the connection cut, 0 for silence. `after` goes into Retry-After.
    """

    arrives: bool = True
    heard: int | None = 200
    message: str = "the wire says so"
    after: int | None = None


FINE = Fate()


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, as it was sent. A watch is the verb `WATCH`."""

    verb: str
    path: str
    token: str

    @property
    def writes(self) -> bool:
        """Whether it changes something; reviews are posted, but leave nothing behind."""
        return self.verb in {"POST", "PATCH", "DELETE"} and not self.path.endswith("reviews")


@dataclass(slots=True)
class Wire:
    """`rule` says each request's fate; `sent` lists them all. Until `thawed` is set no watch hears anything, nor its end."""

    upstream: str
    http: aiohttp.ClientSession
    rule: Callable[[Sent], Fate] = lambda _: FINE
    sent: list[Sent] = field(default_factory=list)
    url: str = ""
    thawed: asyncio.Event = field(default_factory=asyncio.Event)

    def writes(self) -> list[Sent]:
        """What was sent to change something, in its order."""
        return [one for one in self.sent if one.writes]

    async def carry(self, request: web.Request) -> web.StreamResponse:
        """Let a request have its fate."""
        verb = "WATCH" if "watch" in request.query else request.method
        sent = Sent(verb, request.path, request.headers.get("Authorization", ""))
        self.sent.append(sent)
        fate = self.rule(sent)
        body = await request.read()
        if fate is FINE:
            return await self._pass_on(request, body)
        if fate.arrives:
            await self._pass_on(request, body, unheard=True)
        if fate.heard == 0:
            await asyncio.Event().wait()
        if fate.heard is None:
            assert request.transport is not None
            request.transport.abort()
        status = fate.heard or 500
        headers = {} if fate.after is None else {"Retry-After": str(fate.after)}
        answer = {"kind": "Status", "message": fate.message, "code": status}
        return web.json_response(answer, status=status, headers=headers)

    async def _pass_on(
        self, request: web.Request, body: bytes, *, unheard: bool = False
    ) -> web.StreamResponse:
        headers = {key: value for key, value in request.headers.items() if key.lower() not in HOP}
        url = f"{self.upstream}{request.path_qs}"
        async with self.http.request(request.method, url, data=body or None, headers=headers) as found:
            kept = {"Content-Type": found.headers.get("Content-Type", "application/json")}
            response = web.StreamResponse(status=found.status, headers=kept)
            if unheard:
                await found.read()
                return response
            await response.prepare(request)
            async for piece in found.content.iter_any():
                await self._freeze(request)
                await response.write(piece)
            await self._freeze(request)
            await response.write_eof()
            return response

    async def _freeze(self, request: web.Request) -> None:
        if "watch" in request.query:
            await self.thawed.wait()


@asynccontextmanager
async def wired(upstream: str) -> AsyncIterator[Wire]:
    """A wire to that server."""
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        wire = Wire(upstream, http)
        wire.thawed.set()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", wire.carry)
        async with TestServer(application) as server:
            wire.url = str(server.make_url("")).rstrip("/")
            yield wire
