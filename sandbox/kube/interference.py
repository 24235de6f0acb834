"""API faults: the next requests that fit are refused, delayed, cut off, or done and then reported as failed."""

import asyncio
import itertools
import re
from dataclasses import asdict, dataclass
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.kube.document import Document
from sandbox.kube.errors import ApiError
from sandbox.kube.store import encode

_WORDS = {
    409: (
        "Conflict",
        "the object has been modified; please apply your changes to the latest version and try again",
    ),
    429: ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
    500: ("InternalError", "Internal error occurred: interference"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: ("Timeout", "the server was unable to return a response in the time allotted"),
}


@dataclass(frozen=True, slots=True)
class Interference:
    """What happens to the next `times` requests whose method and path fit (0: until it is lifted).

    `method` empty means any; `path` is a regular expression found anywhere in the path. First the answer is held back
    for `delay` seconds; then a `status` of 400 or more is answered instead of doing the request, with `retry_after` in
    seconds; with `applied` the request is done and answered as failed all the same. `status` 0 only delays.
    """

    method: str = ""
    path: str = ""
    times: int = 1
    status: int = 0
    retry_after: int | None = None
    delay: float = 0.0
    applied: bool = False

    def fits(self, method: str, path: str) -> bool:
        """Whether a request is meant."""
        return self.method in ("", method) and re.search(self.path, path) is not None

    def answer(self) -> ApiError:
        """The failure it reports."""
        reason, message = _WORDS.get(
            self.status, (HTTPStatus(self.status).phrase.replace(" ", ""), "interference")
        )
        details = None if self.retry_after is None else {"retryAfterSeconds": self.retry_after}
        return ApiError(self.status, reason, message, details)


class Interferences:
    """ASGI middleware that holds the interferences in force."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._ids = itertools.count(1)
        self._left: dict[str, tuple[Interference, int]] = {}

    def add(self, interference: Interference) -> str:
        """Put one in force; the id lifts it again."""
        name = f"interference-{next(self._ids)}"
        self._left[name] = (interference, interference.times)
        return name

    def lift(self, name: str) -> bool:
        """End one; False where there is none of that id."""
        return self._left.pop(name, None) is not None

    def lift_all(self) -> None:
        """End all of them."""
        self._left.clear()

    def listed(self) -> list[Document]:
        """Those in force, as JSON, each with how many requests are `left`."""
        return [{"id": name, "left": left} | asdict(one) for name, (one, left) in self._left.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or do what is in force."""
        one = self._take(scope) if scope["type"] == "http" else None
        if one is None:
            await self._app(scope, receive, send)
            return
        if one.applied:  # whoever sent it may be gone before it is done
            receive = await _received(receive)
        await asyncio.sleep(one.delay)
        if one.applied:
            await self._app(scope, receive, _discard)
        if one.status:
            await _refuse(one, send)
        elif not one.applied:
            await self._app(scope, receive, send)

    def _take(self, scope: Scope) -> Interference | None:
        for name, (one, left) in self._left.items():
            if scope["path"].startswith("/sandbox/") or not one.fits(scope["method"], scope["path"]):
                continue
            if left == 1:
                del self._left[name]
            else:
                self._left[name] = (one, max(left - 1, 0))
            return one
        return None


async def _discard(message: Message) -> None:
    del message


async def _received(receive: Receive) -> Receive:
    """The whole body now, to be read later."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _refuse(one: Interference, send: Send) -> None:
    headers = [(b"content-type", b"application/json")]
    if one.retry_after is not None:
        headers.append((b"retry-after", str(one.retry_after).encode()))
    body = encode(one.answer().status())
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": one.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
