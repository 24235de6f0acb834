"""The door for Slack: size, signature and repetition are judged on raw bytes, before anything is parsed."""

import hashlib

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bot.config.secrets import Secret
from bot.ports.clock import Clock
from bot.ports.desks import Request
from handlers.body import TooLarge, TooSlow, read
from handlers.rotation import accepted
from handlers.slack.replays import Replays
from handlers.slack.signature import Signed, is_signed

MOST = 256 * 1024
log = structlog.get_logger()


class SlackGate:
    """An ASGI application for one path. 413 too large, 408 too slow, 401 not from Slack, 400 not Slack's shape."""

    def __init__(self, app: AsyncApp, secret: Secret, replays: Replays, clock: Clock) -> None:
        self._app = app
        self._secret = secret
        self._replays = replays
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge one request and answer it."""
        try:
            body = await read(scope, receive, MOST)
        except TooLarge:
            response = _refusal("body too large", 413)
        except TooSlow:
            response = _refusal("body too slow", 408)
        else:
            response = await self._judged(dict(scope["headers"]), body)
        await response(scope, receive, send)

    async def _judged(self, headers: dict[bytes, bytes], body: bytes) -> Response:
        signature = headers.get(b"x-slack-signature")
        request = Signed(headers.get(b"x-slack-request-timestamp"), signature, body)
        now = self._clock.now().timestamp()
        if signature is None or not is_signed(request, accepted(self._secret), now):
            return PlainTextResponse("not signed by Slack, or too long ago", 401)
        request_id = hashlib.blake2b(signature, digest_size=12).hexdigest()
        first_time = self._replays.claim(request_id)
        if first_time is not None:
            # What is asked for waits for the answer before it changes anything (`Request.first_time`).
            taken = Request(request_id, first_time)
            response = await self._dispatched(headers.get(b"content-type", b""), body, taken)
            if await first_time:
                return response
        log.warning("a signed request came twice", request=request_id)
        return PlainTextResponse("this request was taken in before", 401)

    async def _dispatched(self, content_type: bytes, body: bytes, taken: Request) -> Response:
        try:
            request = AsyncBoltRequest(
                body=body.decode(),
                headers={"content-type": content_type.decode("latin-1")},
                context={"request": taken},
            )
        except (ValueError, TypeError, AttributeError, RecursionError):
            return PlainTextResponse("not a request of Slack's shape", 400)
        answer = await self._app.async_dispatch(request)
        if answer.status == 404:  # noqa: PLR2004  not found
            log.warning("nothing here takes this request", kind=request.body.get("type"), request=taken.id)
        return Response(answer.body, answer.status, headers=answer.first_headers())


def _refusal(words: str, status: int) -> Response:
    """Answer without having read the body: the connection cannot be used again."""
    return PlainTextResponse(words, status, headers={"connection": "close"})
