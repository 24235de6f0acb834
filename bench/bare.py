"""A process of its own, which the bot is compared with: route, form, signature and the one lock script, and nothing else.

It is served as the bot is (uvicorn, uvloop, httptools, one process), runs the bot's own script on the same Valkey through the same
client, and keeps its locks under another prefix.
"""

import asyncio
import hmac
import itertools
import json
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from adapters.redis.door import Connection, Script

WINDOW = 300
RECORD = json.dumps({"padding": "x" * 900})
"""As long as a release's record is at its start."""
EVENT = json.dumps({"kind": "started", "padding": "x" * 120})
PLACES, PATIENCE_MS = 100, 3_600_000


class Locking:
    """The one thing that is done in each measured handler."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis
        self._admit = Script("admit")
        self._numbers = itertools.count(1001)

    async def take(self, service: str, user: str) -> str:
        """Take the service's lock; answer what the user is told."""
        number = f"R-{next(self._numbers)}"
        said = await self._redis.run(
            self._admit, self._keys(service, number), *_arguments(service, number, user)
        )
        return f"{number} has started." if int(said[0]) else f"{service} is locked."

    def _keys(self, service: str, number: str) -> tuple[str, ...]:
        key = self._redis.key
        lock = (key("locks"), key("queue", service), key("waiters", service))
        return *lock, key("release", number), key("events", number), key("live"), key("history", service)


class Bare:
    """One handler."""

    def __init__(self, locking: Locking, secret: bytes) -> None:
        self._locking = locking
        self._secret = secret

    async def __call__(self, request: Request) -> Response:
        """Answer a slash command: whether its first word's lock was taken."""
        body = await request.body()
        stamp = request.headers["x-slack-request-timestamp"]
        expected = hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, "sha256").hexdigest()
        if not hmac.compare_digest(f"v0={expected}", request.headers["x-slack-signature"]):
            return PlainTextResponse("not signed by Slack", 401)
        if abs(time.time() - int(stamp)) > WINDOW:
            return PlainTextResponse("too long ago", 401)
        form = parse_qs(body.decode())
        text = await self._locking.take(form["text"][0].split()[0], form["user_id"][0])
        return JSONResponse({"response_type": "ephemeral", "text": text})


def _arguments(service: str, number: str, user: str) -> tuple[str | int, ...]:
    lock = json.dumps({"service": service, "release": number, "by": {"id": user}})
    waiter = json.dumps({"by": {"id": user}})
    now = int(time.time() * 1000)
    return service, number, lock, user, waiter, PLACES, PATIENCE_MS, 0, RECORD, now, 1, "0:started", EVENT


async def serve(port: int, handler: Callable[..., Any]) -> None:
    """Serve Slack's path until killed, by a Starlette endpoint or an ASGI application."""
    app = Starlette(routes=[Route("/slack/events", handler, methods=["POST"])])
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
    )
    await uvicorn.Server(config).serve()


async def main(port: int, redis_url: str, secret: str) -> None:
    """Serve the bare handler."""
    locking = Locking(Connection.to(redis_url, prefix="{bare}"))
    await serve(port, Bare(locking, secret.encode()).__call__)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
