"""Reading a request's body without trusting its size or its sender's patience."""

import asyncio

from starlette.types import Message, Receive, Scope

PATIENCE = 5.0


class TooLarge(Exception):  # noqa: N818  an answer: 413
    """The body is longer than allowed; the rest of it was not read."""


class TooSlow(Exception):  # noqa: N818  an answer: 408
    """The body did not arrive in time, or its sender left."""


async def read(scope: Scope, receive: Receive, most: int) -> bytes:
    """Read the whole body, at most `most` bytes of it, within `PATIENCE` seconds. Raises `TooLarge` or `TooSlow`."""
    declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if declared.isdigit() and int(declared) > most:
        raise TooLarge
    first = await _next(receive)
    body: bytes = first.get("body", b"")
    if len(body) > most:
        raise TooLarge
    if not first.get("more_body", False):
        return body
    try:
        async with asyncio.timeout(PATIENCE):
            return await _rest(receive, [body], most)
    except TimeoutError:
        raise TooSlow from None


async def _rest(receive: Receive, chunks: list[bytes], most: int) -> bytes:
    length = len(chunks[0])
    while True:
        message = await _next(receive)
        chunk = message.get("body", b"")
        length += len(chunk)
        if length > most:
            raise TooLarge
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise TooSlow
    return message
